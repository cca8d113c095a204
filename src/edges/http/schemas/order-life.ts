/** Wire shapes of what happened to an order. */
import { z } from 'zod';
import { LIFE_EVENT_TYPES } from '#core/order-life.ts';
import type { OrderLifeRecord } from '#core/store/orders.ts';
import { decimalOutput, isoTime, pageOf, timeOutput } from './shared-pieces.ts';

export const OrderLifeSchema = z
  .object({
    id: z.string().describe('Id of the event; later events have larger ones.'),
    type: z
      .enum(LIFE_EVENT_TYPES)
      .describe(
        '`requested`: stored. `submitting`: about to be sent, once. `unknown`: sent without a certain answer. `fill`: one execution. `action`: something one of its automatic actions did or could not do.',
      ),
    at: timeOutput.describe('When we learned of it.'),
    price: decimalOutput.nullable().describe('Price of a fill.'),
    quantity: decimalOutput.nullable().describe('Size of a fill.'),
    trade_id: z.string().nullable().describe("The exchange's id of a fill."),
    reason_code: z.string().nullable().describe("Code of why, ours or the exchange's own; `null` when there is nothing to say."),
    reason: z.string().nullable().describe('The same in words.'),
    related_order_id: z.string().nullable().describe('Another order that an automatic action has placed or cancelled.'),
  })
  .meta({
    id: 'OrderEvent',
    description: 'Something that happened to an order.',
    examples: [
      {
        id: '4711',
        type: 'fill',
        at: '2026-11-20T07:00:10.000Z',
        price: '59000',
        quantity: '0.001',
        trade_id: '991',
        reason_code: null,
        reason: null,
        related_order_id: null,
      },
    ],
  });
export const OrderLifePage = pageOf('OrderEventPage', OrderLifeSchema, 'What happened to an order, newest first.');

export function presentLife(event: OrderLifeRecord): z.output<typeof OrderLifeSchema> {
  return {
    id: event.id,
    type: event.type,
    at: isoTime(event.at),
    price: event.price,
    quantity: event.size,
    trade_id: event.tradeId,
    reason_code: event.reasonCode,
    reason: event.reason,
    related_order_id: event.relatedOrderId,
  };
}

/** Wire shapes of cancelling many orders at once. */
import { z } from 'zod';
import { type BatchCancel, MAX_BATCH_CANCEL } from '#app/orders/batch-cancel.ts';
import { decimal } from '#core/money.ts';
import { publicStatus } from '#core/order.ts';
import { STATUSES } from './orders.ts';
import { idInput, symbolInput } from './shared-pieces.ts';

export const CancelRequest = z
  .strictObject({
    ids: z.array(idInput).min(1).max(MAX_BATCH_CANCEL).optional().describe(`Orders by id, up to ${MAX_BATCH_CANCEL}.`),
    account_id: idInput.optional().describe('All orders on this account that are not over, those of its bots included.'),
    symbol: symbolInput.optional().describe('Narrows `account_id` to one symbol.'),
    bot_id: idInput.optional().describe('All orders of this bot that are not over. A bot that runs may place new ones: stop or pause it instead.'),
  })
  .meta({
    id: 'CancelRequest',
    description: 'Which orders to cancel: exactly one of `ids`, `account_id` and `bot_id`.',
    examples: [{ ids: ['0198f5a6-4e1c-7c33-9b1e-dddd1d2b3c4d'] }],
  });

export const CancelAnswer = z
  .object({
    items: z
      .array(
        z.object({
          id: z.string().describe('Id of the order.'),
          result: z
            .enum(['cancelling', 'not_open', 'not_found'])
            .describe('`cancelling`: the wish is noted and will be carried out. `not_open`: it was over before. `not_found`: none of yours.'),
          status: z.enum(STATUSES).nullable().describe('Where the order stands now; `null` when it is not found.'),
          client_order_id: z.string().nullable().describe('Our own name for it; `null` when it is not found.'),
        }),
      )
      .describe('One entry for each order.'),
    has_more: z.boolean().describe(`Whether more than ${MAX_BATCH_CANCEL} were meant: then send the request again for the rest.`),
  })
  .meta({
    id: 'CancelAnswer',
    description: 'What becomes of each order. Read an order, or its events, to learn how it ended.',
    examples: [
      {
        items: [{ id: '0198f5a6-4e1c-7c33-9b1e-dddd1d2b3c4d', result: 'cancelling', status: 'open', client_order_id: 'am0g2h400000100000000000175' }],
        has_more: false,
      },
    ],
  });

export function presentCancels({ items, isWhole }: BatchCancel): z.output<typeof CancelAnswer> {
  return {
    items: items.map(({ id, outcome, order }) => ({
      id,
      result: outcome,
      status: order === null ? null : publicStatus(order.state, decimal(order.filledSize).isZero() ? 0 : 1),
      client_order_id: order?.clientOrderId ?? null,
    })),
    has_more: !isWhole,
  };
}

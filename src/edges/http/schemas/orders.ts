/** Wire shapes of orders and fills. */
import { z } from 'zod';
import type { OrderView } from '#app/orders/orders.ts';
import { decimal, plain } from '#core/money.ts';
import { type OrderState, type OrderType, type PublicOrderStatus, publicStatus } from '#core/order.ts';
import type { OrderFilter } from '#core/order-filter.ts';
import type { FillRecord } from '#core/store/fills.ts';
import { AssetAmount } from './bot-history.ts';
import { Actions, NewActions, presentActions } from './order-actions.ts';
import { decimalOutput, idInput, isoTime, pageOf, pageQuery, positiveDecimalInput, symbolInput, timeInput, timeOutput } from './shared-pieces.ts';

const TYPES = ['limit', 'market', 'stop_limit', 'stop_market'] as const;
export const STATUSES = ['pending', 'open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired'] as const satisfies readonly PublicOrderStatus[];

export const NewOrder = z
  .strictObject({
    account_id: idInput.optional().describe('The exchange account to trade on. Give this or `bot_id`.'),
    bot_id: idInput.optional().describe('A bot whose account is to be used and among whose orders this one is to be listed. It is not part of its run.'),
    symbol: symbolInput.describe('What to trade, such as `BTC/USDT`.'),
    side: z.enum(['buy', 'sell']).describe('Direction.'),
    type: z.enum(TYPES).describe('Kind of order.'),
    quantity: positiveDecimalInput.describe('Size in the base coin.'),
    price: positiveDecimalInput.optional().describe('Limit price; for `limit` and `stop_limit` only.'),
    trigger_price: positiveDecimalInput.optional().describe('Price at which the order comes alive; for `stop_limit` and `stop_market` only.'),
    time_in_force: z.enum(['gtc', 'ioc', 'fok']).default('gtc').describe('Good till cancelled, immediate or cancel, fill or kill.'),
    post_only: z.boolean().default(false).describe('Refuse rather than trade at once; for `limit` only.'),
    reduce_only: z
      .boolean()
      .default(false)
      .describe('Only lessen what is held. At a spot exchange: purchases are refused, and sales of more than the free holding.'),
    actions: NewActions.optional().describe('What is to follow from what becomes of the order.'),
  })
  .meta({
    id: 'NewOrder',
    description: 'An order to be placed by hand.',
    examples: [{ account_id: '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '59000' }],
  });

export const IdempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .max(128)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
    .optional()
    .describe('A text of your own, new for each order: sent again with it, the request gives the first order instead of a second one.'),
});

export const OrderQuery = pageQuery({
  account_id: idInput.optional().describe('Only orders on this account.'),
  bot_id: idInput.optional().describe('Only orders of this bot.'),
  symbol: symbolInput.optional().describe('Only orders of this symbol.'),
  side: z.enum(['buy', 'sell']).optional().describe('Only orders in this direction.'),
  type: z.enum(TYPES).optional().describe('Only orders of this kind.'),
  status: z.enum(STATUSES).optional().describe('Only orders in this status. `open` includes those partially filled.'),
  created_from: timeInput.optional().describe('Only orders made at this time or later.'),
  created_before: timeInput.optional().describe('Only orders made before this time.'),
  search: z
    .string()
    .regex(/^[\x21-\x7e]{3,64}$/, 'must be 3 to 64 characters without blanks')
    .optional()
    .describe('Only orders whose `client_order_id` or `exchange_order_id` begins with this, or whose `id` it is.'),
});

export const OrderSchema = z
  .object({
    id: z.string().describe('Id of the order.'),
    client_order_id: z.string().describe('Our own name for it at the exchange, made before it was sent.'),
    exchange_order_id: z.string().nullable().describe("The exchange's id; `null` until it is known."),
    account_id: z.string().describe('The account it is on.'),
    bot_id: z.string().nullable().describe('The bot it belongs to; `null` when placed by hand for no bot.'),
    symbol: z.string().describe('What is traded.'),
    side: z.enum(['buy', 'sell']).describe('Direction.'),
    type: z.enum(TYPES).describe('Kind of order.'),
    time_in_force: z.enum(['gtc', 'ioc', 'fok']).describe('Good till cancelled, immediate or cancel, fill or kill.'),
    post_only: z.boolean().describe('Whether it may never trade at once.'),
    reduce_only: z.boolean().describe('Whether it may only lessen what is held.'),
    quantity: decimalOutput.describe('Size in the base coin.'),
    price: decimalOutput.nullable().describe('Limit price; `null` where the type has none.'),
    trigger_price: decimalOutput.nullable().describe('Trigger price; `null` where the type has none.'),
    status: z.enum(STATUSES).describe('Where it stands. `pending`: sent, or about to be, without a certain answer yet.'),
    filled_quantity: decimalOutput.describe('How much has been executed.'),
    average_price: decimalOutput.nullable().describe('Average price of what was executed; `null` before the first execution.'),
    fee: decimalOutput.nullable().describe('Fee so far, in `fee_asset`; `null` when there is none yet or it was paid in several coins.'),
    fee_asset: z.string().nullable().describe('The coin of `fee`.'),
    fees: z.array(AssetAmount).describe('Fees so far by coin.'),
    is_cancel_requested: z.boolean().describe('Whether it is being cancelled.'),
    parent_order_id: z.string().nullable().describe('The order whose automatic actions have placed this one.'),
    actions: Actions.nullable().describe('The automatic actions it came with; `null` for none.'),
    reason_code: z.string().nullable().describe('Code of why it was refused or ended; `null` when there is nothing to say.'),
    reason: z.string().nullable().describe('The same in words.'),
    created_at: timeOutput.describe('When it was made.'),
    updated_at: timeOutput.describe('When it last changed.'),
  })
  .meta({
    id: 'Order',
    description: 'An order and where it stands.',
    examples: [
      {
        id: '0198f5a6-4e1c-7c33-9b1e-dddd1d2b3c4d',
        client_order_id: 'am0g2h400000100000000000175',
        exchange_order_id: '28457',
        account_id: '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d',
        bot_id: null,
        symbol: 'BTC/USDT',
        side: 'buy',
        type: 'limit',
        time_in_force: 'gtc',
        post_only: false,
        reduce_only: false,
        quantity: '0.001',
        price: '59000',
        trigger_price: null,
        status: 'open',
        filled_quantity: '0',
        average_price: null,
        fee: null,
        fee_asset: null,
        fees: [],
        is_cancel_requested: false,
        parent_order_id: null,
        actions: null,
        reason_code: null,
        reason: null,
        created_at: '2026-11-20T07:00:00.000Z',
        updated_at: '2026-11-20T07:00:00.200Z',
      },
    ],
  });
export const OrderPage = pageOf('OrderPage', OrderSchema, 'Orders, newest first.');

export const FillSchema = z
  .object({
    trade_id: z.string().describe("The exchange's id of the execution."),
    order_id: z.string().describe('The order that was executed.'),
    bot_id: z.string().nullable().describe('The bot of the order.'),
    account_id: z.string().describe('The account of the order.'),
    symbol: z.string().describe('What was traded.'),
    side: z.enum(['buy', 'sell']).describe('Direction.'),
    price: decimalOutput.describe('Price.'),
    quantity: decimalOutput.describe('Size in the base coin.'),
    fee: decimalOutput.describe('Fee, in `fee_asset`.'),
    fee_asset: z.string().describe('The coin the fee was paid in.'),
    is_maker: z.boolean().describe('Whether the order was waiting in the book.'),
    at: timeOutput.describe('When it was executed.'),
  })
  .meta({
    id: 'Fill',
    description: 'One execution.',
    examples: [
      {
        trade_id: '991',
        order_id: '0198f5a6-4e1c-7c33-9b1e-dddd1d2b3c4d',
        bot_id: null,
        account_id: '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d',
        symbol: 'BTC/USDT',
        side: 'buy',
        price: '59000',
        quantity: '0.001',
        fee: '0.000001',
        fee_asset: 'BTC',
        is_maker: true,
        at: '2026-11-20T07:00:10.000Z',
      },
    ],
  });
export const FillPage = pageOf('FillPage', FillSchema, 'Executions, newest first.');

const WIRE_TYPES: Readonly<Record<OrderType, (typeof TYPES)[number]>> = {
  limit: 'limit',
  market: 'market',
  stopLimit: 'stop_limit',
  stopMarket: 'stop_market',
};

/** The kind of order as the wire names it. */
export function wireType(type: OrderType): (typeof TYPES)[number] {
  return WIRE_TYPES[type];
}

/** The kind of order behind a name of the wire. */
export function orderType(name: (typeof TYPES)[number]): OrderType {
  return ({ limit: 'limit', market: 'market', stop_limit: 'stopLimit', stop_market: 'stopMarket' } as const)[name];
}

/** The filter behind a query. */
export function orderFilter(query: z.output<typeof OrderQuery>): OrderFilter {
  const { account_id: accountId, bot_id: botId, symbol, side, type, status, created_from: createdFrom, created_before: createdBefore, search } = query;
  return {
    ...(accountId === undefined ? {} : { accountId }),
    ...(botId === undefined ? {} : { botId }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(side === undefined ? {} : { side }),
    ...(type === undefined ? {} : { type: orderType(type) }),
    ...(status === undefined ? {} : { states: STATES[status] }),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
    ...(search === undefined ? {} : { search }),
  };
}

/** The states behind a public status. */
const STATES: Readonly<Record<PublicOrderStatus, readonly OrderState[]>> = {
  pending: ['initialized', 'submitting', 'unknown'],
  open: ['accepted', 'partiallyFilled', 'cancelling'],
  partially_filled: ['partiallyFilled'],
  filled: ['filled'],
  cancelled: ['cancelled'],
  rejected: ['rejected', 'denied'],
  expired: ['expired'],
};

/** Decimal places to which an average price is shown beyond those of its parts. */
const AVERAGE_PLACES = 10;

export function presentOrder({ order, fees, actions }: OrderView): z.output<typeof OrderSchema> {
  const filled = decimal(order.filledSize);
  const [only, ...others] = fees;
  const isOneFee = only !== undefined && others.length === 0;
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    exchange_order_id: order.venueOrderId,
    account_id: order.accountId,
    bot_id: order.botId,
    symbol: order.symbol,
    side: order.side,
    type: wireType(order.type),
    time_in_force: order.timeInForce,
    post_only: order.postOnly,
    reduce_only: order.reduceOnly,
    quantity: order.size,
    price: order.price,
    trigger_price: order.triggerPrice,
    status: publicStatus(order.state, filled.isZero() ? 0 : 1),
    filled_quantity: plain(filled),
    average_price: filled.isZero() ? null : plain(decimal(order.filledQuote).div(filled).toDecimalPlaces(AVERAGE_PLACES)),
    fee: isOneFee ? only.amount : null,
    fee_asset: isOneFee ? only.asset : null,
    fees: [...fees],
    is_cancel_requested: order.cancelRequestedAt !== null,
    parent_order_id: order.parentOrderId,
    actions: actions === null ? null : presentActions(actions),
    reason_code: order.reasonCode,
    reason: order.reason,
    created_at: isoTime(order.createdAt),
    updated_at: isoTime(order.updatedAt),
  };
}

export function presentFill(fill: FillRecord): z.output<typeof FillSchema> {
  return {
    trade_id: fill.tradeId,
    order_id: fill.orderId,
    bot_id: fill.botId,
    account_id: fill.accountId,
    symbol: fill.symbol,
    side: fill.side,
    price: fill.price,
    quantity: fill.size,
    fee: fill.feeAmount,
    fee_asset: fill.feeAsset,
    is_maker: fill.isMaker,
    at: isoTime(fill.at),
  };
}

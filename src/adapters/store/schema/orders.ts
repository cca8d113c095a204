/**
 * Tables of orders: the orders themselves, their lives and automatic actions, and the ledger of executions.
 */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, foreignKey, index, json, numeric, pgTable, pgView, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { amount, id, instant, longCounter } from './columns.ts';
import { exchangeAccounts, users } from './people.ts';
import { bots, runs } from './trading.ts';

/** The states in which an order is over; the partial indexes below and every query must use these very words. */
const TERMINAL = sql.raw(`('denied', 'filled', 'rejected', 'cancelled', 'expired')`);

export const orders = pgTable(
  'orders',
  {
    id: id('id').primaryKey(),
    clientOrderId: text('client_order_id').notNull(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    botId: id('bot_id').references(() => bots.id),
    runId: id('run_id').references(() => runs.id),
    symbol: text('symbol').notNull(),
    side: text('side').notNull(),
    type: text('type').notNull(),
    timeInForce: text('time_in_force').notNull(),
    postOnly: boolean('post_only').notNull(),
    reduceOnly: boolean('reduce_only').notNull().default(false),
    price: amount('price'),
    triggerPrice: amount('trigger_price'),
    size: amount('size').notNull(),
    /** Sum of the fills' sizes, and of price times size; written only together with fills. */
    filledSize: amount('filled_size').notNull().default('0'),
    filledQuote: amount('filled_quote').notNull().default('0'),
    state: text('state').notNull(),
    reasonCode: text('reason_code'),
    reason: text('reason'),
    tag: text('tag').notNull(),
    /** The order whose automatic actions have placed this one. */
    parentOrderId: id('parent_order_id'),
    venueOrderId: text('venue_order_id'),
    deadlineAt: instant('deadline_at'),
    cancelRequestedAt: instant('cancel_requested_at'),
    idempotencyKey: text('idempotency_key'),
    /** The request the key was given with, to tell a repetition from another order. */
    idempotencyRequest: text('idempotency_request'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('orders_client_order_id').on(table.clientOrderId),
    uniqueIndex('orders_venue_order_id').on(table.accountId, table.symbol, table.venueOrderId).where(sql`${table.venueOrderId} is not null`),
    uniqueIndex('orders_idempotency_key').on(table.userId, table.idempotencyKey).where(sql`${table.idempotencyKey} is not null`),
    index('orders_alive').on(table.accountId, table.runId, table.createdAt).where(sql`${table.state} not in ${TERMINAL}`),
    index('orders_wished_off')
      .on(table.botId)
      .where(sql`${table.cancelRequestedAt} is not null and ${table.runId} is not null and ${table.state} not in ${TERMINAL}`),
    index('orders_list').on(table.userId, table.createdAt, table.id),
    index('orders_open').on(table.userId, table.createdAt, table.id).where(sql`${table.state} not in ${TERMINAL}`),
    index('orders_of_account').on(table.accountId, table.createdAt, table.id),
    index('orders_of_symbol').on(table.userId, table.symbol, table.createdAt, table.id),
    index('orders_client_order_id_search').on(table.userId, table.clientOrderId.op('text_pattern_ops')),
    index('orders_venue_order_id_search').on(table.userId, table.venueOrderId.op('text_pattern_ops')),
    index('orders_of_bot').on(table.botId, table.createdAt, table.id),
    index('orders_of_run').on(table.runId),
    index('orders_of_parent').on(table.parentOrderId).where(sql`${table.parentOrderId} is not null`),
    foreignKey({ name: 'orders_parent', columns: [table.parentOrderId], foreignColumns: [table.id] }),
    check('orders_side', sql`${table.side} in ('buy', 'sell')`),
    check('orders_type', sql`${table.type} in ('limit', 'market', 'stopLimit', 'stopMarket')`),
    check('orders_time_in_force', sql`${table.timeInForce} in ('gtc', 'ioc', 'fok')`),
    check(
      'orders_state',
      sql`${table.state} in ('initialized', 'denied', 'submitting', 'accepted', 'partiallyFilled', 'filled', 'rejected', 'cancelling', 'cancelled', 'expired', 'unknown')`,
    ),
    check('orders_size', sql`${table.size} > 0 and ${table.filledSize} >= 0`),
    check('orders_run', sql`${table.runId} is null or ${table.botId} is not null`),
  ],
);

/** The life of every order: what happened to it and when we learned of it. Written in the transaction of the change. */
export const orderEvents = pgTable(
  'order_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    orderId: id('order_id')
      .notNull()
      .references(() => orders.id),
    type: text('type').notNull(),
    at: instant('at').notNull(),
    price: amount('price'),
    size: amount('size'),
    tradeId: text('trade_id'),
    reasonCode: text('reason_code'),
    reason: text('reason'),
    relatedOrderId: id('related_order_id'),
  },
  (table) => [
    index('order_events_of_order').on(table.orderId, table.id),
    check(
      'order_events_type',
      sql`${table.type} in ('requested', 'denied', 'submitting', 'accepted', 'fill', 'filled', 'cancel_requested', 'cancelled', 'expired', 'rejected', 'unknown', 'action')`,
    ),
    check('order_events_fill', sql`(${table.type} = 'fill') = (${table.tradeId} is not null)`),
  ],
);

/** Automatic actions, beside the order they came with; advanced only together with a step on their tape. */
export const orderActions = pgTable(
  'order_actions',
  {
    orderId: id('order_id')
      .primaryKey()
      .references(() => orders.id),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    rules: json('rules').notNull(),
    plan: json('plan').notNull(),
    state: json('state').notNull(),
    sequence: longCounter('sequence').notNull().default(0),
    isActive: boolean('is_active').notNull().default(true),
    calledOffAt: instant('called_off_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('order_actions_active').on(table.accountId).where(sql`${table.isActive}`)],
);

/** The tape of automatic actions: what they were told and what they answered, without gap. */
export const actionJournal = pgTable(
  'action_journal',
  {
    orderId: id('order_id')
      .notNull()
      .references(() => orderActions.orderId),
    sequence: longCounter('sequence').notNull(),
    event: json('event').notNull(),
    commands: json('commands').notNull(),
  },
  (table) => [primaryKey({ name: 'action_journal_key', columns: [table.orderId, table.sequence] })],
);

/** The ledger: every execution once. */
export const fills = pgTable(
  'fills',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    orderId: id('order_id')
      .notNull()
      .references(() => orders.id),
    userId: id('user_id').notNull(),
    accountId: id('account_id').notNull(),
    botId: id('bot_id'),
    runId: id('run_id'),
    clientOrderId: text('client_order_id').notNull(),
    venueOrderId: text('venue_order_id').notNull(),
    tradeId: text('trade_id').notNull(),
    symbol: text('symbol').notNull(),
    side: text('side').notNull(),
    price: amount('price').notNull(),
    size: amount('size').notNull(),
    feeAsset: text('fee_asset').notNull(),
    feeAmount: amount('fee_amount').notNull(),
    isMaker: boolean('is_maker').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    uniqueIndex('fills_trade').on(table.accountId, table.symbol, table.tradeId),
    index('fills_of_order').on(table.orderId),
    index('fills_of_run').on(table.runId),
    index('fills_of_bot').on(table.botId, table.at, table.id),
    index('fills_list').on(table.userId, table.at, table.id),
    foreignKey({ name: 'fills_account', columns: [table.accountId], foreignColumns: [exchangeAccounts.id] }),
    check('fills_side', sql`${table.side} in ('buy', 'sell')`),
    check('fills_amounts', sql`${table.price} >= 0 and ${table.size} > 0`),
  ],
);

/**
 * Positions in perpetuals, folded from the fills in the transaction that adds them: by run, or for orders placed by hand. Money
 * moves when a part is closed, so it cannot be read off a single fill as it can for spot.
 */
export const perpetualPositions = pgTable(
  'perpetual_positions',
  {
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    symbol: text('symbol').notNull(),
    /** The run, or `hand`. */
    holder: text('holder').notNull(),
    /** Signed, in base coin. */
    size: numeric('size').notNull(),
    /** What the size was entered at, signed alike. */
    entryValue: numeric('entry_value').notNull(),
    /** Profit of what was closed, before fees and funding. */
    realised: numeric('realised').notNull(),
  },
  (table) => [primaryKey({ name: 'perpetual_positions_key', columns: [table.accountId, table.symbol, table.holder] })],
);

/** Funding settlements of runs, each once. */
export const fundingPayments = pgTable(
  'funding_payments',
  {
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    symbol: text('symbol').notNull(),
    paymentId: text('payment_id').notNull(),
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    asset: text('asset').notNull(),
    /** Positive when received. */
    amount: numeric('amount').notNull(),
    rate: numeric('rate'),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'funding_payments_key', columns: [table.accountId, table.symbol, table.paymentId] }),
    index('funding_payments_of_run').on(table.runId, table.at),
  ],
);

/** What each fill has added to (or taken from) each asset: the size, the money for it, and the fee; of a perpetual the fee alone. */
export const fillFlows = pgView('fill_flows', {
  fillId: bigint('fill_id', { mode: 'number' }).notNull(),
  accountId: id('account_id').notNull(),
  runId: id('run_id'),
  asset: text('asset').notNull(),
  amount: numeric('amount').notNull(),
}).as(sql`
  select f.id as fill_id, f.account_id, f.run_id, flow.asset, flow.amount
  from fills f
  cross join lateral (values
    (split_part(f.symbol, '/', 1), case when f.side = 'buy' then f.size else -f.size end, true),
    (split_part(f.symbol, '/', 2), case when f.side = 'buy' then -f.size * f.price else f.size * f.price end, true),
    (f.fee_asset, -f.fee_amount, false)
  ) as flow (asset, amount, is_exchanged)
  where not (flow.is_exchanged and f.symbol like '%:%')`);

/**
 * Tables around trading: leases, bots and their runs, the journal, orders, fills, and the outbox of facts.
 */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, foreignKey, index, integer, json, numeric, pgTable, pgView, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { amount, counter, databaseInstant, id, instant, longCounter } from './columns.ts';
import { exchangeAccounts, users } from './people.ts';

/** Who owns a bot or an account, on the database's clock. An owner of '' has given the lease back. */
export const leases = pgTable(
  'leases',
  {
    subject: text('subject').primaryKey(),
    owner: text('owner').notNull(),
    epoch: counter('epoch').notNull(),
    expiresAt: databaseInstant('expires_at').notNull(),
  },
  (table) => [check('leases_epoch', sql`${table.epoch} >= 1`)],
);

export const bots = pgTable(
  'bots',
  {
    id: id('id').primaryKey(),
    number: integer('number').notNull().generatedAlwaysAsIdentity(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    name: text('name').notNull(),
    strategy: text('strategy').notNull(),
    symbol: text('symbol').notNull(),
    mode: text('mode').notNull(),
    configVersion: counter('config_version').notNull(),
    desired: text('desired').notNull(),
    status: text('status').notNull(),
    statusReason: text('status_reason').notNull(),
    runId: id('run_id'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    removedAt: instant('removed_at'),
  },
  (table) => [
    uniqueIndex('bots_number').on(table.number),
    index('bots_list').on(table.userId, table.createdAt, table.id).where(sql`${table.removedAt} is null`),
    index('bots_of_account').on(table.accountId).where(sql`${table.removedAt} is null`),
    check('bots_number_range', sql`${table.number} < 1073741824`),
    check('bots_mode', sql`${table.mode} in ('paper', 'live')`),
    check('bots_desired', sql`${table.desired} in ('running', 'paused', 'stopped', 'panicked')`),
    check('bots_status', sql`${table.status} in ('stopped', 'starting', 'running', 'pausing', 'paused', 'stopping', 'error')`),
  ],
);

/** Every version of a bot's settings; never changed, only added to. */
export const botConfigs = pgTable(
  'bot_configs',
  {
    botId: id('bot_id')
      .notNull()
      .references(() => bots.id),
    version: counter('version').notNull(),
    config: json('config').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ name: 'bot_configs_key', columns: [table.botId, table.version] })],
);

export const runs = pgTable(
  'runs',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    botId: id('bot_id')
      .notNull()
      .references(() => bots.id),
    accountId: id('account_id')
      .notNull()
      .references(() => exchangeAccounts.id),
    recipe: json('recipe').notNull(),
    sequence: longCounter('sequence').notNull().default(0),
    state: json('state'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    endReason: text('end_reason'),
  },
  (table) => [
    index('runs_of_bot').on(table.botId, table.startedAt, table.id),
    uniqueIndex('runs_open_of_bot').on(table.botId).where(sql`${table.endedAt} is null`),
    index('runs_open_of_account').on(table.accountId).where(sql`${table.endedAt} is null`),
    check('runs_end', sql`(${table.endedAt} is null) = (${table.endReason} is null)`),
  ],
);

/** What a run was promised of each asset when it began: its budget. */
export const runReservations = pgTable(
  'run_reservations',
  {
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    asset: text('asset').notNull(),
    amount: amount('amount').notNull(),
  },
  (table) => [primaryKey({ name: 'run_reservations_key', columns: [table.runId, table.asset] }), check('run_reservations_amount', sql`${table.amount} >= 0`)],
);

/**
 * What a run's fills add up to in each asset; its position. Written only in the transaction that adds the fills, so that the
 * budget check of an order need not add up a year of fills.
 */
export const runPositions = pgTable(
  'run_positions',
  {
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    asset: text('asset').notNull(),
    amount: amount('amount').notNull(),
  },
  (table) => [primaryKey({ name: 'run_positions_key', columns: [table.runId, table.asset] })],
);

/** The tape of a run: what it was told and what it answered, without gap. */
export const journal = pgTable(
  'journal',
  {
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    sequence: longCounter('sequence').notNull(),
    event: json('event').notNull(),
    commands: json('commands').notNull(),
  },
  (table) => [primaryKey({ name: 'journal_key', columns: [table.runId, table.sequence] }), check('journal_sequence', sql`${table.sequence} >= 1`)],
);

export const equityPoints = pgTable(
  'equity_points',
  {
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    at: instant('at').notNull(),
    profit: amount('profit').notNull(),
    price: amount('price').notNull(),
  },
  (table) => [primaryKey({ name: 'equity_points_key', columns: [table.runId, table.at] })],
);

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
    venueOrderId: text('venue_order_id'),
    deadlineAt: instant('deadline_at'),
    cancelRequestedAt: instant('cancel_requested_at'),
    idempotencyKey: text('idempotency_key'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('orders_client_order_id').on(table.clientOrderId),
    uniqueIndex('orders_venue_order_id').on(table.accountId, table.symbol, table.venueOrderId).where(sql`${table.venueOrderId} is not null`),
    uniqueIndex('orders_idempotency_key').on(table.userId, table.idempotencyKey).where(sql`${table.idempotencyKey} is not null`),
    index('orders_alive').on(table.accountId, table.runId, table.createdAt).where(sql`${table.state} not in ${TERMINAL}`),
    index('orders_list').on(table.userId, table.createdAt, table.id),
    index('orders_of_bot').on(table.botId, table.createdAt, table.id),
    index('orders_of_run').on(table.runId),
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

/** What each fill has added to (or taken from) each asset: the size, the money for it, and the fee. */
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
    (split_part(f.symbol, '/', 1), case when f.side = 'buy' then f.size else -f.size end),
    (split_part(split_part(f.symbol, '/', 2), ':', 1), case when f.side = 'buy' then -f.size * f.price else f.size * f.price end),
    (f.fee_asset, -f.fee_amount)
  ) as flow (asset, amount)`);

/** The outbox: facts a user may be told, each once. */
export const facts = pgTable(
  'facts',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    dedupeKey: text('dedupe_key').notNull(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    botId: id('bot_id').references(() => bots.id),
    type: text('type').notNull(),
    data: json('data').notNull(),
    at: instant('at').notNull(),
    /** Somebody is telling it until then. */
    claimedUntil: databaseInstant('claimed_until'),
    toldAt: instant('told_at'),
  },
  (table) => [
    uniqueIndex('facts_dedupe_key').on(table.dedupeKey),
    index('facts_untold').on(table.id).where(sql`${table.toldAt} is null`),
    index('facts_of_bot').on(table.botId, table.at, table.id),
  ],
);

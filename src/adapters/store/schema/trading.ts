/**
 * Tables around trading: leases, bots and their runs, the journal, and the outbox of facts.
 */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, doublePrecision, index, integer, json, pgTable, pgView, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
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
    /** When the present owner took it. */
    takenAt: databaseInstant('taken_at').notNull().defaultNow(),
  },
  (table) => [check('leases_epoch', sql`${table.epoch} >= 1`)],
);

/** Processes that run bots, on the database's clock; rows of the dead are removed by the living. */
export const runners = pgTable('runners', {
  id: text('id').primaryKey(),
  host: text('host').notNull(),
  pid: integer('pid').notNull(),
  version: text('version').notNull(),
  roles: json('roles').notNull(),
  botTypes: json('bot_types'),
  startedAt: databaseInstant('started_at').notNull(),
  seenAt: databaseInstant('seen_at').notNull(),
  expiresAt: databaseInstant('expires_at').notNull(),
});

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
    /** What is to be known of where its settings come from. */
    warning: text('warning'),
  },
  (table) => [
    uniqueIndex('bots_number').on(table.number),
    index('bots_list').on(table.userId, table.createdAt, table.id).where(sql`${table.removedAt} is null`),
    index('bots_of_account').on(table.accountId).where(sql`${table.removedAt} is null`),
    check('bots_number_range', sql`${table.number} < 1073741824`),
    check('bots_warning', sql`${table.warning} in ('in_sample', 'out_of_sample_loss')`),
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

/** The instruments of each run and how it holds their positions, as its recipe has them. */
export const runLegs = pgView('run_legs', {
  runId: id('run_id').notNull(),
  symbol: text('symbol').notNull(),
  leverage: doublePrecision('leverage'),
  marginMode: text('margin_mode'),
}).as(sql`
  select r.id as run_id, leg -> 'instrument' ->> 'symbol' as symbol, (leg -> 'limits' ->> 'leverage')::float8 as leverage, leg ->> 'marginMode' as margin_mode
  from runs r
  cross join lateral (select r.recipe as leg union all select value from json_array_elements(r.recipe -> 'otherLegs')) legs`);

/** What a user has told a running bot to do; taken by the commit that journals it. */
export const botCommands = pgTable(
  'bot_commands',
  {
    id: id('id').primaryKey(),
    botId: id('bot_id')
      .notNull()
      .references(() => bots.id),
    runId: id('run_id').notNull(),
    name: text('name').notNull(),
    params: json('params').notNull(),
    createdAt: instant('created_at').notNull(),
    takenAt: instant('taken_at'),
  },
  (table) => [index('bot_commands_waiting').on(table.botId, table.runId).where(sql`${table.takenAt} is null`)],
);

/** What a run was promised of each asset when it began: its budget. */
export const runReservations = pgTable(
  'run_reservations',
  {
    runId: id('run_id')
      .notNull()
      .references(() => runs.id),
    /** Of the leg that it was promised for. */
    symbol: text('symbol').notNull(),
    asset: text('asset').notNull(),
    amount: amount('amount').notNull(),
  },
  (table) => [
    primaryKey({ name: 'run_reservations_key', columns: [table.runId, table.symbol, table.asset] }),
    check('run_reservations_amount', sql`${table.amount} >= 0`),
  ],
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
    /** Of the leg whose fills they were. */
    symbol: text('symbol').notNull(),
    asset: text('asset').notNull(),
    amount: amount('amount').notNull(),
  },
  (table) => [primaryKey({ name: 'run_positions_key', columns: [table.runId, table.symbol, table.asset] })],
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
    /** How often it could not be told, and why the last time. */
    failures: integer('failures').notNull().default(0),
    problem: text('problem'),
    /** Given up on; a person must look at it. */
    isParked: boolean('is_parked').notNull().default(false),
  },
  (table) => [
    uniqueIndex('facts_dedupe_key').on(table.dedupeKey),
    index('facts_untold').on(table.id).where(sql`${table.toldAt} is null and not ${table.isParked}`),
    index('facts_parked').on(table.id).where(sql`${table.toldAt} is null and ${table.isParked}`),
    index('facts_of_bot').on(table.botId, table.at, table.id),
  ],
);

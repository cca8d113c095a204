/** Tables of backtests: what users asked for, what came of it, and the files of candles they gave. */
import { sql } from 'drizzle-orm';
import { check, doublePrecision, index, integer, json, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { users } from './people.ts';

export const backtests = pgTable(
  'backtests',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    state: text('state').notNull(),
    settings: json('settings').notNull(),
    progress: doublePrecision('progress').notNull(),
    figures: json('figures'),
    failure: text('failure').notNull(),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('backtests_list').on(table.userId, table.createdAt, table.id),
    index('backtests_unfinished').on(table.createdAt).where(sql`${table.endedAt} is null`),
    check('backtests_state', sql`${table.state} in ('waiting', 'running', 'done', 'failed', 'cancelled')`),
    check('backtests_over', sql`(${table.state} in ('waiting', 'running')) = (${table.endedAt} is null)`),
  ],
);

/** Compressed, as base64: they are read whole or not at all. */
export const backtestDocuments = pgTable('backtest_documents', {
  backtestId: id('backtest_id')
    .primaryKey()
    .references(() => backtests.id, { onDelete: 'cascade' }),
  content: text('content').notNull(),
});

export const datasets = pgTable(
  'datasets',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    candles: integer('candles').notNull(),
    intervalMs: instant('interval_ms').notNull(),
    startAt: instant('start_at').notNull(),
    endAt: instant('end_at').notNull(),
    bytes: integer('bytes').notNull(),
    /** Compressed, as base64. */
    content: text('content').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('datasets_list').on(table.userId, table.createdAt, table.id)],
);

/** What was looked into of a backtest afterwards. */
export const backtestChecks = pgTable(
  'backtest_checks',
  {
    id: id('id').primaryKey(),
    backtestId: id('backtest_id')
      .notNull()
      .references(() => backtests.id, { onDelete: 'cascade' }),
    settings: json('settings').notNull(),
    state: text('state').notNull(),
    progress: doublePrecision('progress').notNull(),
    result: json('result'),
    failure: text('failure').notNull(),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('backtest_checks_list').on(table.backtestId, table.createdAt, table.id),
    index('backtest_checks_unfinished').on(table.createdAt).where(sql`${table.endedAt} is null`),
    check('backtest_checks_state', sql`${table.state} in ('waiting', 'running', 'done', 'failed')`),
    check('backtest_checks_over', sql`(${table.state} in ('waiting', 'running')) = (${table.endedAt} is null)`),
  ],
);

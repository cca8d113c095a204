/** Tables of backtests: what users asked for, what came of it, and the files of candles they gave. */
import { doublePrecision, index, integer, json, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { lifeColumns, lifeOf } from './life.ts';
import { users } from './people.ts';

export const backtests = pgTable(
  'backtests',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    ...lifeColumns(),
    settings: json('settings').notNull(),
    progress: doublePrecision('progress').notNull(),
    figures: json('figures'),
    startedAt: instant('started_at'),
  },
  (table) => [
    index('backtests_list').on(table.userId, table.createdAt, table.id),
    ...lifeOf('backtests', table, ['waiting', 'running'], ['done', 'failed', 'cancelled']),
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
    ...lifeColumns(),
    settings: json('settings').notNull(),
    progress: doublePrecision('progress').notNull(),
    result: json('result'),
  },
  (table) => [
    index('backtest_checks_list').on(table.backtestId, table.createdAt, table.id),
    ...lifeOf('backtest_checks', table, ['waiting', 'running'], ['done', 'failed']),
  ],
);

/** Tables of optimisations: what users asked for, the candles and pieces of work while they run, and the results. */
import { boolean, index, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { lifeColumns, lifeOf } from './life.ts';
import { users } from './people.ts';

export const optimizations = pgTable(
  'optimizations',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    ...lifeColumns(),
    settings: json('settings').notNull(),
    trials: integer('trials').notNull(),
    trialsDone: integer('trials_done').notNull(),
    fingerprint: text('fingerprint').notNull(),
    summary: json('summary'),
    startedAt: instant('started_at'),
  },
  (table) => [
    index('optimizations_list').on(table.userId, table.createdAt, table.id),
    ...lifeOf('optimizations', table, ['waiting', 'running', 'paused'], ['done', 'failed', 'cancelled']),
  ],
);

const ofOptimization = () =>
  id('optimization_id')
    .notNull()
    .references(() => optimizations.id, { onDelete: 'cascade' });

/** Compressed, as base64; only while it works. */
export const optimizationCandles = pgTable('optimization_candles', {
  optimizationId: ofOptimization().primaryKey(),
  content: text('content').notNull(),
});

/** Compressed, as base64; only while it works. */
export const optimizationChunks = pgTable(
  'optimization_chunks',
  { optimizationId: ofOptimization(), chunk: integer('chunk').notNull(), content: text('content').notNull() },
  (table) => [primaryKey({ columns: [table.optimizationId, table.chunk] })],
);

export const optimizationResults = pgTable(
  'optimization_results',
  {
    optimizationId: ofOptimization(),
    rank: integer('rank').notNull(),
    trial: integer('trial').notNull(),
    config: json('config').notNull(),
    scores: json('scores').notNull(),
    isOnFront: boolean('is_on_front').notNull(),
    inSample: json('in_sample').notNull(),
    outOfSample: json('out_of_sample'),
  },
  (table) => [primaryKey({ columns: [table.optimizationId, table.rank] })],
);

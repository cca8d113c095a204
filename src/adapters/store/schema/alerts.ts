/** The table of what users want to be told of without any bot. */
import { boolean, index, json, pgTable, text } from 'drizzle-orm/pg-core';
import { counter, id, instant, longCounter } from './columns.ts';
import { users } from './people.ts';

export const alerts = pgTable(
  'alerts',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** What it watches and where it speaks. */
    condition: json('condition').notNull(),
    note: text('note').notNull(),
    repeats: boolean('repeats').notNull(),
    cooldownMs: longCounter('cooldown_ms').notNull(),
    isOn: boolean('is_on').notNull(),
    /** Whether it may speak; one that repeats is armed again once its figure has clearly gone back. */
    isArmed: boolean('is_armed').notNull(),
    /** What it has seen of its figure. */
    memory: json('memory').notNull(),
    /** Part of the key of its facts. */
    timesTriggered: counter('times_triggered').notNull().default(0),
    triggeredAt: instant('triggered_at'),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [index('alerts_list').on(table.userId, table.createdAt, table.id), index('alerts_on').on(table.isOn)],
);

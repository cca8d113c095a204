/** Tables of what users want to see of the signals, and of those that the owner has removed for all. */
import { index, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { users } from './people.ts';
import { signals } from './signals.ts';

/** Thresholds, mute and watch lists, read whole. */
export const signalChoices = pgTable('signal_choices', {
  userId: id('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  choices: json('choices').notNull(),
  changedAt: instant('changed_at').notNull(),
});

export const hiddenSignals = pgTable(
  'hidden_signals',
  {
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    signalId: id('signal_id')
      .notNull()
      .references(() => signals.id, { onDelete: 'cascade' }),
    hiddenAt: instant('hidden_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.signalId] }), index('hidden_signals_of_signal').on(table.signalId)],
);

/** Their scanners go on telling of them, and nothing of it is kept. */
export const removedSignals = pgTable(
  'removed_signals',
  {
    signalId: text('signal_id').primaryKey(),
    removedAt: instant('removed_at').notNull(),
  },
  (table) => [index('removed_signals_age').on(table.removedAt)],
);

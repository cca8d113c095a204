/** Tables of who was told of which signal: how far each audience has been told, each user's part in it, and what came beyond the limit of an hour. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { amount, id, instant } from './columns.ts';
import { users } from './people.ts';
import { signals } from './signals.ts';

/** An audience is those whose plan shows signals so late. */
export const signalTellings = pgTable(
  'signal_tellings',
  {
    signalId: id('signal_id')
      .notNull()
      .references(() => signals.id, { onDelete: 'cascade' }),
    delayMs: integer('delay_ms').notNull(),
    /** The most it was when it was told, in the parts of the signals. */
    netParts: bigint('net_parts', { mode: 'number' }).notNull(),
    sizeParts: bigint('size_parts', { mode: 'number' }).notNull(),
    toldAt: instant('told_at').notNull(),
    /** When it is offered once more, because some were told of the same opportunity shortly before and not of this. */
    againAt: instant('again_at'),
    /** Told that it has closed. */
    isOver: boolean('is_over').notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.signalId, table.delayMs] }), index('signal_tellings_going').on(table.delayMs).where(sql`not ${table.isOver}`)],
);

/** Of what a user's own posts said, too, which is no row of the signals. */
export const toldSignals = pgTable(
  'told_signals',
  {
    signalId: id('signal_id').notNull(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The same for the same opportunity at any time. */
    key: text('key').notNull(),
    at: instant('at').notNull(),
    state: text('state').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.signalId, table.userId] }),
    index('told_signals_key').on(table.key, table.at),
    index('told_signals_age').on(table.at),
    check('told_signals_state', sql`${table.state} in ('told', 'counted', 'over')`),
  ],
);

export const signalHours = pgTable(
  'signal_hours',
  {
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** When the hour began. */
    hour: instant('hour').notNull(),
    told: integer('told').notNull(),
    /** Those that were counted only, and the best of them. */
    beyond: integer('beyond').notNull(),
    bestPercent: amount('best_percent'),
    bestSymbol: text('best_symbol'),
    isTold: boolean('is_told').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.hour] }),
    index('signal_hours_beyond').on(table.hour).where(sql`${table.beyond} > 0 and not ${table.isTold}`),
    index('signal_hours_age').on(table.hour),
  ],
);

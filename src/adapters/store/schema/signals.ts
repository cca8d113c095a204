/** Tables of the signals: each in its newest state, its course, and what acting on it would have paid. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { amount, id, instant } from './columns.ts';

/** The document is the whole signal; the columns beside it are those that lists are narrowed and sorted by. */
export const signals = pgTable(
  'signals',
  {
    id: id('id').primaryKey(),
    version: integer('version').notNull(),
    key: text('key').notNull(),
    scanner: text('scanner').notNull(),
    base: text('base').notNull(),
    venues: text('venues').array().notNull(),
    state: text('state').notNull(),
    isQuarantined: boolean('is_quarantined').notNull(),
    /** Net in ten-thousandths of a percent and size in hundredths, rounded down: whole numbers, so that cursors compare equal. */
    netParts: bigint('net_parts', { mode: 'number' }).notNull(),
    sizeParts: bigint('size_parts', { mode: 'number' }).notNull(),
    searched: text('searched').notNull(),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
    document: json('document').notNull(),
  },
  (table) => [
    index('signals_by_time').on(table.openedAt, table.id),
    index('signals_by_net').on(table.netParts, table.id),
    index('signals_by_size').on(table.sizeParts, table.id),
    index('signals_open').on(table.scanner, table.openedAt).where(sql`${table.state} = 'open'`),
    index('signals_closed').on(table.closedAt),
    check('signals_state', sql`${table.state} in ('open', 'closed')`),
    check('signals_over', sql`(${table.state} = 'closed') = (${table.closedAt} is not null)`),
  ],
);

const ofSignal = () =>
  id('signal_id')
    .notNull()
    .references(() => signals.id, { onDelete: 'cascade' });

export const signalPoints = pgTable(
  'signal_points',
  {
    signalId: ofSignal(),
    at: instant('at').notNull(),
    entryPercent: amount('entry_percent').notNull(),
    exitPercent: amount('exit_percent').notNull(),
    netPercent: amount('net_percent').notNull(),
    maxSizeQuote: amount('max_size_quote').notNull(),
  },
  (table) => [primaryKey({ columns: [table.signalId, table.at] })],
);

export const signalOutcomes = pgTable(
  'signal_outcomes',
  {
    signalId: ofSignal(),
    minutes: integer('minutes').notNull(),
    at: instant('at').notNull(),
    netPercent: amount('net_percent'),
    problem: text('problem').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.signalId, table.minutes] }),
    check('signal_outcomes_known', sql`(${table.netPercent} is null) = (${table.problem} <> '')`),
  ],
);

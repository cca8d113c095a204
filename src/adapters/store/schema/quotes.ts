/** Tables of the market's quotes: the newest of each currency, and how their source stands with us. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { amount, instant } from './columns.ts';

/** The newest quote of each currency, by the number its source has given it: symbols are not unique. */
export const marketQuotes = pgTable(
  'market_quotes',
  {
    id: bigint('id', { mode: 'number' }).primaryKey(),
    name: text('name').notNull(),
    symbol: text('symbol').notNull(),
    slug: text('slug').notNull(),
    rank: integer('rank'),
    /** In US dollars; null where the source does not say. */
    price: amount('price'),
    marketCap: amount('market_cap'),
    volume24h: amount('volume_24h'),
    /** In percent. */
    change1h: amount('change_1h'),
    change24h: amount('change_24h'),
    change7d: amount('change_7d'),
    circulatingSupply: amount('circulating_supply'),
    /** Chain and contract of a token; null for a coin of its own chain. */
    chain: text('chain'),
    contract: text('contract'),
    /** When the source has last changed it. */
    updatedAt: instant('updated_at').notNull(),
    /** When we have read it. */
    syncedAt: instant('synced_at').notNull(),
  },
  (table) => [index('market_quotes_rank').on(table.rank, table.id)],
);

/** One row: what has been spent at the source, and until when it is to be left alone. */
export const quoteSource = pgTable(
  'quote_source',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    /** The month that the credits are counted in, such as 2026-11, in UTC. */
    month: text('month').notNull(),
    creditsUsed: integer('credits_used').notNull(),
    restUntil: instant('rest_until'),
    /** Why it rests or what went wrong last; empty when all is well. */
    problem: text('problem').notNull(),
    triedAt: instant('tried_at'),
    syncedAt: instant('synced_at'),
  },
  (table) => [check('quote_source_is_only', sql`${table.isOnly}`)],
);

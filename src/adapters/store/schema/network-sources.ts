/** Table of the accounts by which networks of coins are read, one an exchange. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { exchangeAccounts } from './people.ts';

export const networkSources = pgTable('network_sources', {
  exchange: text('exchange').primaryKey(),
  accountId: id('account_id')
    .notNull()
    .references(() => exchangeAccounts.id, { onDelete: 'cascade' }),
  setAt: instant('set_at').notNull(),
});

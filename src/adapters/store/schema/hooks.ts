/** Tables of the addresses at which other programs tell bots what to do. */
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { users } from './people.ts';
import { bots } from './trading.ts';

/** One address a bot at most. */
export const botHooks = pgTable(
  'bot_hooks',
  {
    botId: id('bot_id')
      .primaryKey()
      .references(() => bots.id, { onDelete: 'cascade' }),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** What stands in the address; changes with the secret. */
    hookId: text('hook_id').notNull(),
    sealed: text('sealed').notNull(),
    isEnabled: boolean('is_enabled').notNull(),
    /** Seconds; null where messages need no time. */
    maxAgeSeconds: integer('max_age_seconds'),
    isTradingViewOnly: boolean('is_trading_view_only').notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    lastAt: instant('last_at'),
    lastOutcome: text('last_outcome'),
  },
  (table) => [uniqueIndex('bot_hooks_hook').on(table.hookId), index('bot_hooks_user').on(table.userId)],
);

/** What has come lately, as digests, so that the same message acts once. */
export const hookReceipts = pgTable(
  'hook_receipts',
  {
    botId: id('bot_id')
      .notNull()
      .references(() => bots.id, { onDelete: 'cascade' }),
    digest: text('digest').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ name: 'hook_receipts_pk', columns: [table.botId, table.digest] }), index('hook_receipts_at').on(table.at)],
);

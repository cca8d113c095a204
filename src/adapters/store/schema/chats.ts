/** Tables of the conversation by Telegram: whose chat is whose, and what has come from chats. */
import { bigint, index, integer, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { databaseInstant, id, instant } from './columns.ts';
import { users } from './people.ts';

/** One code a user at a time, kept as a keyed digest. */
export const telegramCodes = pgTable(
  'telegram_codes',
  {
    userId: id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    codeHash: text('code_hash').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [uniqueIndex('telegram_codes_hash').on(table.codeHash)],
);

/** A user has one chat, and a chat one user. */
export const telegramLinks = pgTable(
  'telegram_links',
  {
    userId: id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    chatId: text('chat_id').notNull(),
    linkedAt: instant('linked_at').notNull(),
  },
  (table) => [uniqueIndex('telegram_links_chat').on(table.chatId)],
);

/** Who asks Telegram for updates, and from which on. A bot is named by the number in its token. */
export const telegramTurns = pgTable('telegram_turns', {
  botId: text('bot_id').primaryKey(),
  owner: text('owner').notNull(),
  until: databaseInstant('until').notNull(),
  nextUpdate: bigint('next_update', { mode: 'number' }),
  receivedAt: instant('received_at'),
  /** By what name people find the bot. */
  name: text('name'),
});

/** Each update once, however often it comes. What it says is forgotten when it has been dealt with. */
export const telegramUpdates = pgTable(
  'telegram_updates',
  {
    botId: text('bot_id').notNull(),
    updateId: bigint('update_id', { mode: 'number' }).notNull(),
    chatId: text('chat_id').notNull(),
    update: json('update'),
    receivedAt: instant('received_at').notNull(),
    claimedBy: text('claimed_by'),
    claimedUntil: databaseInstant('claimed_until'),
    tries: integer('tries').notNull().default(0),
    doneAt: instant('done_at'),
  },
  (table) => [primaryKey({ name: 'telegram_updates_pk', columns: [table.botId, table.updateId] }), index('telegram_updates_done').on(table.doneAt)],
);

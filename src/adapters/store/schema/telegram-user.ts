/** Tables of the owner's session at Telegram: the session itself, sealed, and the channels that it reads. */
import { index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { users } from './people.ts';
import { postSources } from './posts.ts';

export const telegramSessions = pgTable(
  'telegram_sessions',
  {
    id: id('id').primaryKey(),
    /** Always 1: there is one session at most. */
    slot: integer('slot').notNull().default(1),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    sealed: text('sealed').notNull(),
    keyVersion: integer('key_version').notNull(),
    status: text('status').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [uniqueIndex('telegram_sessions_one').on(table.slot)],
);

export const channelReadings = pgTable(
  'channel_readings',
  {
    sourceId: id('source_id')
      .primaryKey()
      .references(() => postSources.id, { onDelete: 'cascade' }),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    /** Null until the channel is found. */
    chatId: text('chat_id'),
    channelId: text('channel_id'),
    accessHash: text('access_hash'),
    title: text('title'),
    pts: integer('pts'),
    lastMessageId: integer('last_message_id'),
    problem: text('problem'),
  },
  (table) => [index('channel_readings_user').on(table.userId)],
);

/** Tables of posts that others wrote: where they come from, every version, what was read in it and what became of that. */
import { sql } from 'drizzle-orm';
import { boolean, index, integer, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant, longCounter } from './columns.ts';
import { users } from './people.ts';
import { bots } from './trading.ts';

export const postSources = pgTable(
  'post_sources',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** Null until the channel has shown the code. */
    chatId: text('chat_id'),
    codeHash: text('code_hash'),
    codeExpiresAt: instant('code_expires_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('post_sources_user').on(table.userId, table.createdAt),
    index('post_sources_chat').on(table.chatId),
    uniqueIndex('post_sources_code').on(table.codeHash),
  ],
);

export const postFollowers = pgTable(
  'post_followers',
  {
    sourceId: id('source_id')
      .notNull()
      .references(() => postSources.id, { onDelete: 'cascade' }),
    botId: id('bot_id')
      .notNull()
      .references(() => bots.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ name: 'post_followers_pk', columns: [table.sourceId, table.botId] }), index('post_followers_bot').on(table.botId)],
);

export const posts = pgTable(
  'posts',
  {
    id: id('id').primaryKey(),
    sourceId: id('source_id')
      .notNull()
      .references(() => postSources.id, { onDelete: 'cascade' }),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    messageId: text('message_id').notNull(),
    edit: longCounter('edit').notNull(),
    text: text('text').notNull(),
    replyTo: text('reply_to'),
    firstId: id('first_id').notNull(),
    isWithdrawn: boolean('is_withdrawn').notNull().default(false),
    postedAt: instant('posted_at').notNull(),
    receivedAt: instant('received_at').notNull(),
  },
  (table) => [
    uniqueIndex('posts_once').on(table.sourceId, table.messageId, table.edit),
    index('posts_list').on(table.userId, table.receivedAt, table.id),
    index('posts_of_source').on(table.sourceId, table.receivedAt, table.id),
    index('posts_age').on(table.receivedAt),
  ],
);

export const postResults = pgTable(
  'post_results',
  {
    id: id('id').primaryKey(),
    postId: id('post_id')
      .notNull()
      .references(() => posts.id, { onDelete: 'cascade' }),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    kind: text('kind').notNull(),
    /** The coin of a call; null otherwise. */
    base: text('base'),
    event: json('event').notNull(),
    check: json('check'),
    /** When a claim is looked at next; null when it is not any more. */
    checkAt: instant('check_at'),
    signal: json('signal'),
    signalState: text('signal_state'),
    openedAt: instant('opened_at'),
  },
  (table) => [
    index('post_results_post').on(table.postId, table.position),
    index('post_results_due').on(table.checkAt),
    index('post_results_signals').on(table.userId, table.openedAt, table.id),
    index('post_results_open').on(table.openedAt).where(sql`${table.signalState} = 'open'`),
  ],
);

export const postDeeds = pgTable(
  'post_deeds',
  {
    resultId: id('result_id')
      .notNull()
      .references(() => postResults.id, { onDelete: 'cascade' }),
    botId: id('bot_id').notNull(),
    command: text('command').notNull(),
    outcome: text('outcome').notNull(),
    detail: text('detail').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ name: 'post_deeds_pk', columns: [table.resultId, table.botId, table.command] })],
);

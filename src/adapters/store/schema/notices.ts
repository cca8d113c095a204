/** Tables of notices: what users want to be told, where they can be reached, what they have been told, and what is under way. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, json, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { databaseInstant, id, instant } from './columns.ts';
import { users } from './people.ts';

const ofUser = () =>
  id('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' });

export const notificationSettings = pgTable('notification_settings', {
  userId: ofUser().primaryKey(),
  settings: json('settings').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const notificationTargets = pgTable(
  'notification_targets',
  {
    id: id('id').primaryKey(),
    userId: ofUser(),
    channel: text('channel').notNull(),
    /** Sealed where whoever has it could write there. */
    address: text('address').notNull(),
    hint: text('hint').notNull(),
    fingerprint: text('fingerprint').notNull(),
    isOn: boolean('is_on').notNull().default(true),
    offReason: text('off_reason').notNull().default(''),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('notification_targets_address').on(table.userId, table.channel, table.fingerprint),
    // A chat acts for one user; it must not be anybody's guess for whom.
    uniqueIndex('notification_targets_chat').on(table.fingerprint).where(sql`${table.channel} = 'telegram' and ${table.isOn}`),
  ],
);

/** The list in the application. */
export const notifications = pgTable(
  'notifications',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    dedupeKey: text('dedupe_key').notNull(),
    userId: ofUser(),
    botId: id('bot_id'),
    type: text('type').notNull(),
    data: json('data').notNull(),
    at: instant('at').notNull(),
    readAt: instant('read_at'),
  },
  (table) => [
    uniqueIndex('notifications_dedupe_key').on(table.dedupeKey),
    index('notifications_list').on(table.userId, table.id),
    index('notifications_unread').on(table.userId, table.id).where(sql`${table.readAt} is null`),
    index('notifications_age').on(table.at),
  ],
);

/** A notice on its way to one address. What waits for an address goes in the order of its ids; what is gathered keeps an order of its own. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    notificationId: bigint('notification_id', { mode: 'number' })
      .notNull()
      .references(() => notifications.id, { onDelete: 'cascade' }),
    targetId: id('target_id')
      .notNull()
      .references(() => notificationTargets.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    isGathered: boolean('is_gathered').notNull(),
    state: text('state').notNull().default('waiting'),
    dueAt: databaseInstant('due_at').notNull(),
    claimedUntil: databaseInstant('claimed_until'),
    tries: integer('tries').notNull().default(0),
    problem: text('problem'),
    createdAt: databaseInstant('created_at').notNull().defaultNow(),
    sentAt: databaseInstant('sent_at'),
  },
  (table) => [
    uniqueIndex('deliveries_once').on(table.notificationId, table.targetId),
    index('deliveries_waiting').on(table.channel, table.targetId, table.isGathered, table.id).where(sql`${table.state} = 'waiting'`),
    index('deliveries_dead').on(table.id).where(sql`${table.state} = 'dead'`),
    index('deliveries_of_target').on(table.targetId, table.id),
    check('deliveries_state', sql`${table.state} in ('waiting', 'sent', 'dead')`),
  ],
);

/** Secrets made once for the whole installation, sealed under its master key. */
export const keptSecrets = pgTable('kept_secrets', { name: text('name').primaryKey(), sealed: text('sealed').notNull() });

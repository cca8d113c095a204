/**
 * Tables of the installation itself, its users, their sessions and their exchange accounts.
 */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { counter, id, instant } from './columns.ts';

/** One row: who this installation is. */
export const installation = pgTable(
  'installation',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    /** Part of every ClientOrderId; random, so that two installations on one account do not take each other's orders for their own. */
    number: integer('number').notNull(),
    /** Set once the first user ever was made owner. */
    hasOwner: boolean('has_owner').notNull().default(false),
    /** Since when, and why, it observes only: nothing is sent to a venue. Both null while it trades. */
    observingSince: instant('observing_since'),
    observingReason: text('observing_reason'),
  },
  (table) => [
    check('installation_is_only', sql`${table.isOnly}`),
    check('installation_number', sql`${table.number} > 0 and ${table.number} < 33554432`),
    check('installation_observing', sql`(${table.observingSince} is null) = (${table.observingReason} is null)`),
  ],
);

export const users = pgTable(
  'users',
  {
    id: id('id').primaryKey(),
    email: text('email').notNull(),
    passwordHash: text('password_hash').notNull(),
    role: text('role').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [uniqueIndex('users_email').on(sql`lower(${table.email})`), check('users_role', sql`${table.role} in ('owner', 'user')`)],
);

export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    familyId: id('family_id').notNull(),
    tokenHash: text('token_hash').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    uniqueIndex('refresh_tokens_hash').on(table.tokenHash),
    index('refresh_tokens_family').on(table.familyId),
    index('refresh_tokens_user').on(table.userId, table.expiresAt),
  ],
);

/** From where each user has logged in: digests only, the latest few. */
export const loginDevices = pgTable(
  'login_devices',
  {
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    deviceHash: text('device_hash').notNull(),
    lastLoginAt: instant('last_login_at').notNull(),
  },
  (table) => [primaryKey({ name: 'login_devices_key', columns: [table.userId, table.deviceHash] })],
);

/** Tickets that open one socket each, within seconds, whichever process made them. */
export const socketTickets = pgTable(
  'socket_tickets',
  {
    tokenHash: text('token_hash').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The session it was asked for in; what ends that ends the socket. */
    familyId: id('family_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('socket_tickets_end').on(table.expiresAt)],
);

export const exchangeAccounts = pgTable(
  'exchange_accounts',
  {
    id: id('id').primaryKey(),
    number: integer('number').notNull().generatedAlwaysAsIdentity(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    name: text('name').notNull(),
    exchange: text('exchange').notNull(),
    sealed: text('sealed'),
    keyVersion: integer('key_version').notNull(),
    keyHint: text('key_hint'),
    /** Keyed digest of the API key: the same key twice would promise the same funds twice. */
    keyFingerprint: text('key_fingerprint'),
    /** Last sequence given to an order placed by hand. */
    orderSequence: counter('order_sequence').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    /** A removed account keeps its row, without keys, because its orders and fills stay. */
    removedAt: instant('removed_at'),
  },
  (table) => [
    uniqueIndex('exchange_accounts_number').on(table.number),
    uniqueIndex('exchange_accounts_key').on(table.exchange, table.keyFingerprint).where(sql`${table.removedAt} is null`),
    index('exchange_accounts_list').on(table.userId, table.createdAt, table.id).where(sql`${table.removedAt} is null`),
    check('exchange_accounts_number_range', sql`${table.number} < 1073741824`),
    check('exchange_accounts_removed', sql`${table.removedAt} is null or ${table.sealed} is null`),
  ],
);

/** `user_id` is null for the switch of the whole installation. */
export const killSwitches = pgTable(
  'kill_switches',
  {
    userId: id('user_id').references(() => users.id, { onDelete: 'cascade' }),
    isOn: boolean('is_on').notNull(),
    reason: text('reason').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [uniqueIndex('kill_switches_subject').on(sql`coalesce(${table.userId}, '')`)],
);

/** Who did what. Users and things are named and not referred to: an entry outlives what it tells of. Only added to; a trigger sees to that. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').notNull(),
    /** Null for somebody who is not logged in, and for nobody: the operator at the command line, or the server itself. */
    actorId: id('actor_id'),
    address: text('address'),
    isAnonymous: boolean('is_anonymous').notNull(),
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: id('subject_id').notNull(),
    /** Who may read of it besides the owner of the installation. */
    ownerId: id('owner_id'),
    details: json('details').notNull(),
  },
  (table) => [index('audit_log_of_owner').on(table.ownerId, table.id)],
);

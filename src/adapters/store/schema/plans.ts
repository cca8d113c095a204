/** Tables of plans: what each user has, codes that can be redeemed once, and payments, each of which counts once. */
import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { users } from './people.ts';

/** One row a user, made with the user. */
export const subscriptions = pgTable(
  'subscriptions',
  {
    userId: id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    plan: text('plan').notNull(),
    source: text('source').notNull(),
    since: instant('since').notNull(),
    /** Null for what does not end. */
    expiresAt: instant('expires_at'),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    check('subscriptions_plan', sql`${table.plan} in ('free', 'vip')`),
    check('subscriptions_source', sql`${table.source} in ('registration', 'grant', 'code', 'payment')`),
    check('subscriptions_end', sql`${table.plan} <> 'free' or ${table.expiresAt} is null`),
  ],
);

/** Of a code only its digest is kept. */
export const redeemCodes = pgTable(
  'redeem_codes',
  {
    id: id('id').primaryKey(),
    codeHash: text('code_hash').notNull(),
    days: integer('days').notNull(),
    note: text('note').notNull(),
    /** The only user who may redeem it; null for whoever has it. */
    forUserId: id('for_user_id').references(() => users.id, { onDelete: 'cascade' }),
    validUntil: instant('valid_until').notNull(),
    createdAt: instant('created_at').notNull(),
    redeemedBy: id('redeemed_by'),
    redeemedAt: instant('redeemed_at'),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    uniqueIndex('redeem_codes_hash').on(table.codeHash),
    index('redeem_codes_list').on(table.createdAt, table.id),
    check('redeem_codes_days', sql`${table.days} > 0`),
    check('redeem_codes_redeemed', sql`(${table.redeemedBy} is null) = (${table.redeemedAt} is null)`),
  ],
);

/** Payments that counted, by the id that whoever takes them has given; it names no user so that it outlives one. */
export const paymentEvents = pgTable('payment_events', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  userId: id('user_id').notNull(),
  days: integer('days').notNull(),
  receivedAt: instant('received_at').notNull(),
});

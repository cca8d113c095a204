/** Plans of users: every change locks the record, is written once and noted in the audit log with it. */
import type { Deed } from '#core/audit.ts';
import { freeRecord, GRACE_MS, prolonged, type Subscription, type standingOf } from '#core/plans/plan.ts';
import type { RedeemCodeRecord, SubscriptionStore } from '#core/plans/subscription-store.ts';
import type { UserRecord } from '#core/store/people.ts';
import { note } from './audit.ts';
import type { Database, Session } from './database.ts';
import { insertFacts } from './facts.ts';
import { pageOf, pageStart } from './paging.ts';

const COLUMNS = 's.user_id as "userId", s.plan, s.source, s.since, s.expires_at as "expiresAt", s.changed_at as "changedAt"';
const CODE = `c.id, c.days, c.note, c.for_user_id as "forUserId", c.valid_until as "validUntil", c.created_at as "createdAt", c.redeemed_by as "redeemedBy",
  c.redeemed_at as "redeemedAt", c.revoked_at as "revokedAt"`;

const GET = { name: 'get_subscription', text: `select ${COLUMNS} from subscriptions s where s.user_id = $1` };
const LOCK = { name: 'lock_subscription', text: `select ${COLUMNS} from subscriptions s where s.user_id = $1 for update` };
const OF = { name: 'subscriptions_of', text: `select ${COLUMNS} from subscriptions s where s.user_id = any ($1)` };
const ENDING = {
  name: 'lock_ending_subscriptions',
  text: `select ${COLUMNS} from subscriptions s where s.plan = 'vip' and s.expires_at > $1 and s.expires_at <= $2 and s.user_id > $3
         order by s.user_id limit $4 for update`,
};
const LIST = {
  name: 'list_subscriptions',
  text: `select u.id, u.email, u.role, u.created_at as "createdAt", ${COLUMNS} from users u join subscriptions s on s.user_id = u.id
         where (u.created_at, u.id) < ($1, $2) order by u.created_at desc, u.id desc limit $3`,
};
const INSERT = {
  name: 'insert_subscription',
  text: 'insert into subscriptions (user_id, plan, source, since, expires_at, changed_at) values ($1, $2, $3, $4, $5, $6)',
};
const PUT = {
  name: 'put_subscription',
  text: 'update subscriptions set plan = $2, source = $3, since = $4, expires_at = $5, changed_at = $6 where user_id = $1',
};
const OPEN_CODES = {
  name: 'count_open_codes',
  text: 'select count(*)::int as count from redeem_codes where redeemed_at is null and revoked_at is null and valid_until > $1',
};
const INSERT_CODE = {
  name: 'insert_redeem_code',
  text: `insert into redeem_codes as c (id, code_hash, days, note, for_user_id, valid_until, created_at) values ($1, $2, $3, $4, $5, $6, $7) returning ${CODE}`,
};
const LIST_CODES = {
  name: 'list_redeem_codes',
  text: `select ${CODE} from redeem_codes c where (c.created_at, c.id) < ($1, $2) order by c.created_at desc, c.id desc limit $3`,
};
const LOCK_CODE = { name: 'lock_redeem_code', text: `select ${CODE} from redeem_codes c where c.id = $1 for update` };
const REVOKE_CODE = { name: 'revoke_redeem_code', text: 'update redeem_codes set revoked_at = $2 where id = $1' };
const CODE_BY_HASH = { name: 'redeem_code_by_hash', text: `select ${CODE} from redeem_codes c where c.code_hash = $1 for update` };
const USE_CODE = { name: 'use_redeem_code', text: 'update redeem_codes set redeemed_by = $2, redeemed_at = $3 where id = $1' };
const NOTE_PAYMENT = {
  name: 'note_payment',
  text: 'insert into payment_events (id, kind, user_id, days, received_at) values ($1, $2, $3, $4, $5) on conflict (id) do nothing',
};

export function subscriptionsOf(database: Database): SubscriptionStore {
  return {
    get: (userId) => database.row<Subscription>(GET, [userId]),
    of: (userIds) => database.rows<Subscription>(OF, [userIds]),
    list: async (page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<Omit<UserRecord, 'passwordHash'> & Subscription>(LIST, [start.at, start.id, start.rows]);
      const items = rows.map(({ id, email, role, createdAt, ...subscription }) => ({ user: { id, email, role, createdAt }, subscription }));
      return pageOf(items, page, ({ user }) => ({ at: user.createdAt, id: user.id }));
    },
    tellOfEnds: ({ from, until, afterUserId, limit }, factOf) =>
      database.transaction(async (session) => {
        const ending = await session.rows<Subscription>(ENDING, [from, until, afterUserId, limit]);
        const told = await insertFacts(
          session,
          ending.flatMap((subscription) => factOf(subscription) ?? []),
        );
        return { told, lastUserId: ending.at(-1)?.userId ?? null };
      }),
    grant: (userId, plan, expiresAt, at) =>
      changed(database, userId, 'plan_granted', (present) => ({
        ...present,
        plan,
        source: 'grant',
        since: present.plan === plan ? present.since : at,
        expiresAt: plan === 'free' ? null : expiresAt,
        changedAt: at,
      })),
    giveUp: (userId, at) => changed(database, userId, 'plan_given_up', (present) => (present.plan === 'free' ? present : freeRecord(userId, 'grant', at))),
    addCode: (code, most) =>
      database.transaction(async (session) => {
        if (code.forUserId !== null && (await session.row(LOCK, [code.forUserId])) === null) return 'noUser';
        const open = await session.row<{ count: number }>(OPEN_CODES, [code.createdAt]);
        if ((open?.count ?? 0) >= most) return 'full';
        const values = [code.id, code.codeHash, code.days, code.note, code.forUserId, code.validUntil, code.createdAt];
        const record = await session.row<RedeemCodeRecord>(INSERT_CODE, values);
        if (record === null) throw new Error('a code was inserted and not returned');
        await note(database, session, deedOnCode('redeem_code_made', record));
        return record;
      }),
    codes: async (page) => {
      const start = pageStart(page, 'text');
      return pageOf(await database.rows<RedeemCodeRecord>(LIST_CODES, [start.at, start.id, start.rows]), page, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    revokeCode: (id, at) =>
      database.transaction(async (session) => {
        const code = await session.row<RedeemCodeRecord>(LOCK_CODE, [id]);
        if (code === null) return 'missing';
        if (code.redeemedAt !== null || code.revokedAt !== null) return 'over';
        await session.write(REVOKE_CODE, [id, at]);
        await note(database, session, deedOnCode('redeem_code_revoked', code));
        return 'revoked';
      }),
    redeem: (userId, codeHash, at) => database.transaction((session) => redeem(database, session, userId, codeHash, at)),
    pay: (event, at, factOf) =>
      database.transaction(async (session) => {
        const present = await session.row<Subscription>(LOCK, [event.userId]);
        if (present === null) return 'noUser';
        if ((await session.write(NOTE_PAYMENT, [event.id, event.kind, event.userId, event.days, at])) === 0) return 'repeated';
        const next = event.kind === 'paid' ? prolonged(present, event.days, 'payment', at) : afterEnd(present, at);
        await put(database, session, next, event.kind === 'paid' ? 'plan_paid' : 'plan_payment_ended', { payment_id: event.id });
        if (next.plan === 'free' && present.plan !== 'free') await insertFacts(session, [factOf(present)]);
        return 'applied';
      }),
  };
}

/** The plan that holds at a moment for a row `p` of the subscriptions, as an expression: what {@link standingOf} says of it. */
export function planAt(at: string): string {
  const grace = `case p.source when 'payment' then ${GRACE_MS} else 0 end`;
  return `(case when p.plan = 'vip' and (p.expires_at is null or ${at}::bigint < p.expires_at + ${grace}) then 'vip' else 'free' end)`;
}

/** The record that is made with a user. */
export async function insertSubscription(session: Session, userId: string, at: number): Promise<void> {
  const { plan, source, since, expiresAt, changedAt } = freeRecord(userId, 'registration', at);
  await session.write(INSERT, [userId, plan, source, since, expiresAt, changedAt]);
}

async function redeem(database: Database, session: Session, userId: string, codeHash: string, at: number): Promise<Subscription | 'endless' | null> {
  const present = await session.row<Subscription>(LOCK, [userId]);
  const code = present === null ? null : await session.row<RedeemCodeRecord>(CODE_BY_HASH, [codeHash]);
  if (present === null || code === null || code.redeemedAt !== null || code.revokedAt !== null || code.validUntil <= at) return null;
  if (code.forUserId !== null && code.forUserId !== userId) return null;
  const next = prolonged(present, code.days, 'code', at);
  if (next === present) return 'endless';
  await session.write(USE_CODE, [code.id, userId, at]);
  await put(database, session, next, 'plan_code_redeemed', { code_id: code.id });
  return next;
}

/** Only what was paid for ends with its payment; what the owner or a code gave stays. */
function afterEnd(present: Subscription, at: number): Subscription {
  return present.plan === 'vip' && present.source === 'payment' ? freeRecord(present.userId, 'payment', at) : present;
}

function changed(database: Database, userId: string, action: Deed['action'], change: (present: Subscription) => Subscription): Promise<Subscription | null> {
  return database.transaction(async (session) => {
    const present = await session.row<Subscription>(LOCK, [userId]);
    if (present === null) return null;
    const next = change(present);
    if (next !== present) await put(database, session, next, action, {});
    return next;
  });
}

async function put(database: Database, session: Session, next: Subscription, action: Deed['action'], details: Deed['details']): Promise<void> {
  const { userId, plan, source, since, expiresAt, changedAt } = next;
  await session.write(PUT, [userId, plan, source, since, expiresAt, changedAt]);
  const told = { plan, expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(), ...details };
  await note(database, session, { action, subject: { kind: 'user', id: userId }, ownerId: userId, details: told });
}

function deedOnCode(action: Deed['action'], { id, days, forUserId }: RedeemCodeRecord): Deed {
  return { action, subject: { kind: 'redeem_code', id }, ownerId: null, details: { days, for_user_id: forUserId } };
}

/**
 * From the outbox into the lists of users and under way to their addresses. One worker at a time does it, in one transaction of a few
 * statements, so that a fact is in the list exactly once and what is under way to an address keeps the order of the facts.
 */
import type { FactRecord } from '#core/facts.ts';
import type { ChannelName, NoticeRecord } from '#core/notices/notice.ts';
import { firstSettings, type NotificationSettings } from '#core/notices/settings.ts';
import { MAX_UNREAD, type NoticeStore, type Recipient, type SpreadPlan, type SpreadRound } from '#core/store/notices.ts';
import type { Session } from './database.ts';
import { NOTICE_COLUMNS } from './notice-columns.ts';

/** Told apart from other locks of this kind by its number. */
const TURN = { name: 'spread_turn', text: 'select pg_try_advisory_xact_lock(7262710) as mine' };
const WAITING = {
  name: 'facts_to_spread',
  text: `select f.id::text as id, f.dedupe_key as "dedupeKey", f.user_id as "userId", f.bot_id as "botId", f.type, f.data, f.at from facts f
         where f.told_at is null and not f.is_parked and (f.claimed_until is null or f.claimed_until <= clock_timestamp()) order by f.id limit $1`,
};
const RECIPIENTS = {
  name: 'notice_recipients',
  text: `select u.id as "userId", s.settings,
           (select coalesce(json_agg(json_build_object('id', t.id, 'channel', t.channel)), '[]') from notification_targets t where t.user_id = u.id and t.is_on) as targets
         from users u left join notification_settings s on s.user_id = u.id where u.id = any ($1::text[])`,
};
/** In the sequence of the facts, so that the numbers are. */
const INSERT_NOTICES = {
  name: 'insert_notices',
  text: `insert into notifications as n (dedupe_key, user_id, bot_id, type, data, at)
         select dedupe_key, user_id, bot_id, type, data, at from facts where id = any ($1::bigint[]) order by id
         on conflict (dedupe_key) do nothing returning ${NOTICE_COLUMNS}`,
};
const INSERT_DELIVERIES = {
  name: 'insert_deliveries',
  text: `insert into deliveries (notification_id, target_id, channel, is_gathered, due_at)
         select d.notice, d.target, d.channel, d.gathered, to_timestamp(d.due / 1000.0)
         from json_to_recordset($1::json) as d (place int, notice bigint, target text, channel text, gathered boolean, due bigint) order by d.place
         on conflict (notification_id, target_id) do nothing`,
};
const TOLD = {
  name: 'facts_spread',
  text: `update facts set told_at = (extract(epoch from clock_timestamp()) * 1000)::bigint, claimed_until = null, problem = null where id = any ($1::bigint[])`,
};
const UNREAD = {
  name: 'unread_of_users',
  text: `select u.id as "userId", (select count(*) from (select 1 from notifications n where n.user_id = u.id and n.read_at is null limit ${MAX_UNREAD}) r) as count
         from unnest($1::text[]) as u (id)`,
};

interface RecipientRow {
  readonly userId: string;
  readonly settings: NotificationSettings | null;
  readonly targets: readonly { readonly id: string; readonly channel: ChannelName }[];
}

export async function spreadFacts(session: Session, limit: number, plan: Parameters<NoticeStore['spread']>[1]): Promise<SpreadRound | null> {
  const turn = await session.row<{ mine: boolean }>(TURN);
  if (turn?.mine !== true) return null;
  const facts = await session.rows<FactRecord>(WAITING, [limit]);
  if (facts.length === 0) return { facts, notices: [], unread: new Map() };
  const userIds = [...new Set(facts.map(({ userId }) => userId))];
  const recipients = await recipientsOf(session, userIds);
  const plans = plan(facts, recipients);
  const ids = facts.map(({ id }) => id);
  const notices = [...(await session.rows<NoticeRecord>(INSERT_NOTICES, [ids]))].sort((left, right) => Number(left.id) - Number(right.id));
  const deliveries = deliveryRows(plans, notices);
  if (deliveries.length > 0) await session.write(INSERT_DELIVERIES, [JSON.stringify(deliveries)]);
  await session.write(TOLD, [ids]);
  const unread = await session.rows<{ userId: string; count: number }>(UNREAD, [userIds]);
  return {
    facts,
    notices,
    unread: new Map(unread.map(({ userId, count }) => [userId, count])),
  };
}

async function recipientsOf(session: Session, userIds: readonly string[]): Promise<ReadonlyMap<string, Recipient>> {
  const rows = await session.rows<RecipientRow>(RECIPIENTS, [userIds]);
  return new Map(rows.map(({ userId, settings, targets }) => [userId, { settings: settings ?? firstSettings('en'), targets }]));
}

/** Of a fact that was told before there is no new notice, and nothing is under way again. */
function deliveryRows(plans: readonly SpreadPlan[], notices: readonly NoticeRecord[]): readonly object[] {
  const known = new Map(notices.map(({ dedupeKey, id }) => [dedupeKey, id]));
  return plans
    .flatMap(({ fact, deliveries }) => {
      const notice = known.get(fact.dedupeKey);
      return notice === undefined
        ? []
        : deliveries.map(({ targetId, channel, isGathered, dueAt }) => ({ notice, target: targetId, channel, gathered: isGathered, due: dueAt }));
    })
    .map((row, place) => ({ place, ...row }));
}

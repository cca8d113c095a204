/**
 * Notices under way to the addresses of users: for each address the oldest that waits is the only one that can be claimed, with what
 * follows it, so one worker at a time serves an address and what goes there keeps its order.
 */

import type { NoticeRecord } from '#core/notices/notice.ts';
import { firstSettings, type NotificationSettings } from '#core/notices/settings.ts';
import type { DeliveryBatch, DeliveryRecord, NoticeStore, NoticeTarget } from '#core/store/notices.ts';
import type { Database } from './database.ts';
import { NOTICE_COLUMNS, TARGET_COLUMNS } from './notice-columns.ts';
import { pageOf, pageStart } from './paging.ts';

/**
 * Steps from address to address through the index of what waits, so that a long queue of one costs the others nothing. The conditions stand
 * with the locked row once more: another worker may have claimed or sent it since this statement began. What follows the oldest is taken
 * without a gap, whenever it is due itself: one that was passed over would come after its successors.
 */
const CLAIM = {
  name: 'claim_deliveries',
  text: `with recursive lanes as (
           (select target_id, is_gathered, id from deliveries where channel = $1 and state = 'waiting' order by target_id, is_gathered, id limit 1)
           union all
           select n.target_id, n.is_gathered, n.id from lanes l cross join lateral (
             select d.target_id, d.is_gathered, d.id from deliveries d
             where d.channel = $1 and d.state = 'waiting' and (d.target_id, d.is_gathered) > (l.target_id, l.is_gathered)
             order by d.target_id, d.is_gathered, d.id limit 1) n),
         heads as materialized (
           select d.id, d.target_id, d.is_gathered from deliveries d join lanes l on l.id = d.id
           where d.state = 'waiting' and d.due_at <= clock_timestamp() and (d.claimed_until is null or d.claimed_until <= clock_timestamp())
           order by d.due_at, d.id limit $2 for update of d skip locked),
         picked as materialized (
           select w.id from heads h cross join lateral (
             select d.id from deliveries d where d.channel = $1 and d.state = 'waiting' and d.target_id = h.target_id and d.is_gathered = h.is_gathered
               and (not d.is_gathered or d.due_at <= clock_timestamp()) order by d.id limit $3) w)
         update deliveries d set claimed_until = clock_timestamp() + $4 * interval '1 millisecond'
         from picked p where d.id = p.id and d.state = 'waiting'
         returning d.id::text as id, d.target_id as "targetId", d.is_gathered as "isGathered", d.tries, d.notification_id::text as "noticeId",
           (extract(epoch from d.created_at) * 1000)::bigint as "createdAt"`,
};
const CLAIMED_NOTICES = { name: 'claimed_notices', text: `select ${NOTICE_COLUMNS} from notifications n where n.id = any ($1::bigint[])` };
const CLAIMED_TARGETS = {
  name: 'claimed_targets',
  text: `select ${TARGET_COLUMNS}, s.settings from notification_targets t left join notification_settings s on s.user_id = t.user_id where t.id = any ($1::text[])`,
};
const SENT = {
  name: 'deliveries_sent',
  text: `update deliveries set state = 'sent', sent_at = clock_timestamp(), claimed_until = null, problem = null, tries = tries + 1 where id = any ($1::bigint[])`,
};
const LATER = {
  name: 'deliveries_later',
  text: `update deliveries set due_at = statement_timestamp() + $2 * interval '1 millisecond', claimed_until = null, problem = coalesce($3, problem),
           tries = tries + $4
         where id = any ($1::bigint[]) and state = 'waiting'`,
};
const DEAD = {
  name: 'deliveries_dead',
  text: `update deliveries set state = 'dead', claimed_until = null, problem = $2, tries = tries + 1 where id = any ($1::bigint[]) and state = 'waiting'`,
};
const RECORDS = {
  name: 'delivery_records',
  text: `select d.id::text as "deliveryId", d.channel, t.hint, d.state, d.tries, d.problem, (extract(epoch from d.created_at) * 1000)::bigint as "createdAt",
           (extract(epoch from d.sent_at) * 1000)::bigint as "sentAt", ${NOTICE_COLUMNS}
         from deliveries d join notifications n on n.id = d.notification_id join notification_targets t on t.id = d.target_id
         where ($1::text is null or n.user_id = $1) and ($2::text is null or d.state = $2) and d.id < $3::bigint order by d.id desc limit $4`,
};
const RETRY = {
  name: 'retry_delivery',
  text: `with found as (
           select d.id, d.state = 'dead' and t.is_on as "canRetry" from deliveries d
           join notifications n on n.id = d.notification_id join notification_targets t on t.id = d.target_id
           where d.id = $2::bigint and ($1::text is null or n.user_id = $1) for update of d),
         again as (
           update deliveries d set state = 'waiting', due_at = clock_timestamp(), created_at = clock_timestamp(), tries = 0, problem = null
           from found f where d.id = f.id and f."canRetry" returning d.id)
         select "canRetry" from found`,
};
const LAST_ID = '9223372036854775807';

interface ClaimedRow {
  readonly id: string;
  readonly targetId: string;
  readonly isGathered: boolean;
  readonly tries: number;
  readonly noticeId: string;
  readonly createdAt: number;
}

type Deliveries = Pick<NoticeStore, 'claim' | 'sent' | 'later' | 'dead' | 'deliveries' | 'retry'>;

export function deliveriesOf(database: Database): Deliveries {
  return {
    claim: async (channel, targets, each, claimMs) => {
      const rows = await database.rows<ClaimedRow>(CLAIM, [channel, targets, each, claimMs]);
      return rows.length === 0 ? [] : batchesOf(database, rows);
    },
    sent: async (ids) => {
      await database.write(SENT, [ids]);
    },
    later: async (ids, pauseMs, problem, counts = problem !== null) => {
      await database.write(LATER, [ids, pauseMs, problem, counts ? 1 : 0]);
    },
    dead: async (ids, problem) => {
      await database.write(DEAD, [ids, problem]);
    },
    deliveries: async (userId, state, page) => {
      const start = pageStart(page, 'serial');
      const before = page.cursor === null ? LAST_ID : start.id;
      const rows = await database.rows<DeliveryRow>(RECORDS, [userId, state, before, start.rows]);
      return pageOf(rows.map(recordOf), page, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    retry: async (userId, id) => (await database.row<{ canRetry: boolean }>(RETRY, [userId, id]))?.canRetry ?? null,
  };
}

async function batchesOf(database: Database, rows: readonly ClaimedRow[]): Promise<readonly DeliveryBatch[]> {
  const [notices, targets] = await Promise.all([
    database.rows<NoticeRecord>(CLAIMED_NOTICES, [[...new Set(rows.map(({ noticeId }) => noticeId))]]),
    database.rows<NoticeTarget & { readonly settings: NotificationSettings | null }>(CLAIMED_TARGETS, [[...new Set(rows.map(({ targetId }) => targetId))]]),
  ]);
  const noticeOf = new Map(notices.map((notice) => [notice.id, notice]));
  const byLane = Map.groupBy(
    [...rows].sort((left, right) => Number(left.id) - Number(right.id)),
    ({ targetId, isGathered }) => `${targetId} ${isGathered}`,
  );
  return [...byLane.values()].flatMap((lane) => {
    const found = targets.find(({ id }) => id === lane[0]?.targetId);
    if (found === undefined) return [];
    const { settings, ...target } = found;
    const items = lane.flatMap(({ id, tries, createdAt, noticeId }) => {
      const notice = noticeOf.get(noticeId);
      return notice === undefined ? [] : [{ id, tries, createdAt, notice }];
    });
    return [{ target, settings: settings ?? firstSettings('en'), items }];
  });
}

type DeliveryRow = Omit<DeliveryRecord, 'id' | 'notice' | 'userId'> & NoticeRecord & { readonly deliveryId: string };

function recordOf(row: DeliveryRow): DeliveryRecord {
  const { deliveryId, channel, hint, state, tries, problem, createdAt, sentAt, ...notice } = row;
  return { id: deliveryId, userId: notice.userId, channel, hint, state, tries, problem, createdAt, sentAt, notice };
}

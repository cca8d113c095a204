/** Notices: settings and addresses of users, and the list in the application. What is under way has a file of its own. */

import type { Language, NoticeRecord } from '#core/notices/notice.ts';
import { firstSettings, type NotificationSettings } from '#core/notices/settings.ts';
import type { NoticeStore, NoticeTarget } from '#core/store/notices.ts';
import { MAX_UNREAD } from '#core/store/notices.ts';
import type { Database, Session } from './database.ts';
import { deliveriesOf } from './deliveries.ts';
import { insertFacts } from './facts.ts';
import { lockUser } from './limited.ts';
import { NOTICE_COLUMNS, TARGET_COLUMNS } from './notice-columns.ts';
import { pageOf, pageStart } from './paging.ts';
import { spreadFacts } from './spread-facts.ts';

const SETTINGS = { name: 'notification_settings', text: 'select settings from notification_settings where user_id = $1' };
const PUT_SETTINGS = {
  name: 'put_notification_settings',
  text: `insert into notification_settings (user_id, settings, updated_at) values ($1, $2, $3)
         on conflict (user_id) do update set settings = excluded.settings, updated_at = excluded.updated_at`,
};
const TARGETS = {
  name: 'notification_targets',
  text: `select ${TARGET_COLUMNS} from notification_targets t where t.user_id = $1 order by t.created_at desc, t.id desc`,
};
const COUNT_TARGETS = {
  name: 'count_targets',
  text: 'select count(*) as count from notification_targets where user_id = $1 and channel = $2 and fingerprint <> $3 and is_on',
};
const CHAT_OF_ANOTHER = {
  name: 'chat_of_another',
  text: `select id from notification_targets where fingerprint = $1 and channel = 'telegram' and is_on and user_id <> $2`,
};
const PUT_TARGET = {
  name: 'put_target',
  text: `insert into notification_targets as t (id, user_id, channel, address, hint, fingerprint, created_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id, channel, fingerprint) do update set address = excluded.address, hint = excluded.hint, is_on = true, off_reason = ''
         returning ${TARGET_COLUMNS}`,
};
const REMOVE_TARGET = { name: 'remove_target', text: 'delete from notification_targets where user_id = $1 and id = $2' };
const BY_FINGERPRINT = {
  name: 'target_by_fingerprint',
  text: `select ${TARGET_COLUMNS} from notification_targets t where t.channel = $1 and t.fingerprint = $2 and t.is_on limit 1`,
};
const SWITCH_OFF = { name: 'switch_off_target', text: 'update notification_targets set is_on = false, off_reason = $2 where id = $1 and is_on' };
const DEAD_OF_TARGET = {
  name: 'dead_of_target',
  text: `update deliveries set state = 'dead', problem = $2, claimed_until = null where target_id = $1 and state = 'waiting'`,
};
const list = (name: string, more: string) => ({
  name,
  text: `select ${NOTICE_COLUMNS} from notifications n where n.user_id = $1 and n.id < $2::bigint ${more} order by n.id desc limit $3`,
});
const LIST = list('list_notices', '');
const LIST_UNREAD = list('list_unread_notices', 'and n.read_at is null');
const UNREAD = {
  name: 'count_unread',
  text: `select count(*) as count from (select 1 from notifications where user_id = $1 and read_at is null limit ${MAX_UNREAD}) u`,
};
const MARK_READ = {
  name: 'mark_read',
  text: 'update notifications set read_at = coalesce(read_at, $3) where user_id = $1 and id = $2::bigint',
};
const MARK_ALL_READ = {
  name: 'mark_all_read',
  text: 'update notifications set read_at = $3 where user_id = $1 and read_at is null and id <= $2::bigint',
};
const KEEP_SECRET = { name: 'keep_secret', text: 'insert into kept_secrets (name, sealed) values ($1, $2) on conflict (name) do nothing' };
const KEPT_SECRET = { name: 'kept_secret', text: 'select sealed from kept_secrets where name = $1' };

const LAST_ID = '9223372036854775807';

export function noticesOf(database: Database): NoticeStore {
  return {
    settings: async (userId) => (await database.row<{ settings: NotificationSettings }>(SETTINGS, [userId]))?.settings ?? firstSettings('en'),
    putSettings: async (userId, settings, at) => {
      await database.write(PUT_SETTINGS, [userId, JSON.stringify(settings), at]);
    },
    targets: (userId) => database.rows<NoticeTarget>(TARGETS, [userId]),
    putTarget: (target, limit) =>
      database.transaction(async (session) => {
        const { id, userId, channel, address, hint, fingerprint, createdAt } = target;
        await lockUser(session, userId);
        const others = await session.row<{ count: number }>(COUNT_TARGETS, [userId, channel, fingerprint]);
        if ((others?.count ?? 0) >= limit) return 'full';
        if (channel === 'telegram' && (await session.row(CHAT_OF_ANOTHER, [fingerprint, userId])) !== null) return 'taken';
        const row = await session.row<NoticeTarget>(PUT_TARGET, [id, userId, channel, address, hint, fingerprint, createdAt]);
        if (row === null) throw new Error('an upsert has given no row');
        return row;
      }),
    removeTarget: async (userId, id) => (await database.write(REMOVE_TARGET, [userId, id])) > 0,
    targetByFingerprint: (channel, fingerprint) => database.row<NoticeTarget>(BY_FINGERPRINT, [channel, fingerprint]),
    switchOff: (targetId, reason, fact) =>
      database.transaction(async (session) => {
        const isNew = (await session.write(SWITCH_OFF, [targetId, reason])) > 0;
        await session.write(DEAD_OF_TARGET, [targetId, reason]);
        if (isNew && fact !== null) await insertFacts(session, [fact]);
      }),
    spread: (limit, plan) => database.transaction((session) => spreadFacts(session, limit, plan)),
    list: async (userId, page, onlyUnread) => {
      const start = pageStart(page, 'serial');
      const before = page.cursor === null ? LAST_ID : start.id;
      const rows = await database.rows<NoticeRecord>(onlyUnread ? LIST_UNREAD : LIST, [userId, before, start.rows]);
      return pageOf(rows, page, ({ at, id }) => ({ at, id }));
    },
    unread: async (userId) => (await database.row<{ count: number }>(UNREAD, [userId]))?.count ?? 0,
    markRead: async (userId, id, at) => (await database.write(MARK_READ, [userId, id, at])) > 0,
    markAllRead: (userId, upTo, at) => database.write(MARK_ALL_READ, [userId, upTo ?? LAST_ID, at]),
    ...deliveriesOf(database),
    keepSecret: async (name, sealed) => {
      await database.write(KEEP_SECRET, [name, sealed]);
      return (await database.row<{ sealed: string }>(KEPT_SECRET, [name]))?.sealed ?? sealed;
    },
  };
}

/** What a new user begins with: settings, and the address he has registered with. Part of his registration. */
export async function insertFirstNotices(
  session: Session,
  user: { readonly id: string; readonly email: string; readonly targetId: string; readonly at: number; readonly language: Language },
): Promise<void> {
  await session.write(PUT_SETTINGS, [user.id, JSON.stringify(firstSettings(user.language)), user.at]);
  await session.rows(PUT_TARGET, [user.targetId, user.id, 'email', user.email, user.email, user.email.toLowerCase(), user.at]);
}

/** What users want to be told of without any bot; an alert and the fact that tells of it are one transaction. */
import { type AlertRecord, type AlertStore, MAX_ALERTS } from '#core/alerts/alert-store.ts';
import type { Database } from './database.ts';
import { insertFacts } from './facts.ts';
import { pageOf, pageStart } from './paging.ts';

const COLUMNS = `id, user_id as "userId", condition, note, repeats, cooldown_ms as "cooldownMs", is_on as "isOn", is_armed as "isArmed", memory,
  times_triggered as "timesTriggered", triggered_at as "triggeredAt", created_at as "createdAt", changed_at as "changedAt"`;
const LOCK_USER = { name: 'lock_user_for_alert', text: 'select id from users where id = $1 for update' };
const COUNT = { name: 'count_alerts', text: 'select count(*)::int as count from alerts where user_id = $1' };
const INSERT = {
  name: 'insert_alert',
  text: `insert into alerts (id, user_id, condition, note, repeats, cooldown_ms, is_on, is_armed, memory, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, true, true, '{}', $7, $7) returning ${COLUMNS}`,
};
const LIST = {
  name: 'list_alerts',
  text: `select ${COLUMNS} from alerts where user_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4`,
};
const GET = { name: 'get_alert', text: `select ${COLUMNS} from alerts where user_id = $1 and id = $2` };
const CHANGE = {
  name: 'change_alert',
  text: `update alerts set condition = coalesce($3, condition), note = coalesce($4, note), repeats = coalesce($5, repeats),
           cooldown_ms = coalesce($6, cooldown_ms), is_on = coalesce($7, is_on), is_armed = true, memory = '{}', changed_at = greatest($8, changed_at + 1)
         where user_id = $1 and id = $2 returning ${COLUMNS}`,
};
const REMOVE = { name: 'remove_alert', text: 'delete from alerts where user_id = $1 and id = $2' };
const ACTIVE = { name: 'active_alerts', text: `select ${COLUMNS} from alerts where is_on order by id` };
const NOTE = { name: 'note_alert', text: 'update alerts set is_armed = $3, memory = $4 where id = $1 and changed_at = $2' };
const TRIGGER = {
  name: 'trigger_alert',
  text: `update alerts set is_armed = $4, memory = $5, triggered_at = $6, times_triggered = times_triggered + 1, is_on = repeats
         where id = $1 and changed_at = $2 and times_triggered = $3 and is_on`,
};

export function alertsOf(database: Database): AlertStore {
  return {
    create: ({ id, userId, condition, note, repeats, cooldownMs, at }) =>
      database.transaction(async (session) => {
        await session.row(LOCK_USER, [userId]);
        const others = await session.row<{ count: number }>(COUNT, [userId]);
        if ((others?.count ?? 0) >= MAX_ALERTS) return 'full';
        const alert = await session.row<AlertRecord>(INSERT, [id, userId, JSON.stringify(condition), note, repeats, cooldownMs, at]);
        if (alert === null) throw new Error('an insert has given no row');
        return alert;
      }),
    list: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<AlertRecord>(LIST, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, (alert) => ({ at: alert.createdAt, id: alert.id }));
    },
    get: (userId, id) => database.row<AlertRecord>(GET, [userId, id]),
    change: (userId, id, { condition, note, repeats, cooldownMs, isOn, at }) => {
      const changed = [condition === undefined ? null : JSON.stringify(condition), note ?? null, repeats ?? null, cooldownMs ?? null, isOn ?? null];
      return database.row<AlertRecord>(CHANGE, [userId, id, ...changed, at]);
    },
    remove: async (userId, id) => (await database.write(REMOVE, [userId, id])) > 0,
    active: () => database.rows<AlertRecord>(ACTIVE),
    note: async ({ id, changedAt }, { isArmed, memory }) => {
      await database.write(NOTE, [id, changedAt, isArmed, JSON.stringify(memory)]);
    },
    trigger: ({ id, changedAt, timesTriggered }, { isArmed, memory, triggeredAt }, fact) =>
      database.transaction(async (session) => {
        const isTold = (await session.write(TRIGGER, [id, changedAt, timesTriggered, isArmed, JSON.stringify(memory), triggeredAt])) > 0;
        if (isTold) await insertFacts(session, [fact]);
        return isTold;
      }),
  };
}

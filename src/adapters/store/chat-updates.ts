/** What has come from Telegram: each update once, dealt with by whoever has the turn. */
import type { ReceivedUpdate, UpdateInbox } from '#core/chats/chat-store.ts';
import type { Database } from './database.ts';

/** What fails this often is let go of: it is not the fault of a moment. */
const MAX_TRIES = 10;

const TAKE_TURN = {
  name: 'take_telegram_turn',
  text: `insert into telegram_turns as t (bot_id, owner, until) values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         on conflict (bot_id) do update set owner = excluded.owner, until = excluded.until where t.owner = excluded.owner or t.until <= clock_timestamp()`,
};
const GIVE_TURN = { name: 'give_telegram_turn', text: 'update telegram_turns set until = clock_timestamp() where bot_id = $1 and owner = $2' };
const SET_NAME = {
  name: 'set_telegram_name',
  text: `insert into telegram_turns (bot_id, owner, until, name) values ($1, '', clock_timestamp(), $2) on conflict (bot_id) do update set name = excluded.name`,
};
const NAME = { name: 'telegram_name', text: 'select name from telegram_turns where bot_id = $1' };
const INSERT = {
  name: 'insert_telegram_updates',
  text: `insert into telegram_updates (bot_id, update_id, chat_id, update, received_at)
         select $1, n."updateId", n."chatId", n.update, n."receivedAt"
         from json_to_recordset($2::json) as n ("updateId" bigint, "chatId" text, update json, "receivedAt" bigint)
         on conflict (bot_id, update_id) do nothing`,
};
const ADVANCE = {
  name: 'advance_telegram_position',
  text: `insert into telegram_turns (bot_id, owner, until, next_update, received_at) values ($1, '', clock_timestamp(), $2, $3)
         on conflict (bot_id) do update set next_update = excluded.next_update, received_at = excluded.received_at`,
};
const POSITION = {
  name: 'telegram_position',
  text: 'select next_update as "nextUpdate", received_at as "receivedAt" from telegram_turns where bot_id = $1 and next_update is not null',
};
const CLAIM = {
  name: 'claim_telegram_updates',
  text: `with due as (
           select u.update_id from telegram_updates u
           where u.bot_id = $1 and u.done_at is null and u.tries < ${MAX_TRIES} and u.chat_id <> all ($3::text[])
             and (u.claimed_until is null or u.claimed_until <= clock_timestamp() or u.claimed_by <> $2)
             and not exists (select 1 from telegram_updates e where e.bot_id = $1 and e.chat_id = u.chat_id and e.done_at is null
                             and e.update_id < u.update_id and e.claimed_by = $2 and e.claimed_until > clock_timestamp())
           order by u.update_id limit $4 for update skip locked)
         update telegram_updates u set claimed_by = $2, claimed_until = clock_timestamp() + $5 * interval '1 millisecond', tries = tries + 1
         from due where u.bot_id = $1 and u.update_id = due.update_id
         returning u.update_id as "updateId", u.chat_id as "chatId", u.update, u.received_at as "receivedAt"`,
};
const SETTLE = {
  name: 'settle_telegram_update',
  text: 'update telegram_updates set done_at = $3, update = null where bot_id = $1 and update_id = $2 and done_at is null',
};
const FORGET = {
  name: 'forget_telegram_updates',
  text: `delete from telegram_updates where (bot_id, update_id) in (select bot_id, update_id from telegram_updates where done_at < $1 order by done_at limit $2)`,
};

export function chatUpdatesOf(database: Database): UpdateInbox {
  return {
    takeTurn: async (botId, owner, ms) => (await database.write(TAKE_TURN, [botId, owner, ms])) > 0,
    giveTurn: async (botId, owner) => {
      await database.write(GIVE_TURN, [botId, owner]);
    },
    setName: async (botId, name) => {
      await database.write(SET_NAME, [botId, name]);
    },
    name: async (botId) => (await database.row<{ name: string | null }>(NAME, [botId]))?.name ?? null,
    receive: (botId, updates) =>
      database.transaction(async (session) => {
        const last = updates.at(-1);
        if (last === undefined) return 0;
        const count = await session.write(INSERT, [botId, JSON.stringify(updates)]);
        await session.write(ADVANCE, [botId, last.updateId + 1, last.receivedAt]);
        return count;
      }),
    position: (botId) => database.row<{ nextUpdate: number; receivedAt: number }>(POSITION, [botId]),
    claim: async (botId, owner, busyChats, limit, claimMs) => {
      const rows = await database.rows<ReceivedUpdate>(CLAIM, [botId, owner, busyChats, limit, claimMs]);
      return [...rows].sort((left, right) => left.updateId - right.updateId);
    },
    settle: async (botId, updateId, at) => {
      await database.write(SETTLE, [botId, updateId, at]);
    },
    forget: (before, limit) => database.write(FORGET, [before, limit]),
  };
}

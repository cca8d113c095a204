/** The owner's session at Telegram, sealed, and the channels that it reads: which, how far, and what is wrong with them. */
import type { ChannelReading, TelegramUserStore, UserSession } from '#core/telegram-user/store.ts';
import { note } from './audit.ts';
import type { Database, Session } from './database.ts';

const SESSION = {
  name: 'telegram_session',
  text: 'select id, user_id as "userId", name, sealed, key_version as "keyVersion", status, created_at as "createdAt" from telegram_sessions',
};
const KEEP = {
  name: 'keep_telegram_session',
  text: `insert into telegram_sessions as s (id, user_id, name, sealed, key_version, status, created_at) values ($1, $2, $3, $4, $5, 'active', $6)
         on conflict (slot) do update set id = excluded.id, user_id = excluded.user_id, name = excluded.name, sealed = excluded.sealed,
           key_version = excluded.key_version, status = excluded.status, created_at = excluded.created_at
         where s.status = 'revoked'`,
};
const MARK = { name: 'mark_telegram_session', text: `update telegram_sessions set status = $2 where id = $1 and status <> $2 and status <> 'revoked'` };
const DROP = { name: 'drop_telegram_session', text: 'delete from telegram_sessions where id = $1 returning user_id as "userId"' };
/** Hashes are good for one account only. */
const FORGET_HASHES = { name: 'forget_channel_hashes', text: 'update channel_readings set access_hash = null, problem = null where user_id = $1' };
const READINGS = {
  name: 'channel_readings',
  text: `select r.source_id as "sourceId", r.user_id as "userId", r.channel, r.problem, case when r.access_hash is null then null else
           json_build_object('channelId', r.channel_id, 'accessHash', r.access_hash, 'chatId', r.chat_id,
             'place', json_build_object('pts', r.pts, 'lastMessageId', r.last_message_id)) end as found
         from channel_readings r join post_sources s on s.id = r.source_id where r.user_id = $1 order by s.created_at, s.id`,
};
const LOCK = {
  name: 'lock_channel_reading',
  text: `select s.chat_id as "chatId" from channel_readings r join post_sources s on s.id = r.source_id where r.source_id = $1 and r.channel = $2 for update`,
};
const LISTENED = {
  name: 'channel_listened_to',
  text: `select o.id from post_sources s join post_sources o on o.user_id = s.user_id and o.id <> s.id and o.chat_id = $2 where s.id = $1 limit 1`,
};
const TIE = { name: 'tie_read_channel', text: 'update post_sources set chat_id = $2, code_hash = null, code_expires_at = null where id = $1' };
const BIND = {
  name: 'bind_channel_reading',
  text: `update channel_readings set pts = case when chat_id = $2 then pts else $6 end, last_message_id = case when chat_id = $2 then last_message_id else $7 end,
           chat_id = $2, channel_id = $3, access_hash = $4, title = $5, problem = null where source_id = $1`,
};
const MOVE = {
  name: 'move_channel_reading',
  text: 'update channel_readings set pts = $3, last_message_id = $4, problem = null where source_id = $1 and channel = $2',
};
const NOTE = { name: 'note_channel_problem', text: 'update channel_readings set problem = $3 where source_id = $1 and channel = $2' };

export function telegramUserOf(database: Database): TelegramUserStore {
  const deed = (session: Session, action: 'telegram_session_begun' | 'telegram_session_ended', userId: string): Promise<void> =>
    note(database, session, { action, subject: { kind: 'user', id: userId }, ownerId: userId, details: {} });
  return {
    session: () => database.row<UserSession>(SESSION),
    keep: ({ id, userId, name, sealed, keyVersion, createdAt }) =>
      database.transaction(async (session) => {
        if ((await session.write(KEEP, [id, userId, name, sealed, keyVersion, createdAt])) === 0) return false;
        await session.write(FORGET_HASHES, [userId]);
        await deed(session, 'telegram_session_begun', userId);
        return true;
      }),
    mark: async (id, status) => (await database.write(MARK, [id, status])) > 0,
    drop: (id) =>
      database.transaction(async (session) => {
        const dropped = await session.row<{ userId: string }>(DROP, [id]);
        if (dropped !== null) await deed(session, 'telegram_session_ended', dropped.userId);
      }),
    readings: (userId) => database.rows<ChannelReading>(READINGS, [userId]),
    bind: ({ sourceId, channel }, { chatId, channelId, accessHash, title, place }) =>
      database.transaction(async (session) => {
        const source = await session.row<{ chatId: string | null }>(LOCK, [sourceId, channel]);
        if (source === null) return null;
        if (source.chatId !== null && source.chatId !== chatId) return 'another_channel';
        if ((await session.row(LISTENED, [sourceId, chatId])) !== null) return 'already_a_source';
        await session.write(TIE, [sourceId, chatId]);
        await session.write(BIND, [sourceId, chatId, channelId, accessHash, title, place.pts, place.lastMessageId]);
        return null;
      }),
    move: async ({ sourceId, channel }, { pts, lastMessageId }) => {
      await database.write(MOVE, [sourceId, channel, pts, lastMessageId]);
    },
    note: async ({ sourceId, channel }, problem) => {
      await database.write(NOTE, [sourceId, channel, problem]);
    },
  };
}

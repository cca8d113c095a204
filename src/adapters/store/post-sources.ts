/** Where posts come from: sources of users, the channels they are tied to, and the bots that follow them. */
import { MAX_POST_SOURCES, type PostSource, type PostStore } from '#core/posts/post-store.ts';
import { MAX_READ_CHANNELS } from '#core/telegram-user/store.ts';
import type { Database, Session } from './database.ts';

const COLUMNS = `s.id, s.user_id as "userId", s.kind, s.name, s.chat_id as "chatId", s.created_at as "createdAt",
  coalesce((select json_agg(f.bot_id order by f.bot_id) from post_followers f join bots b on b.id = f.bot_id and b.removed_at is null
    where f.source_id = s.id), '[]') as "botIds",
  (select json_build_object('channel', r.channel, 'title', r.title, 'isFound', r.access_hash is not null, 'problem', r.problem)
    from channel_readings r where r.source_id = s.id) as reading`;
const LOCK_USER = { name: 'lock_user_for_post_source', text: 'select id from users where id = $1 for update' };
const COUNT = { name: 'count_post_sources', text: 'select count(*)::int as count from post_sources where user_id = $1' };
const INSERT = {
  name: 'insert_post_source',
  text: 'insert into post_sources (id, user_id, kind, name, code_hash, code_expires_at, created_at) values ($1, $2, $3, $4, $5, $6, $7)',
};
const GET = { name: 'get_post_source', text: `select ${COLUMNS} from post_sources s where s.user_id = $1 and s.id = $2` };
const LIST = { name: 'list_post_sources', text: `select ${COLUMNS} from post_sources s where s.user_id = $1 order by s.created_at, s.id` };
const OF_CHANNEL = { name: 'post_sources_of_channel', text: `select ${COLUMNS} from post_sources s where s.chat_id = $1 order by s.id limit 1000` };
const RENAME = { name: 'rename_post_source', text: 'update post_sources set name = coalesce($3, name) where user_id = $1 and id = $2' };
const REMOVE = { name: 'remove_post_source', text: 'delete from post_sources where user_id = $1 and id = $2' };
const BIND = {
  name: 'bind_post_source',
  text: `update post_sources s set chat_id = $2, code_hash = null, code_expires_at = null where code_hash = $1 and code_expires_at > $3
           and not exists (select 1 from post_sources o where o.user_id = s.user_id and o.chat_id = $2)
         returning id, user_id as "userId"`,
};
const STOP_READING = { name: 'stop_reading_channel', text: 'delete from channel_readings where source_id = $1' };
const COUNT_READ = { name: 'count_read_channels', text: 'select count(*)::int as count from channel_readings where user_id = $1 and source_id <> $2' };
/** Named anew, it is looked for once more, and goes on where it was where it is the same channel. */
const READ = {
  name: 'read_channel',
  text: `insert into channel_readings as r (source_id, user_id, channel) values ($1, $2, $3)
         on conflict (source_id) do update set channel = excluded.channel, problem = null, access_hash = null`,
};
const CLEAR = { name: 'clear_post_followers', text: 'delete from post_followers where source_id = $1' };
const FOLLOW = {
  name: 'add_post_followers',
  text: `insert into post_followers (source_id, bot_id) select $1, b.id from bots b where b.id = any ($2::text[]) and b.user_id = $3 and b.removed_at is null
         on conflict do nothing`,
};

export function postSourcesOf(
  database: Database,
): Pick<PostStore, 'addSource' | 'changeSource' | 'removeSource' | 'source' | 'sources' | 'bindChannel' | 'ofChannel'> {
  const get = (session: Session, userId: string, id: string): Promise<PostSource | null> => session.row<PostSource>(GET, [userId, id]);
  return {
    addSource: ({ id, userId, kind, name, botIds, code, channel, at }) =>
      refusable(database, async (session) => {
        await session.row(LOCK_USER, [userId]);
        const others = await session.row<{ count: number }>(COUNT, [userId]);
        if ((others?.count ?? 0) >= MAX_POST_SOURCES) return 'full';
        await session.write(INSERT, [id, userId, kind, name, code?.hash ?? null, code?.expiresAt ?? null, at]);
        await follow(session, userId, id, botIds);
        if (channel !== null) await setReading(session, userId, id, channel);
        const source = await get(session, userId, id);
        if (source === null) throw new Error('a source that was kept is not there');
        return source;
      }),
    changeSource: (userId, id, { name, botIds, channel }) =>
      refusable(database, async (session) => {
        if ((await session.write(RENAME, [userId, id, name ?? null])) === 0) return null;
        if (botIds !== undefined) {
          await session.write(CLEAR, [id]);
          await follow(session, userId, id, botIds);
        }
        if (channel !== undefined) await setReading(session, userId, id, channel);
        return get(session, userId, id);
      }),
    removeSource: async (userId, id) => (await database.write(REMOVE, [userId, id])) > 0,
    source: (userId, id) => get(database, userId, id),
    sources: (userId) => database.rows<PostSource>(LIST, [userId]),
    bindChannel: async (codeHash, chatId, at) => {
      const bound = await database.row<{ id: string; userId: string }>(BIND, [codeHash, chatId, at]);
      return bound === null ? null : get(database, bound.userId, bound.id);
    },
    ofChannel: (chatId) => database.rows<PostSource>(OF_CHANNEL, [chatId]),
  };
}

/** Undoes the transaction. */
class Refused extends Error {
  readonly reason: 'foreign_bot' | 'too_many_read';

  constructor(reason: Refused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

async function refusable<Result>(database: Database, work: (session: Session) => Promise<Result>): Promise<Result | Refused['reason']> {
  try {
    return await database.transaction(work);
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

/** One user at a time, so that the count holds. */
async function setReading(session: Session, userId: string, sourceId: string, channel: string | null): Promise<void> {
  await session.row(LOCK_USER, [userId]);
  if (channel === null) {
    await session.write(STOP_READING, [sourceId]);
    return;
  }
  const others = await session.row<{ count: number }>(COUNT_READ, [userId, sourceId]);
  if ((others?.count ?? 0) >= MAX_READ_CHANNELS) throw new Refused('too_many_read');
  await session.write(READ, [sourceId, userId, channel]);
}

async function follow(session: Session, userId: string, id: string, botIds: readonly string[]): Promise<void> {
  const wanted = [...new Set(botIds)];
  if (wanted.length > 0 && (await session.write(FOLLOW, [id, wanted, userId])) < wanted.length) throw new Refused('foreign_bot');
}

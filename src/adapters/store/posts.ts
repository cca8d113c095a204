/** Posts that others wrote: every version once, with what was read in it, what the books said to it and what bots were told. */
import type { PostStore, PostView } from '#core/posts/post-store.ts';
import { MAX_POSTS_PER_DAY } from '#core/posts/post-store.ts';
import type { Signal } from '#core/signals/signal.ts';
import type { Database } from './database.ts';
import { pageOf, pageStart } from './paging.ts';
import { postSourcesOf } from './post-sources.ts';
import { insertClosed, insertOpened } from './signal-tellings.ts';

const DAY_MS = 24 * 3_600_000;
const DEEDS = `coalesce((select json_agg(json_build_object('botId', d.bot_id, 'command', d.command, 'outcome', d.outcome, 'detail', d.detail, 'at', d.at) order by d.at, d.bot_id)
  from post_deeds d where d.result_id = r.id), '[]')`;
const RESULTS = `coalesce((select json_agg(json_build_object('id', r.id, 'position', r.position, 'event', r.event, 'check', r."check", 'signal', r.signal, 'deeds', ${DEEDS}) order by r.position)
  from post_results r where r.post_id = p.id), '[]')`;
const VIEW = `select p.id, p.source_id as "sourceId", p.user_id as "userId", p.message_id as "messageId", p.edit, p.text, p.reply_to as "replyTo",
  p.posted_at as "postedAt", p.received_at as "receivedAt", p.first_id as "firstId", p.is_withdrawn as "isWithdrawn", ${RESULTS} as results from posts p`;
const GET = { name: 'get_post', text: `${VIEW} where p.user_id = $1 and p.id = $2` };
const LIST = {
  name: 'list_posts',
  text: `${VIEW} where p.user_id = $1 and (p.received_at, p.id) < ($2, $3) order by p.received_at desc, p.id desc limit $4`,
};
const LIST_OF_SOURCE = {
  name: 'list_posts_of_source',
  text: `${VIEW} where p.user_id = $1 and p.source_id = $5 and (p.received_at, p.id) < ($2, $3) order by p.received_at desc, p.id desc limit $4`,
};
const VERSIONS = { name: 'post_versions', text: `${VIEW} where p.source_id = $1 and p.message_id = $2 order by p.edit desc limit 100` };
const LAST_CALL = {
  name: 'last_call_of_source',
  text: `${VIEW} where p.source_id = $1 and p.received_at >= $3 and exists (select 1 from post_results c where c.post_id = p.id and c.kind = 'call' and c.base = $2)
         order by p.received_at desc, p.id desc limit 1`,
};
/** Versions of one source come one after the other, so that the count and the first version hold. */
const LOCK_SOURCE = { name: 'lock_post_source', text: 'select id from post_sources where id = $1 and user_id = $2 for update' };
const COUNT = {
  name: 'count_posts_of_source',
  text: `select count(*)::int as count from (select 1 from posts where source_id = $1 and received_at > $2 limit ${MAX_POSTS_PER_DAY}) p`,
};
const INSERT = {
  name: 'insert_post',
  text: `insert into posts (id, source_id, user_id, message_id, edit, text, reply_to, posted_at, received_at, first_id, is_withdrawn)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce((select first_id from posts where source_id = $2 and message_id = $4 limit 1), $1),
           coalesce((select bool_or(is_withdrawn) from posts where source_id = $2 and message_id = $4), false)
         on conflict (source_id, message_id, edit) do nothing`,
};
const INSERT_RESULTS = {
  name: 'insert_post_results',
  text: `insert into post_results (id, post_id, user_id, position, kind, base, event, check_at, "check")
         select r.id, $2, $3, r.position, r.kind, r.base, r.event, r."checkAt", r."check"
         from json_to_recordset($1::json) as r (id text, position int, kind text, base text, event json, "checkAt" bigint, "check" json)`,
};
const WITHDRAW = { name: 'withdraw_post', text: 'update posts set is_withdrawn = true where source_id = $1 and message_id = $2' };
const NOTE_DEED = {
  name: 'note_post_deed',
  text: 'insert into post_deeds (result_id, bot_id, command, outcome, detail, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
};
const DUE = {
  name: 'due_post_claims',
  text: `with due as (select id from post_results where check_at <= $1 order by check_at limit $3 for update skip locked)
         update post_results r set check_at = $1 + $2::bigint from due, posts p where r.id = due.id and p.id = r.post_id
         returning r.id as "resultId", r.event as claim, p.posted_at as "postedAt", p.received_at as "receivedAt", r.signal`,
};
const NOTE_CHECK = {
  name: 'note_post_check',
  text: `update post_results set "check" = $2, signal = coalesce($3, signal), signal_state = coalesce($4, signal_state), opened_at = coalesce($5, opened_at), check_at = $6
         where id = $1 returning user_id as "userId"`,
};
const OPEN_SIGNALS = {
  name: 'open_post_signals',
  text: `select user_id as "userId", signal from post_results where signal_state = 'open' order by opened_at desc limit $1`,
};
const SIGNAL = { name: 'post_signal', text: 'select signal from post_results where user_id = $1 and id = $2 and signal is not null' };
const SIGNALS = {
  name: 'post_signals',
  text: `select signal from post_results where user_id = $1 and signal is not null and ($5::text is null or signal_state = $5) and (opened_at, id) < ($2, $3)
         order by opened_at desc, id desc limit $4`,
};

export function postsOf(database: Database): PostStore {
  return {
    ...postSourcesOf(database),
    keep: ({ results, checkAt, ...post }) =>
      database.transaction(async (session) => {
        if ((await session.row(LOCK_SOURCE, [post.sourceId, post.userId])) === null) return 'known';
        const present = await session.row<{ count: number }>(COUNT, [post.sourceId, post.receivedAt - DAY_MS]);
        if ((present?.count ?? 0) >= MAX_POSTS_PER_DAY) return 'full';
        const values = [post.id, post.sourceId, post.userId, post.messageId, post.edit, post.text, post.replyTo, post.postedAt, post.receivedAt];
        if ((await session.write(INSERT, values)) === 0) return 'known';
        const rows = results.map(({ id, event }, position) => ({
          ...{ id, position, kind: event.kind, event },
          base: event.kind === 'call' ? event.instrument.base : null,
          ...(event.kind === 'arbitrage' ? { checkAt, check: { status: 'unverified', liveSpread: null, reason: 'not_checked', at: post.receivedAt } } : {}),
        }));
        await session.write(INSERT_RESULTS, [JSON.stringify(rows), post.id, post.userId]);
        const kept = await session.row<PostView>(GET, [post.userId, post.id]);
        if (kept === null) throw new Error('a post that was kept is not there');
        return kept;
      }),
    list: async (userId, sourceId, page) => {
      const { at, id, rows: limit } = pageStart(page, 'text');
      const rows = await (sourceId === null
        ? database.rows<PostView>(LIST, [userId, at, id, limit])
        : database.rows<PostView>(LIST_OF_SOURCE, [userId, at, id, limit, sourceId]));
      return pageOf(rows, page, (post) => ({ at: post.receivedAt, id: post.id }));
    },
    get: (userId, id) => database.row<PostView>(GET, [userId, id]),
    versions: (sourceId, messageId) => database.rows<PostView>(VERSIONS, [sourceId, messageId]),
    lastCall: (sourceId, base, since) => database.row<PostView>(LAST_CALL, [sourceId, base, since]),
    withdraw: async (sourceId, messageId) => {
      await database.write(WITHDRAW, [sourceId, messageId]);
    },
    noteDeed: async (resultId, { botId, command, outcome, detail, at }) => {
      await database.write(NOTE_DEED, [resultId, botId, command, outcome, detail, at]);
    },
    dueClaims: (now, holdMs, limit) => database.rows(DUE, [now, holdMs, limit]),
    noteCheck: (resultId, check, signal, nextAt, word) =>
      database.transaction(async (session) => {
        const written = signal === null ? null : JSON.stringify(signal);
        const values = [resultId, JSON.stringify(check), written, signal?.state ?? null, signal?.openedAt ?? null, nextAt];
        const noted = await session.row<{ userId: string }>(NOTE_CHECK, values);
        if (noted === null || word === null) return;
        if (word.kind === 'opened') await insertOpened(session, word.opening, { userId: noted.userId });
        else await insertClosed(session, word.close, null);
      }),
    openSignals: (limit) => database.rows(OPEN_SIGNALS, [limit]),
    signal: async (userId, id) => (await database.row<{ signal: Signal }>(SIGNAL, [userId, id]))?.signal ?? null,
    signals: async (userId, state, page) => {
      const start = pageStart(page, 'text');
      const rows = (await database.rows<{ signal: Signal }>(SIGNALS, [userId, start.at, start.id, start.rows, state])).map(({ signal }) => signal);
      return pageOf(rows, page, ({ openedAt, id }) => ({ at: openedAt, id }));
    },
  };
}

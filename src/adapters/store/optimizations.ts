/** Optimisations: asked for, worked on piece by piece by whoever is free, and ended once. */
import { createHash } from 'node:crypto';
import { PortError } from '#core/errors.ts';
import type { OptimizationRecord, OptimizationResult, OptimizationStore } from '#core/store/optimizations.ts';
import type { Database } from './database.ts';
import { ENDED_COLUMNS, type EndedWork, tellEnd } from './ended-work.ts';
import { brokenLimit, lockUser } from './limited.ts';
import { packed, unpacked, unpackedBytes } from './packed-text.ts';
import { pageOf, pageStart } from './paging.ts';

const COLUMNS = `o.id, o.user_id as "userId", o.name, o.state, o.settings, o.trials, o.trials_done as "trialsDone", o.fingerprint, o.summary, o.failure,
  o.created_at as "createdAt", o.started_at as "startedAt", o.ended_at as "endedAt"`;
const RESULT = `r.rank, r.trial, r.config, r.scores, r.is_on_front as "isOnFront", r.in_sample as "inSample", r.out_of_sample as "outOfSample"`;

const COUNT = {
  name: 'count_optimizations',
  text: 'select count(*) as kept, count(*) filter (where ended_at is null) as unfinished from optimizations where user_id = $1',
};
const INSERT = {
  name: 'insert_optimization',
  text: `insert into optimizations as o (id, user_id, name, state, settings, trials, trials_done, fingerprint, failure, created_at)
         values ($1, $2, $3, 'waiting', $4, $5, 0, '', '', $6) returning ${COLUMNS}`,
};
const LIST = {
  name: 'list_optimizations',
  text: `select ${COLUMNS} from optimizations o where o.user_id = $1 and (o.created_at, o.id) < ($2, $3) order by o.created_at desc, o.id desc limit $4`,
};
const GET = { name: 'get_optimization', text: `select ${COLUMNS} from optimizations o where o.user_id = $1 and o.id = $2` };
const BEGIN = {
  name: 'begin_optimization',
  text: `update optimizations o set state = case when o.state = 'waiting' then 'running' else o.state end, started_at = coalesce(o.started_at, $2)
         where o.id = $1 and o.ended_at is null returning ${COLUMNS}`,
};
const KEEP_CANDLES = {
  name: 'keep_optimization_candles',
  text: 'insert into optimization_candles (optimization_id, content) values ($1, $2) on conflict do nothing',
};
const SET_FINGERPRINT = { name: 'fingerprint_optimization', text: 'update optimizations set fingerprint = $2 where id = $1' };
const CANDLES = { name: 'optimization_candles', text: 'select content from optimization_candles where optimization_id = $1' };
const LOCK = { name: 'lock_optimization', text: 'select id from optimizations where id = $1 and ended_at is null for update' };
const KEEP_CHUNK = {
  name: 'keep_optimization_chunk',
  text: 'insert into optimization_chunks (optimization_id, chunk, content) values ($1, $2, $3) on conflict do nothing',
};
const COUNT_TRIALS = { name: 'count_optimization_trials', text: 'update optimizations set trials_done = trials_done + $2 where id = $1' };
const CHUNKS_DONE = { name: 'optimization_chunks_done', text: 'select chunk from optimization_chunks where optimization_id = $1 order by chunk' };
const CHUNKS = { name: 'optimization_chunks', text: 'select content from optimization_chunks where optimization_id = $1 and chunk < $2 order by chunk' };
const FINISH = {
  name: 'finish_optimization',
  text: `update optimizations set state = $2, failure = $3, summary = $4, ended_at = $5 where id = $1 and ended_at is null returning ${ENDED_COLUMNS}`,
};
const INSERT_RESULTS = {
  name: 'insert_optimization_results',
  text: `insert into optimization_results (optimization_id, rank, trial, config, scores, is_on_front, in_sample, out_of_sample)
         select $1, rank, trial, config, scores, "isOnFront", "inSample", case when json_typeof("outOfSample") = 'null' then null else "outOfSample" end
         from json_to_recordset($2) as r (rank int, trial int, config json, scores json, "isOnFront" boolean, "inSample" json, "outOfSample" json)`,
};
const DROP_CANDLES = { name: 'drop_optimization_candles', text: 'delete from optimization_candles where optimization_id = $1' };
const DROP_CHUNKS = { name: 'drop_optimization_chunks', text: 'delete from optimization_chunks where optimization_id = $1' };
const CHANGES = {
  paused: { name: 'pause_optimization', text: `update optimizations set state = 'paused' where user_id = $1 and id = $2 and state in ('waiting', 'running')` },
  running: { name: 'resume_optimization', text: `update optimizations set state = 'running' where user_id = $1 and id = $2 and state = 'paused'` },
};
const CANCEL = {
  name: 'cancel_optimization',
  text: `update optimizations set state = 'cancelled', ended_at = $3 where user_id = $1 and id = $2 and ended_at is null`,
};
const REMOVE = { name: 'remove_optimization', text: 'delete from optimizations where user_id = $1 and id = $2' };
const OF_USER = 'optimization_results r join optimizations o on o.id = r.optimization_id';
const RESULTS = {
  name: 'optimization_results',
  text: `select ${RESULT} from ${OF_USER} where o.user_id = $1 and o.id = $2 and r.rank > $3 order by r.rank limit $4`,
};
const RESULT_OF_RANK = { name: 'optimization_result', text: `select ${RESULT} from ${OF_USER} where o.user_id = $1 and o.id = $2 and r.rank = $3` };
const UNFINISHED = {
  name: 'unfinished_optimizations',
  text: `select id from optimizations where state in ('waiting', 'running') and created_at < $1 order by created_at limit $2`,
};

export function optimizationsOf(database: Database): OptimizationStore {
  return {
    create: ({ id, userId, name, settings, trials, at }, limits) =>
      database.transaction(async (session) => {
        await lockUser(session, userId);
        const broken = await brokenLimit(session, COUNT, [userId], limits);
        if (broken !== null) return broken;
        const made = await session.row<OptimizationRecord>(INSERT, [id, userId, name, JSON.stringify(settings), trials, at]);
        if (made === null) throw new PortError('store_conflict', 'the optimisation was not kept', { outcome: 'failed' });
        return made;
      }),
    list: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<OptimizationRecord>(LIST, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    get: (userId, id) => database.row<OptimizationRecord>(GET, [userId, id]),
    begin: (id, at) => database.row<OptimizationRecord>(BEGIN, [id, at]),
    change: async (userId, id, to, at) => {
      if (to === 'cancelled') return cancel(database, userId, id, at);
      if ((await database.write(CHANGES[to], [userId, id])) === 1) return 'changed';
      return (await database.row(GET, [userId, id])) === null ? 'missing' : 'over';
    },
    remove: async (userId, id) => (await database.write(REMOVE, [userId, id])) === 1,
    unfinished: async (before, limit) => (await database.rows<{ id: string }>(UNFINISHED, [before, limit])).map(({ id }) => id),
    ...workOn(database),
    ...resultsOf(database),
  };
}

const TITLE = { en: 'Optimisation', ru: 'Подбор параметров' };

function workOn(database: Database): Pick<OptimizationStore, 'keepCandles' | 'candles' | 'keepChunk' | 'chunksDone' | 'chunksBefore' | 'finish'> {
  return {
    keepCandles: async (id, bytes) => {
      const content = await packed(bytes);
      const fingerprint = createHash('sha256').update(bytes).digest('hex');
      await database.transaction(async (session) => {
        // Another worker may have read other candles: those that were first count.
        if ((await session.row(LOCK, [id])) === null) return;
        if ((await session.write(KEEP_CANDLES, [id, content])) === 1) await session.write(SET_FINGERPRINT, [id, fingerprint]);
      });
    },
    candles: async (id) => {
      const row = await database.row<{ content: string }>(CANDLES, [id]);
      return row === null ? null : unpackedBytes(row.content);
    },
    keepChunk: async (id, { chunk, trials, content }) => {
      const text = await packed(content);
      return database.transaction(async (session) => {
        if ((await session.row(LOCK, [id])) === null) return false;
        if ((await session.write(KEEP_CHUNK, [id, chunk, text])) === 1) await session.write(COUNT_TRIALS, [id, trials]);
        return true;
      });
    },
    chunksDone: async (id) => (await database.rows<{ chunk: number }>(CHUNKS_DONE, [id])).map(({ chunk }) => chunk),
    chunksBefore: async (id, chunk) => {
      const rows = await database.rows<{ content: string }>(CHUNKS, [id, chunk]);
      return Promise.all(rows.map(({ content }) => unpacked(content)));
    },
    finish: async (id, end, at) => {
      await database.transaction(async (session) => {
        const [failure, summary] = end.state === 'done' ? ['', JSON.stringify(end.summary)] : [end.failure, null];
        const ended = await session.row<EndedWork>(FINISH, [id, end.state, failure, summary, at]);
        if (ended === null) return;
        await tellEnd(session, ended, { id, at, failure: end.state === 'done' ? null : failure, type: 'optimization_finished', title: TITLE });
        if (end.state === 'done') await session.write(INSERT_RESULTS, [id, JSON.stringify(end.results)]);
        await session.write(DROP_CANDLES, [id]);
        await session.write(DROP_CHUNKS, [id]);
      });
    },
  };
}

function cancel(database: Database, userId: string, id: string, at: number): Promise<'changed' | 'over' | 'missing'> {
  return database.transaction(async (session) => {
    if ((await session.write(CANCEL, [userId, id, at])) === 1) {
      await session.write(DROP_CANDLES, [id]);
      await session.write(DROP_CHUNKS, [id]);
      return 'changed';
    }
    return (await session.row(GET, [userId, id])) === null ? 'missing' : 'over';
  });
}

function resultsOf(database: Database): Pick<OptimizationStore, 'results' | 'result'> {
  return {
    results: async (userId, id, page) => {
      const start = pageStart(page, 'serial');
      const after = page.cursor === null ? 0 : start.at;
      const rows = await database.rows<OptimizationResult>(RESULTS, [userId, id, after, start.rows]);
      return pageOf(rows, page, ({ rank }) => ({ at: rank, id: String(rank) }));
    },
    result: (userId, id, rank) => database.row<OptimizationResult>(RESULT_OF_RANK, [userId, id, rank]),
  };
}

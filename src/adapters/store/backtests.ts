/** Backtests: asked for, taken up by a worker, and ended once. Documents and files of candles are kept compressed. */

import { PortError } from '#core/errors.ts';
import type { BacktestRecord, BacktestStore, DatasetRecord } from '#core/store/backtests.ts';
import type { Database } from './database.ts';
import { ENDED_COLUMNS, type EndedWork, tellEnd } from './ended-work.ts';
import { brokenLimit, lockUser } from './limited.ts';
import { packed, unpacked } from './packed-text.ts';
import { pageOf, pageStart } from './paging.ts';

const COLUMNS = `b.id, b.user_id as "userId", b.name, b.state, b.settings, b.progress, b.figures, b.failure, b.created_at as "createdAt",
  b.started_at as "startedAt", b.ended_at as "endedAt"`;
const DATASET = `d.id, d.user_id as "userId", d.name, d.candles, d.interval_ms as "intervalMs", d.start_at as "startAt", d.end_at as "endAt", d.bytes,
  d.created_at as "createdAt"`;

const COUNT = {
  name: 'count_backtests',
  text: 'select count(*) as kept, count(*) filter (where ended_at is null) as unfinished from backtests where user_id = $1',
};
const INSERT = {
  name: 'insert_backtest',
  text: `insert into backtests as b (id, user_id, name, state, settings, progress, failure, created_at) values ($1, $2, $3, 'waiting', $4, 0, '', $5)
         returning ${COLUMNS}`,
};
const LIST = {
  name: 'list_backtests',
  text: `select ${COLUMNS} from backtests b where b.user_id = $1 and (b.created_at, b.id) < ($2, $3) order by b.created_at desc, b.id desc limit $4`,
};
const GET = { name: 'get_backtest', text: `select ${COLUMNS} from backtests b where b.user_id = $1 and b.id = $2` };
const BEGIN = {
  name: 'begin_backtest',
  text: `update backtests b set state = 'running', started_at = coalesce(b.started_at, $2) where b.id = $1 and b.ended_at is null returning ${COLUMNS}`,
};
const PROGRESS = { name: 'progress_of_backtest', text: 'update backtests set progress = greatest(progress, $2) where id = $1 and ended_at is null' };
const FINISH = {
  name: 'finish_backtest',
  text: `update backtests set state = $2, failure = $3, figures = $4, ended_at = $5, progress = case when $2 = 'done' then 1 else progress end
         where id = $1 and ended_at is null returning ${ENDED_COLUMNS}`,
};
const KEEP_DOCUMENT = { name: 'keep_backtest_document', text: 'insert into backtest_documents (backtest_id, content) values ($1, $2)' };
const CANCEL = {
  name: 'cancel_backtest',
  text: `update backtests set state = 'cancelled', ended_at = $3 where user_id = $1 and id = $2 and ended_at is null`,
};
const REMOVE = { name: 'remove_backtest', text: 'delete from backtests where user_id = $1 and id = $2' };
const DOCUMENT = {
  name: 'backtest_document',
  text: 'select d.content from backtest_documents d join backtests b on b.id = d.backtest_id where b.user_id = $1 and b.id = $2',
};
const UNFINISHED = {
  name: 'unfinished_backtests',
  text: 'select id from backtests where ended_at is null and created_at < $1 order by created_at limit $2',
};
const COUNT_DATASETS = { name: 'count_datasets', text: 'select count(*) as count from datasets where user_id = $1' };
const INSERT_DATASET = {
  name: 'insert_dataset',
  text: `insert into datasets (id, user_id, name, candles, interval_ms, start_at, end_at, bytes, content, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};
const LIST_DATASETS = {
  name: 'list_datasets',
  text: `select ${DATASET} from datasets d where d.user_id = $1 and (d.created_at, d.id) < ($2, $3) order by d.created_at desc, d.id desc limit $4`,
};
const GET_DATASET = { name: 'get_dataset', text: `select ${DATASET} from datasets d where d.user_id = $1 and d.id = $2` };
const PACKED_DATASET = { name: 'packed_dataset', text: 'select content from datasets where user_id = $1 and id = $2' };
const REMOVE_DATASET = { name: 'remove_dataset', text: 'delete from datasets where user_id = $1 and id = $2' };

const TITLE = { en: 'Backtest', ru: 'Бэктест' };

export function backtestsOf(database: Database): BacktestStore {
  return {
    create: ({ id, userId, name, settings, at }, limits) =>
      database.transaction(async (session) => {
        await lockUser(session, userId);
        const broken = await brokenLimit(session, COUNT, [userId], limits);
        if (broken !== null) return broken;
        const made = await session.row<BacktestRecord>(INSERT, [id, userId, name, JSON.stringify(settings), at]);
        if (made === null) throw new PortError('store_conflict', 'the backtest was not kept', { outcome: 'failed' });
        return made;
      }),
    list: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<BacktestRecord>(LIST, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    get: (userId, id) => database.row<BacktestRecord>(GET, [userId, id]),
    begin: (id, at) => database.row<BacktestRecord>(BEGIN, [id, at]),
    progress: async (id, share) => (await database.write(PROGRESS, [id, share])) === 1,
    finish: async (id, end, at) => {
      const document = end.state === 'done' ? await packed(end.document) : '';
      await database.transaction(async (session) => {
        const [failure, figures] = end.state === 'done' ? ['', JSON.stringify(end.figures)] : [end.failure, null];
        const ended = await session.row<EndedWork>(FINISH, [id, end.state, failure, figures, at]);
        if (ended === null) return;
        if (end.state === 'done') await session.write(KEEP_DOCUMENT, [id, document]);
        await tellEnd(session, ended, { id, at, failure: end.state === 'done' ? null : failure, type: 'backtest_finished', title: TITLE });
      });
    },
    cancel: async (userId, id, at) => {
      if ((await database.write(CANCEL, [userId, id, at])) === 1) return 'cancelled';
      return (await database.row(GET, [userId, id])) === null ? 'missing' : 'over';
    },
    remove: async (userId, id) => (await database.write(REMOVE, [userId, id])) === 1,
    document: async (userId, id) => {
      const row = await database.row<{ content: string }>(DOCUMENT, [userId, id]);
      return row === null ? null : unpacked(row.content);
    },
    unfinished: async (before, limit) => (await database.rows<{ id: string }>(UNFINISHED, [before, limit])).map(({ id }) => id),
    addDataset: async ({ id, userId, name, candles, intervalMs, startAt, endAt, bytes, createdAt }, content, kept) => {
      const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
      return database.transaction(async (session) => {
        await lockUser(session, userId);
        const row = await session.row<{ count: number }>(COUNT_DATASETS, [userId]);
        if (row !== null && row.count >= kept) return 'kept';
        await session.write(INSERT_DATASET, [id, userId, name, candles, intervalMs, startAt, endAt, bytes, text, createdAt]);
        return 'added';
      });
    },
    datasets: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<DatasetRecord>(LIST_DATASETS, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    dataset: (userId, id) => database.row<DatasetRecord>(GET_DATASET, [userId, id]),
    packedDataset: async (userId, id) => {
      const row = await database.row<{ content: string }>(PACKED_DATASET, [userId, id]);
      return row === null ? null : Buffer.from(row.content, 'base64');
    },
    removeDataset: async (userId, id) => (await database.write(REMOVE_DATASET, [userId, id])) === 1,
  };
}

/** What was looked into of backtests afterwards. */

import { PortError } from '#core/errors.ts';
import type { CheckRecord, CheckStore } from '#core/store/checks.ts';
import type { Database } from './database.ts';
import { brokenLimit, lockUser } from './limited.ts';

const COLUMNS = `c.id, c.backtest_id as "backtestId", c.state, c.settings, c.progress, c.result, c.failure, c.created_at as "createdAt", c.ended_at as "endedAt"`;
const OF_USER = 'backtest_checks c join backtests b on b.id = c.backtest_id';

const BACKTEST = { name: 'backtest_to_check', text: 'select id from backtests where user_id = $1 and id = $2' };
const COUNT = {
  name: 'count_checks',
  text: `select count(*) filter (where c.backtest_id = $2) as kept, count(*) filter (where c.ended_at is null) as unfinished from ${OF_USER} where b.user_id = $1`,
};
const INSERT = {
  name: 'insert_check',
  text: `insert into backtest_checks as c (id, backtest_id, settings, state, progress, failure, created_at) values ($1, $2, $3, 'waiting', 0, '', $4)
         returning ${COLUMNS}`,
};
const LIST = { name: 'list_checks', text: `select ${COLUMNS} from ${OF_USER} where b.user_id = $1 and b.id = $2 order by c.created_at desc, c.id desc` };
const GET = { name: 'get_check', text: `select ${COLUMNS} from ${OF_USER} where b.user_id = $1 and b.id = $2 and c.id = $3` };
const BEGIN = {
  name: 'begin_check',
  text: `update backtest_checks c set state = 'running' from backtests b where b.id = c.backtest_id and c.id = $1 and c.ended_at is null
         returning ${COLUMNS}, b.user_id as "userId", b.settings as "backtestSettings"`,
};
const PROGRESS = { name: 'progress_of_check', text: 'update backtest_checks set progress = greatest(progress, $2) where id = $1 and ended_at is null' };
const FINISH = {
  name: 'finish_check',
  text: `update backtest_checks set state = $2, failure = $3, result = $4, ended_at = $5, progress = case when $2 = 'done' then 1 else progress end
         where id = $1 and ended_at is null`,
};
const REMOVE = {
  name: 'remove_check',
  text: 'delete from backtest_checks c using backtests b where b.id = c.backtest_id and b.user_id = $1 and b.id = $2 and c.id = $3',
};
const UNFINISHED = {
  name: 'unfinished_checks',
  text: 'select id from backtest_checks where ended_at is null and created_at < $1 order by created_at limit $2',
};

export function checksOf(database: Database): CheckStore {
  return {
    create: ({ id, userId, backtestId, settings, at }, limits) =>
      database.transaction(async (session) => {
        await lockUser(session, userId);
        if ((await session.row(BACKTEST, [userId, backtestId])) === null) return 'missing';
        const broken = await brokenLimit(session, COUNT, [userId, backtestId], limits);
        if (broken !== null) return broken;
        const made = await session.row<CheckRecord>(INSERT, [id, backtestId, JSON.stringify(settings), at]);
        if (made === null) throw new PortError('store_conflict', 'the check was not kept', { outcome: 'failed' });
        return made;
      }),
    list: (userId, backtestId) => database.rows<CheckRecord>(LIST, [userId, backtestId]),
    get: (userId, backtestId, id) => database.row<CheckRecord>(GET, [userId, backtestId, id]),
    begin: async (id) => {
      const row = await database.row<CheckRecord & { userId: string; backtestSettings: Readonly<Record<string, unknown>> }>(BEGIN, [id]);
      if (row === null) return null;
      const { userId, backtestSettings, ...check } = row;
      return { check, userId, backtestSettings };
    },
    progress: async (id, share) => (await database.write(PROGRESS, [id, share])) === 1,
    finish: async (id, end, at) => {
      const [failure, result] = end.state === 'done' ? ['', JSON.stringify(end.result)] : [end.failure, null];
      await database.write(FINISH, [id, end.state, failure, result, at]);
    },
    remove: async (userId, backtestId, id) => (await database.write(REMOVE, [userId, backtestId, id])) === 1,
    unfinished: async (before, limit) => (await database.rows<{ id: string }>(UNFINISHED, [before, limit])).map(({ id }) => id),
  };
}

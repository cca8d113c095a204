/**
 * Runs of bots, their tapes, and how their worth has moved.
 */
import type { EquityPoint, JournalEntry, RunRecord } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import type { Database } from './database.ts';

const COLUMNS = `r.id, r.user_id as "userId", r.bot_id as "botId", r.account_id as "accountId", r.recipe, r.sequence, r.state, r.started_at as "startedAt",
  r.ended_at as "endedAt", r.end_reason as "endReason"`;

const GET = { name: 'get_run', text: `select ${COLUMNS} from runs r where r.id = $1` };
const LATEST = {
  name: 'latest_run',
  text: `select ${COLUMNS} from runs r where r.user_id = $1 and r.bot_id = $2 order by r.started_at desc, r.id desc limit 1`,
};
const TAPE = {
  name: 'tape',
  text: `select j.sequence, j.event, j.commands from journal j join runs r on r.id = j.run_id
         where r.user_id = $1 and r.bot_id = $2 and r.id = $3 and j.sequence > $4 order by j.sequence limit $5`,
};
const ADD_EQUITY = {
  name: 'add_equity',
  text: `insert into equity_points (run_id, at, profit, price)
         select n."runId", n.at, n.profit, n.price
         from json_to_recordset($1::json) as n ("runId" text, at bigint, profit numeric, price numeric, subject text, owner text, epoch bigint)
         join leases l using (subject, owner, epoch) where l.expires_at > clock_timestamp()
         on conflict (run_id, at) do update set profit = excluded.profit, price = excluded.price`,
};
/** The newest points, told from the oldest of them on. */
const EQUITY = {
  name: 'equity',
  text: `select at, profit, price from (
           select e.at, e.profit, e.price from equity_points e join runs r on r.id = e.run_id
           where r.user_id = $1 and r.bot_id = $2 and r.id = $3 order by e.at desc limit $4) newest
         order by at`,
};

export function runsOf(database: Database): Store['runs'] {
  return {
    get: (id) => database.row<RunRecord>(GET, [id]),
    latest: (userId, botId) => database.row<RunRecord>(LATEST, [userId, botId]),
    tape: (userId, botId, runId, after, limit) => database.rows<JournalEntry>(TAPE, [userId, botId, runId, after, limit]),
    addEquity: async (points) => {
      await database.write(ADD_EQUITY, [JSON.stringify(points.map(({ lease, ...point }) => ({ ...point, ...lease })))]);
    },
    equity: (userId, botId, runId, limit) => database.rows<EquityPoint>(EQUITY, [userId, botId, runId, limit]),
  };
}

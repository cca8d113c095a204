/**
 * Runs of bots, their tapes, and how their worth has moved.
 */
import type { EquityPoint, JournalEntry, RunRecord, Store } from '#core/store.ts';
import type { Database } from './database.ts';
import { holdLease } from './leases.ts';

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
  text: `insert into equity_points (run_id, at, profit, price) values ($1, $2, $3, $4)
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
    addEquity: (lease, runId, point) =>
      database.transaction(async (session) => {
        await holdLease(session, lease);
        await session.write(ADD_EQUITY, [runId, point.at, point.profit, point.price]);
      }),
    equity: (userId, botId, runId, limit) => database.rows<EquityPoint>(EQUITY, [userId, botId, runId, limit]),
  };
}

/**
 * The transaction around trading state. Steps of runs and of stewards become durable here, whole or not at all: the leases
 * are held, the order of each journal is kept, orders, fills and facts are written, and what is about to be sent is checked
 * against kill switches and budgets, all before anybody outside can see any of it. Many commits take the statements of one.
 */
import type { Commit } from '#core/store/commit.ts';
import { leaseSubject } from '#core/store/store.ts';
import { advanceActions } from './actions.ts';
import { keepSettings, setStatuses } from './bots.ts';
import { takeCommands } from './commands.ts';
import { conflict } from './commit-conflict.ts';
import { addFills, deriveFromFills } from './commit-fills.ts';
import { tellLives } from './commit-lives.ts';
import { applyChanges, assertWithinBudget, insertOrders, placesOrders } from './commit-orders.ts';
import { foldPositions } from './commit-positions.ts';
import type { Session } from './database.ts';
import { insertFacts } from './facts.ts';
import { assertTradingAllowed } from './kill-switches.ts';
import { holdLeases } from './leases.ts';

const STRANGERS = {
  name: 'not_of_account_and_bot',
  text: `select n.account_id as "accountId", n.bot_id as "botId" from unnest($1::text[], $2::text[], $3::text[]) as n (user_id, account_id, bot_id)
         where not (exists (select 1 from exchange_accounts where id = n.account_id and user_id = n.user_id)
           and (n.bot_id is null or exists (select 1 from bots where id = n.bot_id and user_id = n.user_id and account_id = n.account_id)))`,
};
const LOCK_RUNS = {
  name: 'lock_runs',
  text: `select r.id, r.sequence, r.ended_at as "endedAt" from runs r join unnest($1::text[], $2::text[], $3::text[]) as n (id, bot_id, account_id)
           on r.id = n.id and r.bot_id = n.bot_id and r.account_id = n.account_id order by r.id for update of r`,
};
const ADD_ENTRIES = {
  name: 'add_entries',
  text: `insert into journal (run_id, sequence, event, commands)
         select n."runId", n.sequence, n.event, n.commands from json_to_recordset($1::json) as n ("runId" text, sequence bigint, event json, commands json)`,
};
const ADVANCE_RUNS = {
  name: 'advance_runs',
  text: `update runs r set sequence = n.sequence, state = n.state, ended_at = n."endedAt", end_reason = n."endReason"
         from json_to_recordset($1::json) as n (id text, sequence bigint, state json, "endedAt" bigint, "endReason" text) where r.id = n.id`,
};
const REST_BOT = { name: 'rest_bot', text: `update bots set desired = 'stopped', updated_at = $2 where id = $1` };

type RunOfCommit = NonNullable<Commit['run']>;

/**
 * Inside a transaction, all of them or none; no two may be of one lease. Throws PortError as {@link Commit} says, of whichever is
 * refused first. The statements go out in four bursts: within one none needs the answer of another.
 */
export async function applyCommits(session: Session, commits: readonly Commit[]): Promise<void> {
  const leases = commits.map(({ lease }) => lease);
  const placing = [...new Set(commits.filter(placesOrders).map(({ userId }) => userId))];
  const advances = advancesOf(commits);
  const [, , , stored] = await Promise.all([
    holdLeases(session, leases),
    assertConsistent(session, commits),
    placing.length === 0 ? undefined : assertTradingAllowed(session, placing),
    lockRuns(session, advances),
  ]);
  const [, , former, filled] = await Promise.all([
    writeAdvances(session, advances, stored),
    insertOrders(session, commits),
    applyChanges(session, commits),
    addFills(session, commits),
  ]);
  for (const each of advances) await endAdvance(session, each);
  for (const commit of commits) await foldPositions(session, commit);
  for (const commit of commits) await advanceActions(session, commit);
  // Budgets come after what was earned.
  await Promise.all([
    deriveFromFills(session, commits, filled),
    tellLives(session, commits, former, filled),
    assertWithinBudget(session, commits),
    insertFacts(
      session,
      commits.flatMap(({ facts }) => facts),
    ),
    setStatuses(
      session,
      commits.flatMap(({ botId, status, at }) => (botId === null || status === null ? [] : [{ botId, ...status, at }])),
    ),
  ]);
}

/** A lease must be of the bot or account that its commit is about, and both must be the user's. */
async function assertConsistent(session: Session, commits: readonly Commit[]): Promise<void> {
  for (const { lease, accountId, botId, run } of commits) {
    const subjects = [leaseSubject('account', accountId), ...(botId === null ? [] : [leaseSubject('bot', botId)])];
    if (!subjects.includes(lease.subject)) throw new Error(`a commit about ${subjects.join(' or ')} came with the lease of ${lease.subject}`);
    if (run !== null && botId === null) throw new Error(`a commit of run ${run.id} came without its bot`);
  }
  const columns = [commits.map(({ userId }) => userId), commits.map(({ accountId }) => accountId), commits.map(({ botId }) => botId)];
  const row = await session.row<{ accountId: string; botId: string | null }>(STRANGERS, columns);
  if (row !== null) throw conflict(`account ${row.accountId} and bot ${row.botId ?? '(none)'} do not belong together to this user`);
}

interface Advance extends Pick<Commit, 'userId' | 'settings'> {
  readonly run: RunOfCommit;
  readonly botId: string;
  readonly accountId: string;
  readonly at: number;
}

interface StoredRun {
  readonly id: string;
  readonly sequence: number;
  readonly endedAt: number | null;
}

function advancesOf(commits: readonly Commit[]): readonly Advance[] {
  return commits.flatMap((commit) => {
    const { run, botId } = commit;
    return run === null || botId === null ? [] : [{ ...commit, run, botId }];
  });
}

async function lockRuns(session: Session, advances: readonly Advance[]): Promise<readonly StoredRun[]> {
  if (advances.length === 0) return [];
  const columns = [advances.map(({ run }) => run.id), advances.map(({ botId }) => botId), advances.map(({ accountId }) => accountId)];
  return await session.rows<StoredRun>(LOCK_RUNS, columns);
}

async function writeAdvances(session: Session, advances: readonly Advance[], stored: readonly StoredRun[]): Promise<void> {
  if (advances.length === 0) return;
  const byId = new Map(stored.map((row) => [row.id, row]));
  const advanced = advances.map(({ run }) => advance(run, byId.get(run.id)));
  const entries = advances.flatMap(({ run }) => run.entries.map((entry) => ({ ...entry, runId: run.id })));
  await Promise.all([
    entries.length === 0 ? undefined : session.write(ADD_ENTRIES, [JSON.stringify(entries)]),
    session.write(ADVANCE_RUNS, [JSON.stringify(advanced)]),
  ]);
}

/** What few advances bring: commands of the user that they have taken, settings they have changed, and the end of a run. */
async function endAdvance(session: Session, { run, botId, userId, settings = [], at }: Advance): Promise<void> {
  await takeCommands(session, botId, run.entries, at);
  for (const kept of settings) await keepSettings(session, { id: botId, userId }, kept, at);
  if (run.end !== null) await session.write(REST_BOT, [botId, at]);
}

/** The run as it is to be stored; its journal must go on where it ends. */
function advance(run: RunOfCommit, stored: StoredRun | undefined): object {
  if (stored === undefined) throw conflict(`there is no run ${run.id} of this bot`);
  if (stored.endedAt !== null) throw conflict(`run ${run.id} has ended`);
  for (const [index, entry] of run.entries.entries()) {
    const expected = stored.sequence + 1 + index;
    if (entry.sequence !== expected) throw conflict(`the journal of run ${run.id} goes on with ${expected}, not with ${entry.sequence}`);
  }
  const sequence = stored.sequence + run.entries.length;
  return { id: run.id, sequence, state: run.state, endedAt: run.end?.at ?? null, endReason: run.end?.reason ?? null };
}

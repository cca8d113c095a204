/**
 * The transaction around trading state. One step of a run or of a steward becomes durable here, whole or not at all: the
 * lease is held, the order of the journal is kept, orders, fills and facts are written, and what is about to be sent is
 * checked against kill switches and the budget, all before anybody outside can see any of it.
 */
import { type Commit, leaseSubject } from '#core/store.ts';
import { advanceActions } from './actions.ts';
import { SET_STATUS } from './bots.ts';
import { takeCommands } from './commands.ts';
import { conflict } from './commit-conflict.ts';
import { addFills } from './commit-fills.ts';
import { tellLives } from './commit-lives.ts';
import { applyChanges, assertWithinBudget, insertOrders, placesOrders } from './commit-orders.ts';
import { foldPositions } from './commit-positions.ts';
import type { Session } from './database.ts';
import { insertFacts } from './facts.ts';
import { assertTradingAllowed } from './kill-switches.ts';
import { holdLease } from './leases.ts';

const OWNS = {
  name: 'owns_account_and_bot',
  text: `select exists (select 1 from exchange_accounts where id = $2 and user_id = $1)
           and ($3::text is null or exists (select 1 from bots where id = $3 and user_id = $1 and account_id = $2)) as owns`,
};
const LOCK_RUN = {
  name: 'lock_run',
  text: 'select sequence, ended_at as "endedAt" from runs where id = $1 and bot_id = $2 and account_id = $3 for update',
};
const ADD_ENTRIES = {
  name: 'add_entries',
  text: `insert into journal (run_id, sequence, event, commands)
         select $1, n.sequence, n.event, n.commands from json_to_recordset($2::json) as n (sequence bigint, event json, commands json)`,
};
const ADVANCE_RUN = { name: 'advance_run', text: 'update runs set sequence = $2, state = $3, ended_at = $4, end_reason = $5 where id = $1' };
const REST_BOT = { name: 'rest_bot', text: `update bots set desired = 'stopped', updated_at = $2 where id = $1` };

/** Inside a transaction; throws PortError as {@link Commit} says. */
export async function applyCommit(session: Session, commit: Commit): Promise<void> {
  await holdLease(session, commit.lease);
  await assertConsistent(session, commit);
  if (placesOrders(commit)) await assertTradingAllowed(session, commit.userId);
  if (commit.run !== null) await advanceRun(session, commit, commit.run);
  await insertOrders(session, commit);
  const former = await applyChanges(session, commit);
  const filled = await addFills(session, commit);
  await foldPositions(session, commit);
  await advanceActions(session, commit);
  await tellLives(session, commit, former, filled);
  await assertWithinBudget(session, commit);
  await insertFacts(session, commit.facts);
  if (commit.status !== null && commit.botId !== null) await session.write(SET_STATUS, [commit.botId, commit.status.status, commit.status.reason, commit.at]);
}

/** The lease must be of the bot or account that the commit is about, and both must be the user's. */
async function assertConsistent(session: Session, { lease, userId, accountId, botId, run }: Commit): Promise<void> {
  const subjects = [leaseSubject('account', accountId), ...(botId === null ? [] : [leaseSubject('bot', botId)])];
  if (!subjects.includes(lease.subject)) throw new Error(`a commit about ${subjects.join(' or ')} came with the lease of ${lease.subject}`);
  if (run !== null && botId === null) throw new Error(`a commit of run ${run.id} came without its bot`);
  const row = await session.row<{ owns: boolean }>(OWNS, [userId, accountId, botId]);
  if (row?.owns !== true) throw conflict(`account ${accountId} and bot ${botId ?? '(none)'} do not belong together to this user`);
}

async function advanceRun(session: Session, { botId, accountId, at }: Commit, run: NonNullable<Commit['run']>): Promise<void> {
  const row = await session.row<{ sequence: number; endedAt: number | null }>(LOCK_RUN, [run.id, botId, accountId]);
  if (row === null) throw conflict(`there is no run ${run.id} of this bot`);
  if (row.endedAt !== null) throw conflict(`run ${run.id} has ended`);
  for (const [index, entry] of run.entries.entries()) {
    const expected = row.sequence + 1 + index;
    if (entry.sequence !== expected) throw conflict(`the journal of run ${run.id} goes on with ${expected}, not with ${entry.sequence}`);
  }
  if (run.entries.length > 0) await session.write(ADD_ENTRIES, [run.id, JSON.stringify(run.entries)]);
  await takeCommands(session, botId, run.entries, at);
  await session.write(ADVANCE_RUN, [run.id, row.sequence + run.entries.length, JSON.stringify(run.state), run.end?.at ?? null, run.end?.reason ?? null]);
  if (run.end !== null) await session.write(REST_BOT, [botId, at]);
}

/**
 * What a dead owner has left behind: a server that still runs on the data, processes of a server that was killed, and
 * a `postmaster.pid` that names somebody else by now. The caller holds the lock on the data directory, so every server
 * on this data belongs to an owner that is dead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';

/** How long a leftover server may take for each way of asking: fast shutdown, immediate shutdown, kill. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** Ends whatever still works on the cluster in `directory` (its real path) and clears the way for a new server. */
export async function settleLeftovers(directory: string, log: Log): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(first);
  if (isServerOn(pid, directory)) {
    log.info({ pid }, 'stopping the database server that the last process left behind');
    await stop(() => (isServerOn(pid, directory) ? [pid] : []));
  }
  await stop(() => processesOn(directory), ['SIGQUIT', 'SIGKILL']);
  // PostgreSQL respects a pid file while any process has that number; its own parent's number tells it that the file is stale.
  if (existsSync(file)) writeFileSync(file, [process.pid, ...rest].join('\n'));
}

async function stop(remaining: () => readonly number[], signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGKILL']): Promise<void> {
  for (const signal of signals) {
    for (const pid of remaining()) kill(pid, signal);
    for (let waited = 0; waited < PATIENCE_MS && remaining().length > 0; waited += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
  }
  const left = remaining();
  if (left.length > 0)
    throw new PortError('store_unavailable', `database processes of an earlier start cannot be stopped: ${left.join(', ')}`, { outcome: 'failed' });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may be gone already; anything else shows when it does not go away.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

/** A PostgreSQL process always works in its data directory, which tells it from a stranger that has got the number since. */
function isServerOn(pid: number, directory: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  if (process.platform === 'linux') return workingDirectory(pid) === directory;
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' })
      .trim()
      .endsWith('postgres');
  } catch {
    return false;
  }
}

function processesOn(directory: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && workingDirectory(pid) === directory && isPostgres(pid));
}

function workingDirectory(pid: number): string | null {
  return linkOf(`/proc/${pid}/cwd`);
}

function isPostgres(pid: number): boolean {
  return /\/postgres( \(deleted\))?$/.test(linkOf(`/proc/${pid}/exe`) ?? '');
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // The process has ended, or belongs to another account and so is none of ours.
    return null;
  }
}

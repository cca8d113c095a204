/**
 * Lets one process at a time change a file: a lock file beside it that says who holds it. Whoever dies while holding it
 * leaves it behind: on the same machine that is seen at once, elsewhere by its age, as nobody holds it for long.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '#core/errors.ts';

/** Work under a lock takes a fraction of a second; a lock of this age has been left behind. */
export const STALE_MS = 30_000;
const PAUSE_MS = 20;
const PATIENCE_MS = 60_000;
/** Locks of this process: one that bears its number and is not here was left by a former process of that number. */
const held = new Set<string>();

/** Does the work while nobody else does any under the same path. PortError `store_conflict` when others hold it for a minute. */
export async function underLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${path}.lock`;
  for (let waitedMs = 0; !(await isTaken(lock)); waitedMs += PAUSE_MS) {
    if (waitedMs >= PATIENCE_MS) throw new PortError('store_conflict', `${path} is being changed by another process`, { outcome: 'failed' });
    await pause(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    held.delete(lock);
    await rm(lock, { force: true });
  }
}

async function isTaken(lock: string): Promise<boolean> {
  if (held.has(lock)) return false;
  held.add(lock);
  // Linked to its name when it says whose it is, so that it never stands there without.
  const own = `${lock}.${randomUUID()}`;
  try {
    await writeFile(own, `${process.pid} ${hostname()}`, { flag: 'wx', mode: 0o600 });
    await link(own, lock);
    return true;
  } catch (error) {
    held.delete(lock);
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(own, { force: true });
  }
  const left = await stat(lock).catch(() => null);
  if (left !== null && (Date.now() - left.mtimeMs > STALE_MS || (await isOrphan(lock)))) await putAside(lock, left.ino);
  return false;
}

async function isOrphan(lock: string): Promise<boolean> {
  const [pid, host] = (await readFile(lock, 'utf8').catch(() => '')).split(' ');
  if (host !== hostname() || !/^[1-9]\d{0,9}$/.test(pid ?? '')) return false;
  if (Number(pid) === process.pid) return !held.has(lock);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Of several who find an old lock one moves it; whoever comes late and has caught a new one gives it back. */
async function putAside(lock: string, inode: number): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await stat(aside)).ino === inode) await rm(aside, { force: true });
  else await rename(aside, lock);
}

/**
 * Lets one process at a time change a file: a lock file beside it. Who dies while holding it leaves it behind; as nobody
 * holds it for long, an old one is nobody's.
 */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '#core/errors.ts';

/** Work under a lock takes a fraction of a second; a lock of this age has been left behind. */
export const STALE_MS = 30_000;
const PAUSE_MS = 20;
const PATIENCE_MS = 60_000;

/** Does the work while nobody else does any under the same path. PortError `store_conflict` when others hold it for a minute. */
export async function underLock<Result>(path: string, work: () => Promise<Result>, patienceMs: number = PATIENCE_MS): Promise<Result> {
  const lock = `${path}.lock`;
  for (let waitedMs = 0; !(await isTaken(lock)); waitedMs += PAUSE_MS) {
    if (waitedMs >= patienceMs) throw new PortError('store_conflict', `${path} is being changed by another process`, { outcome: 'failed' });
    await pause(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function isTaken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const left = await stat(lock).catch(() => null);
  if (left !== null && Date.now() - left.mtimeMs > STALE_MS) await putAside(lock, left.ino);
  return false;
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

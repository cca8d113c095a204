/**
 * The small process that starts those of a sandbox and ends them, told over its channel. It reads nothing of what they say: their
 * pipes go to whoever asked. It ends with that process, and they end with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import type { LauncherAnswer, LauncherOrder } from './launcher.ts';

const children = new Map<number, ChildProcess>();

process.on('message', (order: LauncherOrder) => {
  if (order.op === 'kill') children.get(order.id)?.kill('SIGKILL');
  else start(order);
});
process.on('disconnect', () => {
  for (const child of children.values()) child.kill('SIGKILL');
});

function start({ id, command, args, isBackground }: Extract<LauncherOrder, { op: 'start' }>): void {
  // One pipe for both ways: nobody reads it here, so that not a byte is lost on its way to the asker.
  const child = spawn(command, args, { env: {}, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if (child.pid === undefined) {
    answer({ id, pid: null });
    return;
  }
  children.set(id, child);
  child.on('exit', () => children.delete(id));
  if (isBackground) lower(child.pid);
  answer({ id, pid: child.pid }, child.stdin);
}

function answer(message: LauncherAnswer, pipe?: unknown): void {
  // The asker may be gone by now; then so is this process in a moment.
  process.send?.(message, pipe instanceof Socket ? pipe : undefined, {}, () => undefined);
}

/** Checks and backtests give way to whatever trades. */
function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A process that is gone already needs no priority.
  }
}

/**
 * Has a small process start those of a sandbox. To start one copies the tables of the process that starts it and waits until the
 * system has run the copy: that is done where nobody waits for it, not on the loop on which bots trade.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

export type LauncherOrder =
  | { readonly op: 'start'; readonly id: number; readonly command: string; readonly args: readonly string[]; readonly isBackground: boolean }
  | { readonly op: 'kill'; readonly id: number };

/** The pipe of the process comes with it; without a number it could not be started. */
export interface LauncherAnswer {
  readonly id: number;
  readonly pid: number | null;
}

export interface LaunchWish {
  readonly command: string;
  readonly args: readonly string[];
  /** Gives way to whatever trades. */
  readonly isBackground: boolean;
  /** Called once; `null` where it could not be started. */
  readonly onPipe: (pipe: Socket | null) => void;
  /** Called when it has been ended because the launcher is gone. */
  readonly onLost: () => void;
}

/** A process that has been asked for. */
export interface Launched {
  /** Ends it, now or as soon as it is there. */
  kill(): void;
}

interface Entry extends LaunchWish {
  pid: number | null;
}

export class Launcher {
  #process: ChildProcess | null = null;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  /** Throws where the launcher itself cannot be started. */
  launch(wish: LaunchWish): Launched {
    const launcher = this.#process ?? this.#begin();
    const id = ++this.#lastId;
    this.#entries.set(id, { ...wish, pid: null });
    const { command, args, isBackground } = wish;
    send(launcher, { op: 'start', id, command, args, isBackground });
    return {
      kill: () => {
        if (this.#entries.delete(id)) send(launcher, { op: 'kill', id });
      },
    };
  }

  /** Ends it, and with it whatever it has started; resolves when all of that is gone. */
  async close(): Promise<void> {
    const launcher = this.#process;
    if (launcher === null) return;
    this.#process = null;
    launcher.ref();
    const gone = once(launcher, 'exit');
    if (launcher.connected) launcher.disconnect();
    await gone;
  }

  /** A group of its own: what a terminal tells the product is not for this. Whoever has nothing else to do does not wait for it. */
  #begin(): ChildProcess {
    const launcher = spawn(process.execPath, [MODULE], { env: {}, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#process = launcher;
    launcher.on('message', (answer: LauncherAnswer, pipe: unknown) => this.#take(answer, pipe));
    for (const event of ['error', 'disconnect', 'exit'] as const) launcher.on(event, () => this.#lose(launcher));
    launcher.unref();
    launcher.channel?.unref();
    return launcher;
  }

  #take({ id, pid }: LauncherAnswer, handle: unknown): void {
    const pipe = handle instanceof Socket ? handle : null;
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      pipe?.destroy();
      return;
    }
    entry.pid = pid;
    entry.onPipe(pipe);
  }

  /** Whatever it has started has nobody to end it any more. The number is still that of the same process: its pipe has not ended. */
  #lose(launcher: ChildProcess): void {
    if (this.#process !== launcher) return;
    this.#process = null;
    launcher.kill('SIGKILL');
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { pid, onLost } of entries) {
      if (pid !== null) killNow(pid);
      onLost();
    }
  }
}

const MODULE = fileURLToPath(new URL('launcher-process.ts', import.meta.url));

/** A launcher that takes no more orders is found out by its end. */
function send(launcher: ChildProcess, order: LauncherOrder): void {
  if (launcher.connected) launcher.send(order, () => undefined);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** Answering threads of one module that are kept for a while when nobody asks them: to open one takes longer than a small piece of work. */
import type { Clock } from '#core/ports.ts';
import { type AnsweringThread, answeringThread } from './threads.ts';

export interface KeptThreadsOptions {
  readonly module: URL;
  /** Largest heap of a thread. */
  readonly maxHeapMb: number;
  /** Threads that are kept at most. */
  readonly most: number;
  /** How long one that nobody asks is kept. */
  readonly idleMs: number;
  readonly clock: Clock;
}

interface Idle<Task, Answer> {
  readonly thread: AnsweringThread<Task, Answer>;
  readonly forget: () => void;
}

export class KeptThreads<Task, Answer> {
  readonly #options: KeptThreadsOptions;
  #idle: readonly Idle<Task, Answer>[] = [];
  #isClosed = false;

  constructor(options: KeptThreadsOptions) {
    this.#options = options;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** One that was kept and still lives, or a new one. It is the taker's until it is given back or stopped. */
  take(): AnsweringThread<Task, Answer> {
    const [kept] = this.#idle;
    if (kept === undefined) return answeringThread<Task, Answer>(this.#options.module, this.#options.maxHeapMb);
    this.#drop(kept);
    if (kept.thread.isOver) return this.take();
    kept.thread.hold(true);
    return kept.thread;
  }

  /** Keeps one that nobody has asked anything it has not answered. */
  give(thread: AnsweringThread<Task, Answer>): void {
    const { most, idleMs, clock } = this.#options;
    if (this.#isClosed || thread.isOver || this.#idle.length >= most) {
      thread.stop();
      return;
    }
    // One that waits for nothing keeps no process from ending.
    thread.hold(false);
    const callOff = clock.after(idleMs, () => {
      this.#drop(kept);
      thread.stop();
    });
    const kept: Idle<Task, Answer> = { thread, forget: callOff };
    this.#idle = [...this.#idle, kept];
  }

  /** Stops all that are kept; those that come back later are stopped as well. */
  close(): void {
    this.#isClosed = true;
    for (const kept of this.#idle) {
      this.#drop(kept);
      kept.thread.stop();
    }
  }

  #drop(kept: Idle<Task, Answer>): void {
    kept.forget();
    this.#idle = this.#idle.filter((each) => each !== kept);
  }
}

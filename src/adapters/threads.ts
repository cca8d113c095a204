/** Work in threads of its own: they compute as long as they like and the event loop of this process never waits for them. */
import { Worker } from 'node:worker_threads';
import type { Clock } from '#core/ports.ts';

export interface ThreadWork<Message> {
  /** The module that the thread runs; it takes its task as `workerData`. */
  readonly module: URL;
  readonly task: unknown;
  /** Largest heap of the thread. */
  readonly maxHeapMb: number;
  /** Called for each message; `true` ends the thread. */
  readonly onMessage: (message: Message) => boolean;
}

export interface RunningThread {
  /** Resolves when the thread is over; rejects where it died of itself. */
  readonly over: Promise<void>;
  /** Hands it something more to do. */
  send(message: unknown): void;
  /** Whether it keeps the process from ending; it does from its begin. */
  hold(isHeld: boolean): void;
  stop(): void;
}

export function runThread<Message>({ module, task, maxHeapMb, onMessage }: ThreadWork<Message>): RunningThread {
  const worker = new Worker(module, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: maxHeapMb }, env: {}, stdin: false });
  const over = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if (onMessage(message)) void worker.terminate();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
  return {
    over,
    send: (message) => worker.postMessage(message),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    stop: () => void worker.terminate(),
  };
}

/** A thread that answers what it is asked, one thing after the other. */
export interface AnsweringThread<Task, Answer> {
  /** Rejects where the thread died or was stopped. One question at a time. */
  ask(task: Task): Promise<Answer>;
  /** Hands it what it does not answer. */
  tell(message: unknown): void;
  /** Whether it was asked something that it has not answered. */
  readonly isBusy: boolean;
  /** Whether it has died or was stopped. */
  readonly isOver: boolean;
  /** Whether it keeps the process from ending; it does from its begin. */
  hold(isHeld: boolean): void;
  stop(): void;
}

export function answeringThread<Task, Answer>(module: URL, maxHeapMb: number): AnsweringThread<Task, Answer> {
  let pending = Promise.withResolvers<Answer>();
  let end: Error | null = null;
  let isBusy = false;
  const thread = runThread<Answer>({
    module,
    task: null,
    maxHeapMb,
    onMessage: (answer) => {
      isBusy = false;
      pending.resolve(answer);
      return false;
    },
  });
  const over = (error: unknown) => {
    end = error instanceof Error ? error : new Error('the thread was stopped');
    pending.reject(end);
  };
  thread.over.then(() => over(null), over);
  // Of an end while nobody asks, whoever asks next is told.
  pending.promise.catch(() => undefined);
  return {
    ask: (task) => {
      pending = Promise.withResolvers<Answer>();
      isBusy = end === null;
      if (end === null) thread.send(task);
      else pending.reject(end);
      return pending.promise;
    },
    tell: thread.send,
    get isBusy() {
      return isBusy;
    },
    get isOver() {
      return end !== null;
    },
    hold: thread.hold,
    stop: thread.stop,
  };
}

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

/** Answering threads of one module that are kept for a while when nobody asks them: to open one takes longer than a small piece of work. */
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

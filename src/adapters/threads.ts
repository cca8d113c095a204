/** Work in a thread of its own: it computes as long as it likes and the event loop of this process never waits for it. */
import { Worker } from 'node:worker_threads';

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

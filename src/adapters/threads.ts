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
  return { over, send: (message) => worker.postMessage(message), stop: () => void worker.terminate() };
}

/** Backtests computed in threads, one each, so that bots of this process trade on undisturbed. */
import { runThread } from '#adapters/threads.ts';
import type { BacktestBench, BacktestOutcome, InspectedFile } from '#app/backtest/backtest-task.ts';
import type { ReadyCandles } from '#app/backtest/ready-candles.ts';
import type { CheckBench, CheckResult } from '#app/honesty/check-task.ts';
import type { RehearsalWish, Rehearse } from '#app/honesty/own-runs.ts';
import { AppError } from '#core/errors.ts';
import type { ThreadMessage, ThreadTask } from './_backtest-messages.ts';
import { rehearsalFor } from './_rehearsals.ts';

/** Room for the bars of the largest file, the ledger of a busy run and its document. */
const MAX_HEAP_MB = 2_048;

/** `historyDirectory` is where the history of candles lies. */
export function threadBench(historyDirectory: string): BacktestBench & CheckBench {
  return {
    run: (task, onProgress) => begin<BacktestOutcome>({ ...task, historyDirectory }, onProgress),
    check: (task, onProgress, rehearse) => begin<CheckResult>({ checked: task, historyDirectory }, onProgress, rehearse),
    read: (task) => begin<ReadyCandles>({ read: task, historyDirectory }, () => undefined).done,
    inspect: (csv) => begin<InspectedFile>({ inspected: csv }, () => undefined).done,
  };
}

function begin<Result>(
  task: ThreadTask,
  onProgress: (share: number) => void,
  rehearse: Rehearse | null = null,
): { readonly done: Promise<Result>; stop(): void } {
  const end = Promise.withResolvers<Result>();
  const thread = runThread<ThreadMessage>({
    module: new URL('./_backtest-thread.ts', import.meta.url),
    task,
    maxHeapMb: MAX_HEAP_MB,
    onMessage: (message) => {
      if (message.type === 'progress') onProgress(message.share);
      else if (message.type === 'rehearse') answer(message.wish);
      else if (message.type === 'done') end.resolve(message.result as Result);
      else end.reject(new AppError(message.code, message.message, message.issues));
      return message.type === 'done' || message.type === 'refused';
    },
  });
  const answer = (wish: RehearsalWish): void => {
    rehearsalFor(rehearse, wish).then(thread.send, (error: unknown) => {
      end.reject(error);
      thread.stop();
    });
  };
  // Of an end that was told already nothing changes any more.
  thread.over.then(
    () => end.reject(new Error('the thread of a backtest was stopped')),
    (error: unknown) => end.reject(isOutOfMemory(error) ? new AppError('backtest_too_large', 'it needs more memory than there is for one') : error),
  );
  return { done: end.promise, stop: thread.stop };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

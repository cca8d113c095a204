/** Backtests computed in threads, one each, so that bots of this process trade on undisturbed. */
import { runThread } from '#adapters/threads.ts';
import type { BacktestBench, BacktestOutcome, BacktestTask, InspectedFile } from '#app/backtest/backtest-task.ts';
import type { ReadyCandles } from '#app/backtest/ready-candles.ts';
import type { CheckBench, CheckResult, CheckTask } from '#app/honesty/check-task.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';

/** What a thread is to do: a backtest, or to read a file of candles. */
export type ThreadTask =
  | (BacktestTask & { readonly historyDirectory: string })
  | { readonly checked: CheckTask; readonly historyDirectory: string }
  | { readonly read: Pick<BacktestTask, 'settings' | 'candles'>; readonly historyDirectory: string }
  | { readonly inspected: Uint8Array };
/** What a thread says. */
export type ThreadMessage =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly result: BacktestOutcome | CheckResult | ReadyCandles | InspectedFile }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string; readonly issues: readonly Issue[] };

/** Room for the bars of the largest file, the ledger of a busy run and its document. */
const MAX_HEAP_MB = 2_048;

/** `historyDirectory` is where the history of candles lies. */
export function threadBench(historyDirectory: string): BacktestBench & CheckBench {
  return {
    run: (task, onProgress) => begin<BacktestOutcome>({ ...task, historyDirectory }, onProgress),
    check: (task, onProgress) => begin<CheckResult>({ checked: task, historyDirectory }, onProgress),
    read: (task) => begin<ReadyCandles>({ read: task, historyDirectory }, () => undefined).done,
    inspect: (csv) => begin<InspectedFile>({ inspected: csv }, () => undefined).done,
  };
}

function begin<Result>(task: ThreadTask, onProgress: (share: number) => void): { readonly done: Promise<Result>; stop(): void } {
  const end = Promise.withResolvers<Result>();
  const thread = runThread<ThreadMessage>({
    module: new URL('./_backtest-thread.ts', import.meta.url),
    task,
    maxHeapMb: MAX_HEAP_MB,
    onMessage: (message) => {
      if (message.type === 'progress') onProgress(message.share);
      else if (message.type === 'done') end.resolve(message.result as Result);
      else end.reject(new AppError(message.code, message.message, message.issues));
      return message.type !== 'progress';
    },
  });
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

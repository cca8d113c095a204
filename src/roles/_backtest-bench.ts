/** Backtests computed in threads: one each, a few at once, so that bots of this process trade on undisturbed. */
import { runThread } from '#adapters/threads.ts';
import type { BacktestDocument } from '#app/backtest/backtest-document.ts';
import type { BacktestBench, BacktestTask } from '#app/backtest/backtest-task.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';

/** What a thread says. */
export type BenchMessage =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly document: BacktestDocument }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string; readonly issues: readonly Issue[] };

/** Room for the bars of the largest file, the ledger of a busy run and its document. */
const MAX_HEAP_MB = 2_048;

export function threadBench(): BacktestBench {
  return {
    run: (task, onProgress) => {
      const end = Promise.withResolvers<BacktestDocument>();
      const thread = runThread<BenchMessage>({
        module: new URL('./_backtest-thread.ts', import.meta.url),
        task: task satisfies BacktestTask,
        maxHeapMb: MAX_HEAP_MB,
        onMessage: (message) => {
          if (message.type === 'progress') onProgress(message.share);
          else if (message.type === 'done') end.resolve(message.document);
          else end.reject(new AppError(message.code, message.message, message.issues));
          return message.type !== 'progress';
        },
      });
      // Of an end that was told already nothing changes any more.
      thread.over.then(
        () => end.reject(new Error('the thread of a backtest was stopped')),
        (error: unknown) => end.reject(isOutOfMemory(error) ? new AppError('backtest_too_large', 'the run needs more memory than there is for one') : error),
      );
      return { done: end.promise, stop: thread.stop };
    },
  };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** What is said between a thread of the bench and whoever began it. */
import type { BacktestOutcome, BacktestTask, InspectedFile } from '#app/backtest/backtest-task.ts';
import type { ReadyCandles } from '#app/backtest/ready-candles.ts';
import type { CheckResult, CheckTask } from '#app/honesty/check-task.ts';
import type { RehearsalWish } from '#app/honesty/own-runs.ts';
import type { ErrorCode } from '#core/errors.ts';
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
  /** It waits for the answer. */
  | { readonly type: 'rehearse'; readonly wish: RehearsalWish }
  | { readonly type: 'done'; readonly result: BacktestOutcome | CheckResult | ReadyCandles | InspectedFile }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string; readonly issues: readonly Issue[] };

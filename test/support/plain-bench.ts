/** Computes backtests in the thread of the test. */
import { type BacktestBench, type BacktestTask, candlesReadyFor, inspectCandles, runTask, type TaskCandles } from '#app/backtest/backtest-task.ts';
import { storedCandles } from '#app/history/stored-candles.ts';
import { type CheckBench, runCheck } from '#app/honesty/check-task.ts';
import type { CandleHistory } from '#core/history.ts';
import type { Strategy } from '#core/strategy.ts';

export function plainBench(strategies: ReadonlyMap<string, Strategy>, history?: CandleHistory): BacktestBench & CheckBench {
  const storedOf = async (candles: TaskCandles) =>
    'series' in candles && history !== undefined ? await storedCandles(history, candles.series, candles.span) : null;
  const run = async (task: BacktestTask, onProgress: (share: number) => void) => {
    const storedLegs = await Promise.all((task.legCandles ?? []).map(storedOf));
    return runTask(task, await storedOf(task.candles), strategies, onProgress, storedLegs);
  };
  return {
    run: (task, onProgress) => ({ done: run(task, onProgress), stop: () => undefined }),
    check: (task, onProgress, rehearse) => ({
      done: storedOf(task.candles).then((stored) => runCheck(task, stored, strategies, onProgress, rehearse)),
      stop: () => undefined,
    }),
    read: async (task) => candlesReadyFor(task, await storedOf(task.candles)),
    inspect: async (csv) => inspectCandles(csv),
  };
}

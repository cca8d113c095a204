/** Computes backtests in the thread of the test. */
import { type BacktestBench, inspectCandles, runTask } from '#app/backtest/backtest-task.ts';
import { readyCandles } from '#app/backtest/ready-candles.ts';
import type { Strategy } from '#core/strategy.ts';

export function plainBench(strategies: ReadonlyMap<string, Strategy>): BacktestBench {
  return {
    run: (task, onProgress) => ({ done: Promise.resolve().then(() => runTask(task, strategies, onProgress)), stop: () => undefined }),
    read: async (task) => readyCandles(task),
    inspect: async (csv) => inspectCandles(csv),
  };
}

/** Computes backtests in the thread of the test. */
import { type BacktestBench, type BacktestTask, candlesReadyFor, runTask, type Stored, type TaskCandles } from '#app/backtest/backtest-task.ts';
import { storedCandles } from '#app/history/stored-candles.ts';
import { type CheckBench, type CheckTask, runCheck } from '#app/honesty/check-task.ts';
import type { Rehearse } from '#app/honesty/own-runs.ts';
import type { CandleHistory } from '#core/history.ts';
import type { Strategy } from '#core/strategy.ts';
import { inspectedFile, unpackedTask } from '#roles/_packed-candles.ts';

export function plainBench(strategies: ReadonlyMap<string, Strategy>, history?: CandleHistory): BacktestBench & CheckBench {
  const storedOf = async (candles: TaskCandles): Promise<Stored | null> => {
    if (history === undefined || 'csv' in candles || 'packed' in candles) return null;
    return 'trades' in candles ? { trades: await history.records.read(candles.trades, candles.span) } : storedCandles(history, candles.series, candles.span);
  };
  const run = async (sent: BacktestTask, onProgress: (share: number) => void) => {
    const task = unpackedTask(sent);
    const storedLegs = await Promise.all((task.legCandles ?? []).map(storedOf));
    return runTask(task, await storedOf(task.candles), strategies, onProgress, storedLegs);
  };
  const check = async (task: CheckTask, onProgress: (share: number) => void, rehearse?: Rehearse) => {
    const storedLegs = await Promise.all((task.legCandles ?? []).map(storedOf));
    return runCheck(task, await storedOf(task.candles), strategies, onProgress, { rehearse, storedLegs });
  };
  return {
    run: (task, onProgress) => ({ done: run(task, onProgress), stop: () => undefined }),
    check: (task, onProgress, rehearse) => ({ done: check(unpackedTask(task), onProgress, rehearse), stop: () => undefined }),
    read: async (task) => candlesReadyFor(unpackedTask(task), await storedOf(task.candles)),
    inspect: async (csv) => inspectedFile(csv),
  };
}

/** Looks into runs over several instruments: the same questions, asked of all of them together. */
import { firstBarAt } from '#core/bars.ts';
import { type LegHistory, type LegsBacktestOptions, runLegsBacktest } from '../backtest/legs/legs-backtest.ts';
import { legsReport } from '../backtest/legs/legs-report.ts';
import { barsBetween } from '../optimize/trial-history.ts';
import type { LotMatching } from '../report/ledger.ts';
import { type LookAheadReport, lookAheadOf } from './look-ahead.ts';

/** Histories end together, where the first instrument's does. */
export function legsLookAhead(options: LegsBacktestOptions, onCut: (share: number) => void): Promise<LookAheadReport> {
  const { strategy, first, others } = options;
  const run = (length: number) => {
    const end = (first.bars.startAt[length - 1] ?? 0) + first.bars.intervalMs;
    const cut = (history: LegHistory): LegHistory => ({
      ...history,
      bars: barsBetween(history.bars, 0, Math.min(history.bars.length, firstBarAt(history.bars, end))),
    });
    return runLegsBacktest({ ...options, first: cut(first), others: new Map([...others].map(([symbol, history]) => [symbol, cut(history)])), keepTape: true })
      .tape;
  };
  return lookAheadOf(strategy.name, first.bars, run, onCut);
}

/** Of closed trades of all instruments in the sequence of their ends, as shares of the capital. */
export function legsProfits(options: LegsBacktestOptions, lots: LotMatching): readonly number[] {
  const { figures, trades } = legsReport(runLegsBacktest(options), lots);
  return trades.toSorted((one, other) => one.leftAt - other.leftAt).map(({ profit }) => Number(profit) / Number(figures.capital));
}

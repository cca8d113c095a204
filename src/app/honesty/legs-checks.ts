/** Looks into runs over several instruments: the same questions, asked of all of them together. */
import { AppError } from '#core/errors.ts';
import type { LegHistory } from '../backtest/legs/leg-history.ts';
import { type LegsBacktestOptions, runLegsBacktest } from '../backtest/legs/legs-backtest.ts';
import { legsReport } from '../backtest/legs/legs-report.ts';
import { legsTrialFigures } from '../optimize/trial-figures.ts';
import { barsWithin } from '../optimize/trial-history.ts';
import type { LotMatching } from '../report/ledger.ts';
import { type LookAheadReport, lookAheadOf } from './look-ahead.ts';
import type { TrySet } from './walk-forward.ts';

/** Histories end together, where the first instrument's does. */
export function legsLookAhead(options: LegsBacktestOptions, onCut: (share: number) => void): Promise<LookAheadReport> {
  const { strategy, first } = options;
  const run = (length: number) => {
    const end = (first.bars.startAt[length - 1] ?? 0) + first.bars.intervalMs;
    return runLegsBacktest({ ...within(options, 0, end), keepTape: true }).tape;
  };
  return lookAheadOf(strategy.name, first.bars, run, onCut);
}

/** Runs a set over a stretch of the first instrument's bars, with those of the others over the same time. Nothing warms up: no bars are told. */
export function legsTrySet(options: LegsBacktestOptions, lots: LotMatching): TrySet {
  return (config, bars) => {
    const [from, last] = [bars.startAt[0] ?? 0, bars.startAt[bars.length - 1] ?? 0];
    try {
      return { state: 'done', figures: legsTrialFigures(runLegsBacktest({ ...within(options, from, last + bars.intervalMs), config }), lots) };
    } catch (error) {
      if (error instanceof AppError || error instanceof RangeError) return { state: 'refused', reason: error.message };
      throw error;
    }
  };
}

/** The same run over the bars that begin within a span of time. */
function within(options: LegsBacktestOptions, from: number, to: number): LegsBacktestOptions {
  const cut = (history: LegHistory): LegHistory => ({ ...history, bars: barsWithin(history.bars, from, to) });
  return { ...options, first: cut(options.first), others: new Map([...options.others].map(([symbol, history]) => [symbol, cut(history)])) };
}

/** Of closed trades of all instruments in the sequence of their ends, as shares of the capital. */
export function legsProfits(options: LegsBacktestOptions, lots: LotMatching): readonly number[] {
  const { figures, trades } = legsReport(runLegsBacktest(options), lots);
  return trades.toSorted((one, other) => one.leftAt - other.leftAt).map(({ profit }) => Number(profit) / Number(figures.capital));
}

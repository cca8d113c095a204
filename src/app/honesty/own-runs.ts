/**
 * Runs of a user's own strategy for checks: each goes through its stretch of the history in the sandbox first, and is then computed on
 * what it wished for. Whoever computes sits in a thread and asks; whoever has the sandbox answers.
 */
import { type Bars, firstBarAt } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import { type BacktestOptions, type BacktestResult, runBacktest } from '../backtest/backtest.ts';
import type { BacktestSettings } from '../backtest/backtest-settings.ts';
import type { ReadyCandles } from '../backtest/ready-candles.ts';
import { barsBetween } from '../optimize/trial-history.ts';
import type { OwnStrategies, PinnedProgram } from '../own-strategies/own-strategies.ts';
import { rehearsed } from '../own-strategies/playback.ts';

/** One run of a strategy. */
export type RunOnce = (options: BacktestOptions) => BacktestResult | Promise<BacktestResult>;

/** A stretch of the bars, to be gone through with these settings. It warms up on what comes before it. */
export interface RehearsalWish {
  readonly config: unknown;
  readonly from: number;
  readonly to: number;
}

/** Rejects with AppError where the program could not be run. */
export type Rehearse = (wish: RehearsalWish) => Promise<RehearsedRun>;

/** Stretches that are kept for the next wish: a search tries many settings on the same. */
const KEPT_STRETCHES = 4;

/** `whole` has the bars of which every run takes a stretch. */
export function ownRuns(whole: Bars, rehearse: Rehearse): RunOnce {
  return async (options) => {
    const { config, bars } = options;
    const from = firstBarAt(whole, bars.startAt[0] ?? 0);
    const { strategy, wishes } = rehearsed(await rehearse({ config, from, to: from + bars.length }));
    const result = runBacktest({ ...options, strategy, heard: wishes });
    if (!wishes.isSpent) throw new AppError('validation_failed', 'the strategy is out of step with its backtest: it changed what it was only shown');
    return result;
  };
}

/** Answers such wishes over these candles. */
export function rehearsing(
  own: Pick<OwnStrategies, 'rehearse'>,
  pinned: PinnedProgram,
  { instrument, venue, rules }: Pick<BacktestSettings, 'instrument' | 'venue' | 'rules'>,
  { bars, history }: Pick<ReadyCandles, 'bars' | 'history'>,
): Rehearse {
  const kept = new Map<string, Bars>();
  const stretch = (from: number, to: number): Bars => {
    const key = `${from}:${to}`;
    const known = kept.get(key) ?? barsBetween(bars, from, to);
    kept.delete(key);
    kept.set(key, known);
    for (const oldest of kept.keys()) if (kept.size > KEPT_STRETCHES) kept.delete(oldest);
    return known;
  };
  return ({ config, from, to }) =>
    own.rehearse(pinned, { config, instrument, venue, rules, bars: stretch(from, to), history: from === 0 ? (history ?? undefined) : stretch(0, from) });
}

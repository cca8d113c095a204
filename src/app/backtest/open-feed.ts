/** Which bars reach a strategy in a backtest, and how. */
import type { BarColumns } from '#core/bars/bar-columns.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { Engine, RunSetup } from '#core/engine/engine.ts';
import type { BarClosed, RuleTurned } from '#core/events.ts';
import { assertMultiples, type BarFeed, MadeBarFeed, NO_BARS, OwnBarFeed, warmUpBars } from './bar-feed.ts';
import { type HeardBars, HeardFeed } from './heard-feed.ts';
import { TurnFeed } from './turn-feed.ts';

export interface FeedWish {
  readonly setup: RunSetup;
  readonly bars: Bars;
  /** Bars before those. */
  readonly history: Bars | undefined;
  /** Every bar is told, also to a strategy with a rule. */
  readonly isStepped: boolean;
  readonly columns: BarColumns | null;
  /** `null` where nothing is known beforehand of what the strategy will ask for. */
  readonly heard: HeardBars | null;
  readonly engine: Engine;
}

export interface OpenedFeed {
  readonly feed: BarFeed;
  /** Bars before the first, to be told once the run has begun. */
  readonly warmUp: readonly (BarClosed | RuleTurned)[];
}

/** Throws AppError `candles_invalid` where a wanted length is no multiple of the history's. */
export function openFeed({ setup, bars, history, isStepped, columns, heard, engine }: FeedWish): OpenedFeed {
  const { strategy, params } = setup;
  const wanted = strategy.wants.bars ? (strategy.bars?.(params) ?? null) : [];
  if (wanted?.length === 0) return { feed: NO_BARS, warmUp: [] };
  if (wanted !== null) assertMultiples(bars, wanted);
  const warmUp = wanted === null || history === undefined ? [] : warmUpBars(history, wanted, bars.startAt[0] ?? 0);
  if (strategy.rule !== undefined && !isStepped) {
    const feed = new TurnFeed({ setup, rule: strategy.rule, wanted: wanted?.[0] ?? null, history: bars, warmUp, columns, engine });
    return { feed, warmUp: feed.warmUp };
  }
  // Bars of several lengths are told as they come.
  if (heard !== null && !isStepped && (wanted === null || wanted.length === 1))
    return { feed: new HeardFeed(bars, wanted?.[0] ?? null, heard, engine), warmUp };
  return { feed: wanted === null ? new OwnBarFeed(bars) : new MadeBarFeed(bars, wanted), warmUp };
}

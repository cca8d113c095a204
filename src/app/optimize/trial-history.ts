/** The history of an optimisation and its parts: what the search sees, the beginning of that, and what it must not see. */
import type { Bars } from '#core/bars.ts';
import { SCREEN_SHARE } from './optimization-settings.ts';

/** `inSample` is what the search sees, `screen` its beginning, `outOfSample` what comes after it. */
export type Part = 'inSample' | 'screen' | 'outOfSample';

export interface TrialHistory {
  readonly bars: Bars;
  /** Bars before those, for warming up. */
  readonly before: Bars | null;
  /** How many bars the search sees. */
  readonly split: number;
}

interface RunHistory {
  readonly bars: Bars;
  readonly history: Bars | null;
}

/** What lies out of the sample warms up on the sample. */
export function partsOf({ bars, before, split }: TrialHistory): Readonly<Record<Part, RunHistory>> {
  const inSample = barsBetween(bars, 0, split);
  return {
    inSample: { bars: inSample, history: before },
    screen: { bars: barsBetween(bars, 0, Math.max(1, Math.round(split * SCREEN_SHARE))), history: before },
    outOfSample: { bars: barsBetween(bars, split, bars.length), history: inSample },
  };
}

/** A stretch of a history, over the same memory. */
export function barsBetween(bars: Bars, from: number, to: number): Bars {
  return {
    length: to - from,
    intervalMs: bars.intervalMs,
    startAt: bars.startAt.subarray(from, to),
    openTicks: bars.openTicks.subarray(from, to),
    highTicks: bars.highTicks.subarray(from, to),
    lowTicks: bars.lowTicks.subarray(from, to),
    closeTicks: bars.closeTicks.subarray(from, to),
    volumeLots: bars.volumeLots.subarray(from, to),
  };
}

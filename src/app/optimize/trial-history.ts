/** The history of an optimisation and its parts: what the search sees, the beginning of that, and what it must not see. */
import type { Bars } from '#core/bars.ts';
import type { Allocate } from '#core/indicator-batch.ts';
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

const COLUMNS = ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const;
/** Numbers ahead of the columns: the length of a bar, and how many there are before the first and from it on. */
const HEAD = 3;

/** Bars as they are kept while an optimisation works: the same bytes for the same bars, so that their hash tells them. */
export function historyBytes(bars: Bars, before: Bars | null): Uint8Array {
  const warmUp = before?.length ?? 0;
  const numbers = new Float64Array(HEAD + COLUMNS.length * (warmUp + bars.length));
  numbers.set([bars.intervalMs, warmUp, bars.length]);
  let place = HEAD;
  for (const part of before === null ? [bars] : [before, bars])
    for (const column of COLUMNS) {
      numbers.set(part[column].subarray(0, part.length), place);
      place += part.length;
    }
  return new Uint8Array(numbers.buffer);
}

/** What {@link historyBytes} has written, in columns made by `allocate`. */
export function historyFrom(bytes: Uint8Array, outOfSample: number, allocate: Allocate): TrialHistory {
  // Where the bytes begin need not be where a number may.
  const numbers = new Float64Array(bytes.slice().buffer);
  const [intervalMs = 0, warmUp = 0, length = 0] = numbers;
  let place = HEAD;
  const take = (count: number): Bars => {
    const columns = COLUMNS.map((name) => {
      const column = allocate(count);
      column.set(numbers.subarray(place, place + count));
      place += count;
      return [name, column] as const;
    });
    return { length: count, intervalMs, ...(Object.fromEntries(columns) as Pick<Bars, (typeof COLUMNS)[number]>) };
  };
  const before = warmUp === 0 ? null : take(warmUp);
  return { bars: take(length), before, split: Math.max(1, Math.round(length * (1 - outOfSample))) };
}

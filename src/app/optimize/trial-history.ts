/** The history of an optimisation and its parts: what the search sees, the beginning of that, and what it must not see. */
import { type Bars, firstBarAt } from '#core/bars/bars.ts';
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
  /** Of the other instruments, in the sequence of the settings. */
  readonly others: readonly Bars[];
}

interface RunHistory {
  readonly bars: Bars;
  readonly history: Bars | null;
  /** Of the other instruments, over the same time. */
  readonly others: readonly Bars[];
}

/** What lies out of the sample warms up on the sample. */
export function partsOf({ bars, before, split, others }: TrialHistory): Readonly<Record<Part, RunHistory>> {
  const inSample = barsBetween(bars, 0, split);
  const screened = Math.max(1, Math.round(split * SCREEN_SHARE));
  const timeOf = (index: number): number => bars.startAt[index] ?? Number.POSITIVE_INFINITY;
  const othersIn = (from: number, to: number) => others.map((each) => barsWithin(each, from, to));
  return {
    inSample: { bars: inSample, history: before, others: othersIn(0, timeOf(split)) },
    screen: { bars: barsBetween(bars, 0, screened), history: before, others: othersIn(0, timeOf(screened)) },
    outOfSample: { bars: barsBetween(bars, split, bars.length), history: inSample, others: othersIn(timeOf(split), Number.POSITIVE_INFINITY) },
  };
}

/** The bars that begin within a span of time (`to` exclusive), over the same memory. */
export function barsWithin(bars: Bars, from: number, to: number): Bars {
  const first = firstBarAt(bars, from);
  return barsBetween(bars, first, firstBarAt(bars, to, first));
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

/** Bars as they are kept while an optimisation works, one instrument after the other: the same bytes for the same bars, so that their hash tells them. */
export function historyBytes(bars: Bars, before: Bars | null, others: readonly Bars[] = []): Uint8Array {
  const all = [{ bars, before }, ...others.map((each) => ({ bars: each, before: null }))];
  const sizes = all.map((each) => HEAD + COLUMNS.length * ((each.before?.length ?? 0) + each.bars.length));
  const numbers = new Float64Array(sizes.reduce((sum, size) => sum + size, 0));
  let place = 0;
  for (const each of all) {
    numbers.set([each.bars.intervalMs, each.before?.length ?? 0, each.bars.length], place);
    place += HEAD;
    for (const part of each.before === null ? [each.bars] : [each.before, each.bars])
      for (const column of COLUMNS) {
        numbers.set(part[column].subarray(0, part.length), place);
        place += part.length;
      }
  }
  return new Uint8Array(numbers.buffer);
}

/** What {@link historyBytes} has written, in columns made by `allocate`. */
export function historyFrom(bytes: Uint8Array, outOfSample: number, allocate: Allocate): TrialHistory {
  // Where the bytes begin need not be where a number may.
  const numbers = new Float64Array(bytes.slice().buffer);
  let place = 0;
  const take = (count: number, intervalMs: number): Bars => {
    const columns = COLUMNS.map((name) => {
      const column = allocate(count);
      column.set(numbers.subarray(place, place + count));
      place += count;
      return [name, column] as const;
    });
    return { length: count, intervalMs, ...(Object.fromEntries(columns) as Pick<Bars, (typeof COLUMNS)[number]>) };
  };
  const next = (): Pick<TrialHistory, 'bars' | 'before'> => {
    const [intervalMs = 0, warmUp = 0, length = 0] = numbers.subarray(place, place + HEAD);
    place += HEAD;
    const before = warmUp === 0 ? null : take(warmUp, intervalMs);
    return { before, bars: take(length, intervalMs) };
  };
  const first = next();
  const others: Bars[] = [];
  while (place < numbers.length) others.push(next().bars);
  return { ...first, split: Math.max(1, Math.round(first.bars.length * (1 - outOfSample))), others };
}

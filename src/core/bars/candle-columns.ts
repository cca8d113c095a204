/** Candles in columns: made from single ones, put together, cut, and examined. */

import { type CandleColumns, newCandleColumns, type Span } from '../history.ts';
import { firstBarAt } from './bars.ts';

/** One candle in numbers. */
export interface CandleNumbers {
  readonly startAt: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const FIGURES = ['open', 'high', 'low', 'close', 'volume'] as const;

export function columnsOf(candles: readonly CandleNumbers[], intervalMs: number): CandleColumns {
  const columns = newCandleColumns(candles.length, intervalMs);
  candles.forEach((candle, index) => {
    columns.startAt[index] = candle.startAt;
    for (const figure of FIGURES) columns[figure][index] = candle[figure];
  });
  return columns;
}

/** Those that open within a span, sharing memory. */
export function withinSpan(columns: CandleColumns, { from, to }: Span): CandleColumns {
  return cut(columns, firstBarAt(columns, from), firstBarAt(columns, to));
}

/** Those from one index to another, sharing memory. */
function cut(columns: CandleColumns, from: number, to: number): CandleColumns {
  const part = (column: Float64Array) => column.subarray(from, to);
  const { startAt, open, high, low, close, volume, intervalMs } = columns;
  const length = Math.max(0, to - from);
  return { length, intervalMs, startAt: part(startAt), open: part(open), high: part(high), low: part(low), close: part(close), volume: part(volume) };
}

/** Parts that follow one another in time, as one. */
export function concatColumns(parts: readonly CandleColumns[], intervalMs: number): CandleColumns {
  const whole = newCandleColumns(
    parts.reduce((sum, { length }) => sum + length, 0),
    intervalMs,
  );
  let at = 0;
  for (const part of parts) {
    whole.startAt.set(part.startAt, at);
    for (const figure of FIGURES) whole[figure].set(part[figure], at);
    at += part.length;
  }
  return whole;
}

export interface Merged {
  readonly candles: CandleColumns;
  readonly added: number;
  readonly same: number;
  readonly differing: number;
}

/** Two sets of ascending candles as one; where both have a candle with other figures, `winner` tells whose stays. */
export function mergeColumns(old: CandleColumns, fresh: CandleColumns, winner: 'old' | 'fresh'): Merged {
  const merged = newCandleColumns(old.length + fresh.length, fresh.intervalMs);
  const counts = { added: 0, same: 0, differing: 0 };
  let [one, other, length] = [0, 0, 0];
  while (one < old.length || other < fresh.length) {
    const oldAt = old.startAt[one] ?? Number.POSITIVE_INFINITY;
    const freshAt = fresh.startAt[other] ?? Number.POSITIVE_INFINITY;
    const isBoth = oldAt === freshAt;
    if (isBoth) counts[isSame(old, one, fresh, other) ? 'same' : 'differing'] += 1;
    else if (freshAt < oldAt) counts.added += 1;
    const takesFresh = freshAt < oldAt || (isBoth && winner === 'fresh');
    copy(takesFresh ? fresh : old, takesFresh ? other : one, merged, length);
    length += 1;
    if (oldAt <= freshAt) one += 1;
    if (freshAt <= oldAt) other += 1;
  }
  return { candles: cut(merged, 0, length), ...counts };
}

/** What is wrong with a candle; `null` when nothing is. Prices are above zero and finite, low ≤ open, close ≤ high. */
export function candleFault({ open, high, low, close, volume }: Omit<CandleNumbers, 'startAt'>): string | null {
  for (const [name, value] of Object.entries({ open, high, low, close })) {
    if (!Number.isFinite(value)) return `${name} is no number`;
    if (value <= 0) return `${name} ${value} is not above zero`;
  }
  if (!Number.isFinite(volume) || volume < 0) return `volume ${volume} is not zero or more`;
  if (high < low) return `high ${high} is below low ${low}`;
  for (const [name, value] of Object.entries({ open, close }))
    if (value > high || value < low) return `${name} ${value} lies outside low ${low} to high ${high}`;
  return null;
}

/** One candle of the columns. */
export function candleAt(columns: CandleColumns, index: number): CandleNumbers {
  const figure = (name: 'startAt' | (typeof FIGURES)[number]) => columns[name][index] ?? Number.NaN;
  return { startAt: figure('startAt'), open: figure('open'), high: figure('high'), low: figure('low'), close: figure('close'), volume: figure('volume') };
}

function isSame(one: CandleColumns, index: number, other: CandleColumns, otherIndex: number): boolean {
  return FIGURES.every((figure) => one[figure][index] === other[figure][otherIndex]);
}

function copy(from: CandleColumns, index: number, to: CandleColumns, toIndex: number): void {
  to.startAt[toIndex] = from.startAt[index] ?? 0;
  for (const figure of FIGURES) to[figure][toIndex] = from[figure][index] ?? 0;
}

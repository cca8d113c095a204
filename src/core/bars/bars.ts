/**
 * Bars of one instrument in typed-array columns: the shape in which history is stepped through without allocation.
 */

export interface Bars {
  readonly length: number;
  /** Length of one bar in milliseconds. */
  readonly intervalMs: number;
  /** Opening times, strictly ascending, in milliseconds since 1970. */
  readonly startAt: Float64Array;
  /** Prices in ticks: whole numbers above zero with low ≤ open, close ≤ high. */
  readonly openTicks: Float64Array;
  readonly highTicks: Float64Array;
  readonly lowTicks: Float64Array;
  readonly closeTicks: Float64Array;
  readonly volumeLots: Float64Array;
}

/** Empty columns for `length` bars, to be filled once. */
export function newBars(length: number, intervalMs: number): Bars {
  const column = () => new Float64Array(length);
  return { length, intervalMs, startAt: column(), openTicks: column(), highTicks: column(), lowTicks: column(), closeTicks: column(), volumeLots: column() };
}

/** Index of the first bar that opens at or after `at`, searched from `from` on; `bars.length` when there is none. */
export function firstBarAt(bars: Pick<Bars, 'length' | 'startAt'>, at: number, from = 0): number {
  let low = from;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bars.startAt[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first bar from `from` on that does not begin where the one before it ends; `length` where there is none. */
export function nextGap({ startAt, intervalMs, length }: Bars, from: number): number {
  let index = from;
  let before = startAt[index - 1] as number;
  for (; index < length; index += 1) {
    const at = startAt[index] as number;
    if (at - before !== intervalMs) break;
    before = at;
  }
  return index;
}

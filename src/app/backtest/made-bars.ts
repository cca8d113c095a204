/** The bars of a strategy's length, made of a whole history at once, and with which bar of the history each is told. */

import { BarMaker, type MadeBar } from '#core/bars/bar-maker.ts';
import { BarTimes } from '#core/bars/bar-times.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';

export interface MadeBars {
  readonly bars: Bars;
  /** The bar of the history with which each is told: after it, or before it where its own last parts are missing. `null`: each after its own. */
  readonly toldWith: Int32Array | null;
  readonly isLate: Uint8Array | null;
}

/** Bars of `intervalMs`, a multiple of the history's own length. */
export function makeBars(history: Bars, intervalMs: number): MadeBars {
  if (intervalMs === history.intervalMs && BarTimes.of(history).areAligned) return { bars: history, toldWith: null, isLate: null };
  const maker = new BarMaker(intervalMs);
  const most = Math.min(history.length, Math.floor(spanOf(history) / intervalMs) + 2);
  const made = newBars(most, intervalMs);
  const toldWith = new Int32Array(most);
  const isLate = new Uint8Array(most);
  let count = 0;
  const keep = (bar: MadeBar | null, index: number, late: 0 | 1): void => {
    if (bar === null) return;
    made.startAt[count] = bar.closedAt - intervalMs;
    made.openTicks[count] = bar.openTicks;
    made.highTicks[count] = bar.highTicks;
    made.lowTicks[count] = bar.lowTicks;
    made.closeTicks[count] = bar.closeTicks;
    made.volumeLots[count] = bar.volumeLots;
    toldWith[count] = index;
    isLate[count] = late;
    count += 1;
  };
  for (let index = 0; index < history.length; index += 1) {
    keep(maker.takeOverdue(history.startAt[index] as number), index, 1);
    keep(maker.add(history, index), index, 0);
  }
  return { bars: firstOf(made, count), toldWith, isLate };
}

const NEVER = Number.POSITIVE_INFINITY;

/** Goes along the bars made as the history goes by: which of them is the next to be told, and with which bar of the history. */
export class MadeBarCursor {
  /** The next of the bars made. */
  place = 0;
  readonly #made: MadeBars;

  constructor(made: MadeBars) {
    this.#made = made;
  }

  /** The bar of the history with which one of those made is told; infinity past the last. */
  toldWith(place: number): number {
    const { bars, toldWith } = this.#made;
    if (place >= bars.length) return NEVER;
    return toldWith === null ? place : (toldWith[place] as number);
  }

  /** Whether the next is told before the bar of the history opens, not when it is over. */
  get isLate(): boolean {
    return this.#made.isLate?.[this.place] === 1;
  }

  /** Those told with earlier bars of the history have gone by, and once that bar is over those told before it, too. Returns how many. */
  passTo(index: number, isOver: boolean): number {
    const { toldWith, isLate } = this.#made;
    const from = this.place;
    let place = toldWith === null ? index : from;
    while (this.toldWith(place) < index || (isOver && isLate?.[place] === 1 && this.toldWith(place) === index)) place += 1;
    if (place > from) this.place = place;
    return this.place - from;
  }
}

function spanOf({ startAt, intervalMs, length }: Bars): number {
  return length === 0 ? 0 : (startAt[length - 1] as number) + intervalMs - (startAt[0] as number);
}

function firstOf(bars: Bars, length: number): Bars {
  const { intervalMs } = bars;
  const cut = (column: Float64Array) => column.subarray(0, length);
  return {
    length,
    intervalMs,
    startAt: cut(bars.startAt),
    openTicks: cut(bars.openTicks),
    highTicks: cut(bars.highTicks),
    lowTicks: cut(bars.lowTicks),
    closeTicks: cut(bars.closeTicks),
    volumeLots: cut(bars.volumeLots),
  };
}

/** What the prices and sizes of bars are counted in where indicators look at them. */

import type { BarSeries } from '../indicator-batch.ts';
import type { Scale } from '../instrument.ts';
import type { BarRule } from './bar-rule.ts';
import type { Bars } from './bars.ts';

/** What ticks and lots are multiplied by. */
export interface BarUnits {
  readonly price: number;
  readonly size: number;
}

/** The increments of an instrument as numbers: near enough for figures that are no money. */
export function unitsOf({ prices }: Pick<BarRule, 'prices'>, { instrument }: Scale): BarUnits {
  return prices === 'ticks' ? { price: 1, size: 1 } : { price: Number(instrument.priceIncrement), size: Number(instrument.sizeIncrement) };
}

/** A history in these units; each column is made when it is first read, and whole ticks are the history's own. */
export function seriesOf(bars: Bars, { price, size }: BarUnits): BarSeries {
  const { length, intervalMs } = bars;
  return {
    length,
    get at() {
      return kept(this, 'at', () => bars.startAt.map((startAt) => startAt + intervalMs));
    },
    get open() {
      return kept(this, 'open', () => times(bars.openTicks, price));
    },
    get high() {
      return kept(this, 'high', () => times(bars.highTicks, price));
    },
    get low() {
      return kept(this, 'low', () => times(bars.lowTicks, price));
    },
    get close() {
      return kept(this, 'close', () => times(bars.closeTicks, price));
    },
    get volume() {
      return kept(this, 'volume', () => times(bars.volumeLots, size));
    },
  };
}

function kept(series: object, name: string, make: () => Float64Array): Float64Array {
  const value = make();
  Object.defineProperty(series, name, { value });
  return value;
}

function times(column: Float64Array, factor: number): Float64Array {
  return factor === 1 ? column : column.map((value) => value * factor);
}

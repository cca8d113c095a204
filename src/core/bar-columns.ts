/** Columns over one history, each computed once and shared by all that read it: fields in the units of a rule, and indicators. */
import type { BarUnits } from './bar-watch.ts';
import type { Bars } from './bars.ts';
import type { FigureSource } from './figure-plan.ts';
import { type Allocate, type BarSeries, runIndicator } from './indicator-batch.ts';

type Columns = Readonly<Record<string, Float64Array>>;

/** Indicators that are kept at most; the longest unread goes first. */
export const MAX_COLUMNS = 256;

export class BarColumns {
  readonly bars: Bars;
  readonly #allocate: Allocate;
  readonly #series = new Map<string, BarSeries>();
  readonly #indicators = new Map<string, Columns>();

  constructor(bars: Bars, allocate: Allocate = (length) => new Float64Array(length)) {
    this.bars = bars;
    this.#allocate = allocate;
  }

  /** The history as a rule counts it. Whole ticks are the history's own columns. */
  series(units: BarUnits): BarSeries {
    const key = keyOf(units);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const { bars } = this;
    const { price, size } = units;
    const times = (column: Float64Array, factor: number) => (factor === 1 ? column : this.#map(column, (value) => value * factor));
    const { intervalMs } = bars;
    let at: Float64Array | null = null;
    const map = () => this.#map(bars.startAt, (startAt) => startAt + intervalMs);
    const series: BarSeries = {
      length: bars.length,
      get at() {
        return (at ??= map());
      },
      open: times(bars.openTicks, price),
      high: times(bars.highTicks, price),
      low: times(bars.lowTicks, price),
      close: times(bars.closeTicks, price),
      volume: times(bars.volumeLots, size),
    };
    this.#series.set(key, series);
    return series;
  }

  /** The columns of an indicator by output. */
  indicator({ indicator, settings, field, key }: FigureSource, units: BarUnits): Columns {
    const name = `${keyOf(units)} ${key}`;
    const columns = this.#indicators.get(name) ?? runIndicator(indicator, settings, this.series(units), field, this.#allocate);
    this.#indicators.delete(name);
    this.#indicators.set(name, columns);
    if (this.#indicators.size > MAX_COLUMNS) for (const oldest of this.#indicators.keys()) return this.#forget(oldest, columns);
    return columns;
  }

  #forget(name: string, columns: Columns): Columns {
    this.#indicators.delete(name);
    return columns;
  }

  #map(column: Float64Array, by: (value: number) => number): Float64Array {
    const made = this.#allocate(column.length);
    for (let index = 0; index < column.length; index += 1) made[index] = by(column[index] as number);
    return made;
  }
}

function keyOf({ price, size }: BarUnits): string {
  return `${price}/${size}`;
}

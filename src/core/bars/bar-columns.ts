/** Columns over one history, each computed once and shared by all rules that read it, such as those of a sweep. */

import type { FigureSource } from '../figure-plan.ts';
import { type Allocate, type BarSeries, runIndicator } from '../indicator-batch.ts';
import { type BarUnits, seriesOf } from './bar-units.ts';
import type { Bars } from './bars.ts';

type Columns = Readonly<Record<string, Float64Array>>;

/** Indicators that are kept at most; the longest unread goes first. */
export const MAX_COLUMNS = 256;

/** What one thread has computed and another may read, by what it is. */
export interface SharedColumns {
  readonly name: string;
  readonly columns: Columns;
}

export class BarColumns {
  readonly bars: Bars;
  readonly #allocate: Allocate;
  readonly #series = new Map<string, BarSeries>();
  readonly #indicators = new Map<string, Columns>();

  constructor(bars: Bars, allocate: Allocate = (length) => new Float64Array(length)) {
    this.bars = bars;
    this.#allocate = allocate;
  }

  /** Takes over what another has computed over the same history. */
  adopt(shared: readonly SharedColumns[]): void {
    for (const { name, columns } of shared) this.#indicators.set(name, columns);
  }

  /** All that is there, for {@link adopt}. */
  share(): readonly SharedColumns[] {
    return [...this.#indicators].map(([name, columns]) => ({ name, columns }));
  }

  /** The history as a rule counts it. */
  series(units: BarUnits): BarSeries {
    const key = keyOf(units);
    const series = this.#series.get(key) ?? seriesOf(this.bars, units);
    this.#series.set(key, series);
    return series;
  }

  /** All outputs of an indicator by name. */
  indicator({ indicator, settings, field, key }: FigureSource, units: BarUnits): Columns {
    const name = `${keyOf(units)} ${key}`;
    const columns = this.#indicators.get(name) ?? runIndicator(indicator, settings, this.series(units), field, this.#allocate);
    // Read last, forgotten last.
    this.#indicators.delete(name);
    this.#indicators.set(name, columns);
    const [oldest] = this.#indicators.keys();
    if (this.#indicators.size > MAX_COLUMNS && oldest !== undefined) this.#indicators.delete(oldest);
    return columns;
  }
}

function keyOf({ price, size }: BarUnits): string {
  return `${price}/${size}`;
}

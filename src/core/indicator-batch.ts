/**
 * An indicator over a history in columns: by a loop of its own where it has one, which gives the same to the last bit, and
 * otherwise by the very steps it takes live.
 */
import { type Indicator, outputOf, type SettingsOf } from './indicator.ts';
import type { BarField } from './indicator-operand.ts';

/** A history as indicators see it, in columns of one length. */
export interface BarSeries extends Readonly<Record<BarField, Float64Array>> {
  readonly length: number;
  /** Closing times. */
  readonly at: Float64Array;
}

/** Makes a column; shared memory where several threads read it. */
export type Allocate = (length: number) => Float64Array;

/** Fills the next stretch of a history, from `from` to `to` (exclusive), into the beginnings of one column for each output; NaN while warming up. */
export type FillStretch = (from: number, to: number, into: readonly Float64Array[]) => void;

/** Columns of an indicator by the name of its figure, as long as the history. Indicators of numbers read one field. */
export function runIndicator(
  indicator: Indicator,
  settings: SettingsOf<Indicator['settings']>,
  series: BarSeries,
  field: BarField = 'close',
  allocate: Allocate = (length) => new Float64Array(length),
): Readonly<Record<string, Float64Array>> {
  const columns = indicator.outputs.map(() => allocate(series.length));
  openIndicator(indicator, settings, series, field, indicator.outputs)(0, series.length, columns);
  return Object.fromEntries(indicator.outputs.map((output, index) => [output, columns[index] as Float64Array]));
}

/** Begins at the first bar; stretches follow each other without a gap. */
export function openIndicator(
  indicator: Indicator,
  settings: SettingsOf<Indicator['settings']>,
  series: BarSeries,
  field: BarField,
  outputs: readonly string[],
): FillStretch {
  if (indicator.input === 'bar') return stepBars(indicator, settings, series, outputs);
  const values = series[field];
  if (indicator.batch !== undefined && outputs.length === 1) {
    const fill = indicator.batch(settings);
    return (from, to, [into]) => (into === undefined ? undefined : fill(values, from, to, into));
  }
  const state = indicator.start(settings);
  return (from, to, into) => {
    for (let index = from; index < to; index += 1) {
      const reading = indicator.update(state, values[index] as number);
      for (let each = 0; each < outputs.length; each += 1)
        (into[each] as Float64Array)[index - from] = outputOf(indicator, reading, outputs[each] as string) ?? Number.NaN;
    }
  };
}

function stepBars(
  indicator: Extract<Indicator, { readonly input: 'bar' }>,
  settings: SettingsOf<Indicator['settings']>,
  series: BarSeries,
  outputs: readonly string[],
): FillStretch {
  const state = indicator.start(settings);
  const { at, open, high, low, close, volume } = series;
  const bar = { at: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  return (from, to, into) => {
    for (let index = from; index < to; index += 1) {
      bar.at = at[index] as number;
      bar.open = open[index] as number;
      bar.high = high[index] as number;
      bar.low = low[index] as number;
      bar.close = close[index] as number;
      bar.volume = volume[index] as number;
      const reading = indicator.update(state, bar);
      for (let each = 0; each < outputs.length; each += 1)
        (into[each] as Float64Array)[index - from] = outputOf(indicator, reading, outputs[each] as string) ?? Number.NaN;
    }
  };
}

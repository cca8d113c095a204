/**
 * An indicator over a whole history at once, into columns: by its own batch where it has one, which gives the same to the last
 * bit, and otherwise by the very steps it takes live.
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

const ownColumn: Allocate = (length) => new Float64Array(length);

/** Columns of an indicator by the name of its figure, as long as the history; NaN while warming up. Indicators of numbers read one field. */
export function runIndicator(
  indicator: Indicator,
  settings: SettingsOf<Indicator['settings']>,
  series: BarSeries,
  field: BarField = 'close',
  allocate: Allocate = ownColumn,
): Readonly<Record<string, Float64Array>> {
  const columns = indicator.outputs.map((output) => ({ output, column: allocate(series.length) }));
  const byName = Object.fromEntries(columns.map(({ output, column }) => [output, column]));
  if (indicator.input === 'value' && indicator.batch !== undefined) {
    indicator.batch(settings, series[field], byName);
    return byName;
  }
  const state = indicator.start(settings);
  const values = series[field];
  const bar = { at: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  for (let index = 0; index < series.length; index += 1) {
    let reading: ReturnType<Indicator['update']>;
    if (indicator.input === 'value') reading = indicator.update(state, values[index] as number);
    else {
      bar.at = series.at[index] as number;
      bar.open = series.open[index] as number;
      bar.high = series.high[index] as number;
      bar.low = series.low[index] as number;
      bar.close = series.close[index] as number;
      bar.volume = series.volume[index] as number;
      reading = indicator.update(state, bar);
    }
    for (const { output, column } of columns) column[index] = outputOf(indicator, reading, output) ?? Number.NaN;
  }
  return byName;
}

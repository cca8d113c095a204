/** An indicator over a whole history at once: the very steps it takes live, into columns. */
import { type Indicator, type IndicatorBar, outputOf, type SettingsOf } from './indicator.ts';

/** Columns of an indicator by the name of its figure, as long as the history; NaN while warming up. Indicators of numbers read the closes. */
export function runIndicator(
  indicator: Indicator,
  settings: SettingsOf<Indicator['settings']>,
  history: readonly IndicatorBar[],
): Readonly<Record<string, Float64Array>> {
  const state = indicator.start(settings);
  const columns = Object.fromEntries(indicator.outputs.map((output) => [output, new Float64Array(history.length).fill(Number.NaN)]));
  history.forEach((bar, index) => {
    const reading = indicator.input === 'value' ? indicator.update(state, bar.close) : indicator.update(state, bar);
    for (const output of indicator.outputs) {
      const value = outputOf(indicator, reading, output);
      const column = columns[output];
      if (value !== null && column !== undefined) column[index] = value;
    }
  });
  return columns;
}

/** Simple moving average: the mean of the last so many values. */
import { bars, valueIndicator } from '../indicator.ts';
import { newWindow, push, type Window } from './_window.ts';

interface SmaState {
  window: Window;
  sum: number;
}

export const sma = valueIndicator({
  name: 'sma',
  title: { en: 'Simple moving average', ru: 'Простое скользящее среднее' },
  summary: { en: 'Mean of the last values, in their unit.', ru: 'Среднее последних значений, в их единицах.' },
  settings: { period: bars(20) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): SmaState => ({ window: newWindow(period), sum: 0 }),
  update(state, value): number | null {
    const { window } = state;
    state.sum += value - (push(window, value) ?? 0);
    if (window.values.length < window.size) return null;
    // Once a round the sum is taken afresh, so that roundings never add up.
    if (window.next === 0) state.sum = window.values.reduce((sum, each) => sum + each, 0);
    return state.sum / window.size;
  },
  batch({ period }, values, { value: means = new Float64Array() }) {
    means.fill(Number.NaN, 0, period - 1);
    for (let round = period - 1; round < values.length; round += period) {
      let sum = 0;
      for (let index = round - period + 1; index <= round; index += 1) sum += values[index] as number;
      means[round] = sum / period;
      const end = Math.min(round + period, values.length);
      for (let index = round + 1; index < end; index += 1) {
        sum += (values[index] as number) - (values[index - period] as number);
        means[index] = sum / period;
      }
    }
  },
});

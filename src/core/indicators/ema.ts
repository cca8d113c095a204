/** Exponential moving average, begun with the simple mean of its first values. */
import { bars, valueIndicator } from '../indicator.ts';

export interface EmaState {
  readonly period: number;
  /** Share of the newest value. */
  readonly weight: number;
  count: number;
  /** Sum while warming up, then the average. */
  value: number;
}

export const ema = valueIndicator({
  name: 'ema',
  title: { en: 'Exponential moving average', ru: 'Экспоненциальное скользящее среднее' },
  summary: {
    en: 'Mean in which the newest value weighs 2 / (period + 1), in its unit.',
    ru: 'Среднее, в котором новое значение имеет вес 2 / (period + 1), в тех же единицах.',
  },
  settings: { period: bars(20) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): EmaState => ({ period, weight: 2 / (period + 1), count: 0, value: 0 }),
  update: updateAverage,
});

/** One step of an average that begins with a mean and then moves by a share of the distance. */
export function updateAverage(state: EmaState, value: number): number | null {
  if (state.count < state.period) {
    state.count += 1;
    state.value += value;
    if (state.count < state.period) return null;
    state.value /= state.period;
    return state.value;
  }
  state.value += (value - state.value) * state.weight;
  return state.value;
}

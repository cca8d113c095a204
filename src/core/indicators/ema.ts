/** Exponential moving average, begun with the simple mean of its first values. */
import { bars, type FillColumn, valueIndicator } from '../indicator.ts';

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
  batch: ({ period }) => fillAverage({ period, weight: 2 / (period + 1), count: 0, value: 0 }),
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

/** {@link updateAverage} over a column. */
export function fillAverage(state: EmaState): FillColumn {
  return (values, from, to, into) => {
    let index = from;
    for (; index < to && state.count < state.period; index += 1) into[index - from] = updateAverage(state, values[index] as number) ?? Number.NaN;
    const { weight } = state;
    let { value } = state;
    for (; index < to; index += 1) {
      value += ((values[index] as number) - value) * weight;
      into[index - from] = value;
    }
    state.value = value;
  };
}

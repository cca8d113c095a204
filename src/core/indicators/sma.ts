/** Simple moving average: the mean of the last so many values. */
import { bars, valueIndicator } from '../indicator.ts';
import { newWindow, push, type Window } from './_window.ts';

interface SmaState {
  window: Window;
  sum: number;
  /** Rounds of the window until the sum is taken afresh, so that roundings never add up. */
  roundsLeft: number;
}

/** A fresh sum is taken once in so many values, or once a round of a longer window. */
const FRESH_EVERY = 1_000;

const roundsOf = (period: number): number => Math.ceil(FRESH_EVERY / period);

export const sma = valueIndicator({
  name: 'sma',
  title: { en: 'Simple moving average', ru: 'Простое скользящее среднее' },
  summary: { en: 'Mean of the last values, in their unit.', ru: 'Среднее последних значений, в их единицах.' },
  settings: { period: bars(20) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): SmaState => ({ window: newWindow(period), sum: 0, roundsLeft: 0 }),
  update(state, value): number | null {
    const { window } = state;
    state.sum += value - (push(window, value) ?? 0);
    if (window.values.length < window.size) return null;
    if (window.next === 0) {
      if (state.roundsLeft === 0) {
        state.sum = window.values.reduce((sum, each) => sum + each, 0);
        state.roundsLeft = roundsOf(window.size);
      }
      state.roundsLeft -= 1;
    }
    return state.sum / window.size;
  },
  batch({ period }) {
    let sum = 0;
    let freshAt = period - 1;
    return (values, from, to, into) => {
      let index = Math.min(to, Math.max(from, period - 1));
      into.fill(Number.NaN, 0, index - from);
      while (index < to) {
        if (index === freshAt) {
          sum = sumOf(values, index - period + 1, index + 1);
          freshAt = index + period * roundsOf(period);
          into[index - from] = sum / period;
          index += 1;
        }
        const end = Math.min(to, freshAt);
        sum = slide(values, period, sum, index, end, into, from);
        index = end;
      }
    };
  },
});

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index += 1) sum += values[index] as number;
  return sum;
}

/** Writes the means from `from` to `to` (exclusive), `offset` places back; `sum` is that of the window before. Returns that of the last. */
function slide(values: Float64Array, period: number, sum: number, from: number, to: number, into: Float64Array, offset: number): number {
  let total = sum;
  for (let index = from; index < to; index += 1) {
    total += (values[index] as number) - (values[index - period] as number);
    into[index - offset] = total / period;
  }
  return total;
}

/** Moving average convergence and divergence: the distance of a fast average from a slow one, and its own average. */
import { bars, valueIndicator } from '../indicator.ts';
import { type EmaState, ema } from './ema.ts';

interface MacdState {
  fast: EmaState;
  slow: EmaState;
  signal: EmaState;
}

export const macd = valueIndicator({
  name: 'macd',
  title: { en: 'MACD', ru: 'MACD' },
  summary: {
    en: 'Fast average minus slow one (value), its average (signal) and their difference (histogram), in the unit of the price.',
    ru: 'Быстрое среднее минус медленное (value), его среднее (signal) и их разность (histogram), в единицах цены.',
  },
  settings: { fast: bars(12), slow: bars(26, 2), signal: bars(9) },
  outputs: ['value', 'signal', 'histogram'],
  warmUp: ({ fast, slow, signal }) => Math.max(fast, slow) + signal - 1,
  start: ({ fast, slow, signal }): MacdState => ({
    fast: ema.start({ period: fast }),
    slow: ema.start({ period: slow }),
    signal: ema.start({ period: signal }),
  }),
  update(state, price): { readonly value: number; readonly signal: number; readonly histogram: number } | null {
    const fast = ema.update(state.fast, price);
    const slow = ema.update(state.slow, price);
    if (fast === null || slow === null) return null;
    const value = fast - slow;
    const signal = ema.update(state.signal, value);
    return signal === null ? null : { value, signal, histogram: value - signal };
  },
});

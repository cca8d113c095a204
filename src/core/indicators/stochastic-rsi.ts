/** Stochastic RSI: where the relative strength index lies in its own range. */
import { bars, valueIndicator } from '../indicator.ts';
import { highest, isFull, lowest, mean, newWindow, push, type Window } from './_window.ts';
import { type RsiState, rsi } from './rsi.ts';

interface StochasticRsiState {
  strength: RsiState;
  range: Window;
  smooth: Window;
  slow: Window;
}

export const stochasticRsi = valueIndicator({
  name: 'stochastic_rsi',
  title: { en: 'Stochastic RSI', ru: 'Стохастический RSI' },
  summary: {
    en: 'Place of the RSI in its range, smoothed (k), and its simple average (d), from 0 to 100; 50 where the range is nothing.',
    ru: 'Место RSI в его диапазоне со сглаживанием (k) и его простое среднее (d), от 0 до 100; 50, если диапазон нулевой.',
  },
  settings: { rsi_period: bars(14), period: bars(14), smooth: bars(3), signal: bars(3) },
  outputs: ['k', 'd'],
  warmUp: ({ rsi_period: rsiPeriod, period, smooth, signal }) => rsiPeriod + period + smooth + signal - 2,
  start: ({ rsi_period: rsiPeriod, period, smooth, signal }): StochasticRsiState => ({
    strength: rsi.start({ period: rsiPeriod }),
    range: newWindow(period),
    smooth: newWindow(smooth),
    slow: newWindow(signal),
  }),
  update({ strength, range, smooth, slow }, value): { readonly k: number; readonly d: number } | null {
    const present = rsi.update(strength, value);
    if (present === null) return null;
    push(range, present);
    if (!isFull(range)) return null;
    const top = highest(range);
    const bottom = lowest(range);
    push(smooth, top === bottom ? 50 : (100 * (present - bottom)) / (top - bottom));
    if (!isFull(smooth)) return null;
    const k = mean(smooth);
    push(slow, k);
    return isFull(slow) ? { k, d: mean(slow) } : null;
  },
});

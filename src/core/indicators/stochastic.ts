/** Stochastic oscillator: where the close lies in the range of the last bars, smoothed, and its average. */
import { barIndicator, bars } from '../indicator.ts';
import { highest, isFull, lowest, mean, newWindow, push, type Window } from './_window.ts';

interface StochasticState {
  highs: Window;
  lows: Window;
  smooth: Window;
  slow: Window;
}

export const stochastic = barIndicator({
  name: 'stochastic',
  title: { en: 'Stochastic oscillator', ru: 'Стохастический осциллятор' },
  summary: {
    en: 'Place of the close in the range, smoothed (k), and its simple average (d), from 0 to 100; 50 where the range is nothing.',
    ru: 'Место закрытия в диапазоне со сглаживанием (k) и его простое среднее (d), от 0 до 100; 50, если диапазон нулевой.',
  },
  settings: { period: bars(14), smooth: bars(3), signal: bars(3) },
  outputs: ['k', 'd'],
  warmUp: ({ period, smooth, signal }) => period + smooth + signal - 2,
  start: ({ period, smooth, signal }): StochasticState => ({
    highs: newWindow(period),
    lows: newWindow(period),
    smooth: newWindow(smooth),
    slow: newWindow(signal),
  }),
  update({ highs, lows, smooth, slow }, bar): { readonly k: number; readonly d: number } | null {
    push(highs, bar.high);
    push(lows, bar.low);
    if (!isFull(highs)) return null;
    const top = highest(highs);
    const bottom = lowest(lows);
    push(smooth, top === bottom ? 50 : (100 * (bar.close - bottom)) / (top - bottom));
    if (!isFull(smooth)) return null;
    const k = mean(smooth);
    push(slow, k);
    return isFull(slow) ? { k, d: mean(slow) } : null;
  },
});

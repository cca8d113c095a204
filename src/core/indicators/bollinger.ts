/** Bollinger bands: a moving average and so many standard deviations on either side. */
import { bars, factor, valueIndicator } from '../indicator.ts';
import { deviation, isFull, mean, newWindow, push, type Window } from './_window.ts';

interface BollingerState {
  readonly width: number;
  window: Window;
}

export const bollinger = valueIndicator({
  name: 'bollinger',
  title: { en: 'Bollinger bands', ru: 'Полосы Боллинджера' },
  summary: {
    en: 'Simple average (middle) and bands so many standard deviations away (upper, lower), in the unit of the price.',
    ru: 'Простое среднее (middle) и полосы на столько-то стандартных отклонений (upper, lower), в единицах цены.',
  },
  settings: { period: bars(20, 2), width: factor(2, 0.1, 10) },
  outputs: ['middle', 'upper', 'lower'],
  warmUp: ({ period }) => period,
  start: ({ period, width }): BollingerState => ({ width, window: newWindow(period) }),
  update({ width, window }, value): { readonly middle: number; readonly upper: number; readonly lower: number } | null {
    push(window, value);
    if (!isFull(window)) return null;
    const middle = mean(window);
    const reach = width * deviation(window, middle);
    return { middle, upper: middle + reach, lower: middle - reach };
  },
});

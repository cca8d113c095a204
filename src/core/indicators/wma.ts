/** Weighted moving average: the newest value weighs most, the oldest once. */
import { bars, valueIndicator } from '../indicator.ts';
import { isFull, newWindow, push, valueAt, type Window } from './_window.ts';

export const wma = valueIndicator({
  name: 'wma',
  title: { en: 'Weighted moving average', ru: 'Взвешенное скользящее среднее' },
  summary: {
    en: 'Mean in which weights fall evenly from the newest value to the oldest.',
    ru: 'Среднее, в котором вес равномерно убывает от нового значения к старому.',
  },
  settings: { period: bars(20) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): Window => newWindow(period),
  update(window, value): number | null {
    push(window, value);
    if (!isFull(window)) return null;
    let sum = 0;
    for (let back = 0; back < window.size; back += 1) sum += valueAt(window, back) * (window.size - back);
    return sum / ((window.size * (window.size + 1)) / 2);
  },
});

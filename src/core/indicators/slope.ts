/** Slope of the straight line that fits the last so many values best. */
import { bars, valueIndicator } from '../indicator.ts';
import { isFull, newWindow, push, valueAt, type Window } from './_window.ts';

export const slope = valueIndicator({
  name: 'slope',
  title: { en: 'Linear regression slope', ru: 'Наклон линейной регрессии' },
  summary: {
    en: 'Rise of the best-fitting line from one bar to the next, in the unit of the value.',
    ru: 'Подъём линии наилучшего соответствия за один бар, в единицах значения.',
  },
  settings: { period: bars(14, 2) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): Window => newWindow(period),
  update(window, value): number | null {
    push(window, value);
    if (!isFull(window)) return null;
    const { size } = window;
    const middle = (size - 1) / 2;
    let sum = 0;
    // Places lie evenly around their middle, so the mean of the values falls out.
    for (let back = 0; back < size; back += 1) sum += (middle - back) * valueAt(window, back);
    return sum / ((size * (size * size - 1)) / 12);
  },
});

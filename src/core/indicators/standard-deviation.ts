/** Standard deviation of the last so many values, of all of them and not of a sample. */
import { bars, valueIndicator } from '../indicator.ts';
import { deviation, isFull, mean, newWindow, push, type Window } from './_window.ts';

export const standardDeviation = valueIndicator({
  name: 'standard_deviation',
  title: { en: 'Standard deviation', ru: 'Стандартное отклонение' },
  summary: { en: 'How far values lie from their mean, in their unit.', ru: 'Насколько значения отстоят от среднего, в их единицах.' },
  settings: { period: bars(20, 2) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): Window => newWindow(period),
  update(window, value): number | null {
    push(window, value);
    return isFull(window) ? deviation(window, mean(window)) : null;
  },
});

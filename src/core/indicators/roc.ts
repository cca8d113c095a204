/** Rate of change: by how many per cent a value differs from the one so many bars ago. */
import { bars, valueIndicator } from '../indicator.ts';
import { newWindow, push, type Window } from './_window.ts';

export const roc = valueIndicator({
  name: 'roc',
  title: { en: 'Rate of change', ru: 'Скорость изменения' },
  summary: {
    en: 'Change against the value so many bars ago, in per cent; 0 where that was 0.',
    ru: 'Изменение к значению столько-то баров назад, в процентах; 0, если оно было нулём.',
  },
  settings: { period: bars(12) },
  outputs: ['value'],
  warmUp: ({ period }) => period + 1,
  start: ({ period }): Window => newWindow(period),
  update(window, value): number | null {
    const before = push(window, value);
    if (before === null) return null;
    return before === 0 ? 0 : (100 * (value - before)) / before;
  },
});

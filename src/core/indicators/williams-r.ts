/** Williams %R: how far the close lies below the top of the range. */
import { barIndicator, bars } from '../indicator.ts';
import { highest, isFull, lowest, newWindow, push, type Window } from './_window.ts';

interface WilliamsState {
  highs: Window;
  lows: Window;
}

export const williamsR = barIndicator({
  name: 'williams_r',
  title: { en: 'Williams %R', ru: 'Индекс Вильямса %R' },
  summary: {
    en: 'From -100 (close at the low of the range) to 0 (at its high); -50 where the range is nothing.',
    ru: 'От -100 (закрытие у минимума диапазона) до 0 (у максимума); -50, если диапазон нулевой.',
  },
  settings: { period: bars(14) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): WilliamsState => ({ highs: newWindow(period), lows: newWindow(period) }),
  update({ highs, lows }, bar): number | null {
    push(highs, bar.high);
    push(lows, bar.low);
    if (!isFull(highs)) return null;
    const top = highest(highs);
    const range = top - lowest(lows);
    return range === 0 ? -50 : (-100 * (top - bar.close)) / range;
  },
});

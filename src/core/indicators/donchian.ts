/** Donchian channel: the highest high and the lowest low of the last so many bars, the one in hand included. */
import { barIndicator, bars } from '../indicator.ts';
import { highest, isFull, lowest, newWindow, push, type Window } from './_window.ts';

interface DonchianState {
  highs: Window;
  lows: Window;
}

export const donchian = barIndicator({
  name: 'donchian',
  title: { en: 'Donchian channel', ru: 'Канал Дончиана' },
  summary: {
    en: 'Highest high (upper), lowest low (lower) and the middle between them, the bar in hand included, in the unit of the price.',
    ru: 'Наибольший максимум (upper), наименьший минимум (lower) и середина между ними (middle), включая текущий бар, в единицах цены.',
  },
  settings: { period: bars(20) },
  outputs: ['middle', 'upper', 'lower'],
  warmUp: ({ period }) => period,
  start: ({ period }): DonchianState => ({ highs: newWindow(period), lows: newWindow(period) }),
  update({ highs, lows }, bar): { readonly middle: number; readonly upper: number; readonly lower: number } | null {
    push(highs, bar.high);
    push(lows, bar.low);
    if (!isFull(highs)) return null;
    const upper = highest(highs);
    const lower = lowest(lows);
    return { middle: (upper + lower) / 2, upper, lower };
  },
});

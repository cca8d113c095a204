/** Commodity channel index: how far the typical price lies from its mean, in mean distances. */
import { barIndicator, bars } from '../indicator.ts';
import { typicalPrice } from './_true-range.ts';
import { isFull, mean, newWindow, push, type Window } from './_window.ts';

/** Lambert's constant, by which most values lie between -100 and 100. */
const SCALE = 0.015;

export const cci = barIndicator({
  name: 'cci',
  title: { en: 'Commodity channel index', ru: 'Индекс товарного канала' },
  summary: {
    en: 'Distance of the typical price from its mean, mostly between -100 and 100; 0 where nothing moves.',
    ru: 'Отклонение типичной цены от среднего, чаще между -100 и 100; 0, если движения нет.',
  },
  settings: { period: bars(20, 2) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): Window => newWindow(period),
  update(window, bar): number | null {
    const price = typicalPrice(bar);
    push(window, price);
    if (!isFull(window)) return null;
    const average = mean(window);
    let distance = 0;
    for (const value of window.values) distance += Math.abs(value - average);
    return distance === 0 ? 0 : (price - average) / ((SCALE * distance) / window.size);
  },
});

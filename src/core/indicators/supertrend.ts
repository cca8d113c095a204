/** Supertrend: a stop so many average ranges away that follows the price and turns over when a close passes it. */
import { barIndicator, bars, factor } from '../indicator.ts';
import { type AtrState, atr } from './atr.ts';

interface SupertrendState {
  readonly width: number;
  range: AtrState;
  /** Of the bar before; `null` before the first reading. */
  last: { upper: number; lower: number; close: number; isUp: boolean } | null;
}

export const supertrend = barIndicator({
  name: 'supertrend',
  title: { en: 'Supertrend', ru: 'Супертренд' },
  summary: {
    en: 'Line that follows the price (value), below it while the trend is up (trend 1) and above it while it is down (trend -1), in the unit of the price.',
    ru: 'Линия, следующая за ценой (value): ниже неё в растущем тренде (trend 1) и выше в падающем (trend -1), в единицах цены.',
  },
  settings: { period: bars(10), width: factor(3, 0.1, 20) },
  outputs: ['value', 'trend'],
  warmUp: ({ period }) => period,
  start: ({ period, width }): SupertrendState => ({ width, range: atr.start({ period }), last: null }),
  update(state, bar): { readonly value: number; readonly trend: number } | null {
    const range = atr.update(state.range, bar);
    if (range === null) return null;
    const middle = (bar.high + bar.low) / 2;
    let upper = middle + state.width * range;
    let lower = middle - state.width * range;
    const { last } = state;
    // A band only comes nearer, until a close has passed it.
    if (last !== null && upper > last.upper && last.close <= last.upper) upper = last.upper;
    if (last !== null && lower < last.lower && last.close >= last.lower) lower = last.lower;
    const isUp = last === null ? bar.close > middle : last.isUp ? bar.close >= lower : bar.close > upper;
    state.last = { upper, lower, close: bar.close, isUp };
    return { value: isUp ? lower : upper, trend: isUp ? 1 : -1 };
  },
});

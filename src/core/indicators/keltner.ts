/** Keltner channel: an exponential average and so many average true ranges on either side. */
import { barIndicator, bars, factor } from '../indicator.ts';
import { type AtrState, atr } from './atr.ts';
import { type EmaState, ema } from './ema.ts';

interface KeltnerState {
  readonly width: number;
  average: EmaState;
  range: AtrState;
}

export const keltner = barIndicator({
  name: 'keltner',
  title: { en: 'Keltner channel', ru: 'Канал Кельтнера' },
  summary: {
    en: 'Exponential average of closes (middle) and bands so many average true ranges away (upper, lower), in the unit of the price.',
    ru: 'Экспоненциальное среднее закрытий (middle) и полосы на столько-то средних диапазонов (upper, lower), в единицах цены.',
  },
  settings: { period: bars(20), width: factor(2, 0.1, 20), range_period: bars(10) },
  outputs: ['middle', 'upper', 'lower'],
  warmUp: ({ period, range_period: rangePeriod }) => Math.max(period, rangePeriod),
  start: ({ period, width, range_period: rangePeriod }): KeltnerState => ({ width, average: ema.start({ period }), range: atr.start({ period: rangePeriod }) }),
  update(state, bar): { readonly middle: number; readonly upper: number; readonly lower: number } | null {
    const middle = ema.update(state.average, bar.close);
    const range = atr.update(state.range, bar);
    if (middle === null || range === null) return null;
    return { middle, upper: middle + state.width * range, lower: middle - state.width * range };
  },
});

/** Wilder's moving average (also SMMA): an exponential one in which the newest value weighs one part in the period. */
import { bars, valueIndicator } from '../indicator.ts';
import { type EmaState, fillAverage, updateAverage } from './ema.ts';

export const rma = valueIndicator({
  name: 'rma',
  title: { en: "Wilder's moving average", ru: 'Скользящее среднее Уайлдера' },
  summary: {
    en: 'Mean in which the newest value weighs 1 / period, in its unit.',
    ru: 'Среднее, в котором новое значение имеет вес 1 / period, в тех же единицах.',
  },
  settings: { period: bars(14) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: ({ period }): EmaState => ({ period, weight: 1 / period, count: 0, value: 0 }),
  update: updateAverage,
  batch: ({ period }) => fillAverage({ period, weight: 1 / period, count: 0, value: 0 }),
});

/** Average directional index of Wilder, with the directional indicators it is made of. */
import { barIndicator, bars } from '../indicator.ts';
import { trueRange } from './_true-range.ts';
import type { EmaState } from './ema.ts';
import { rma } from './rma.ts';

interface AdxState {
  last: { high: number; low: number; close: number } | null;
  up: EmaState;
  down: EmaState;
  range: EmaState;
  average: EmaState;
}

export const adx = barIndicator({
  name: 'adx',
  title: { en: 'Average directional index', ru: 'Индекс среднего направления' },
  summary: {
    en: 'Strength of a trend from 0 to 100 whatever its direction (value), and how much of the movement is up (plus) and down (minus), in per cent; 0 where nothing moves.',
    ru: 'Сила тренда от 0 до 100 независимо от направления (value) и доля движения вверх (plus) и вниз (minus), в процентах; 0, если движения нет.',
  },
  settings: { period: bars(14, 2) },
  outputs: ['value', 'plus', 'minus'],
  warmUp: ({ period }) => 2 * period,
  start: (settings): AdxState => ({
    last: null,
    up: rma.start(settings),
    down: rma.start(settings),
    range: rma.start(settings),
    average: rma.start(settings),
  }),
  update(state, bar): { readonly value: number; readonly plus: number; readonly minus: number } | null {
    const { last } = state;
    state.last = { high: bar.high, low: bar.low, close: bar.close };
    if (last === null) return null;
    const rise = bar.high - last.high;
    const fall = last.low - bar.low;
    const up = rma.update(state.up, rise > fall && rise > 0 ? rise : 0);
    const down = rma.update(state.down, fall > rise && fall > 0 ? fall : 0);
    const range = rma.update(state.range, trueRange(bar, last.close));
    if (up === null || down === null || range === null) return null;
    const plus = range === 0 ? 0 : (100 * up) / range;
    const minus = range === 0 ? 0 : (100 * down) / range;
    const value = rma.update(state.average, plus + minus === 0 ? 0 : (100 * Math.abs(plus - minus)) / (plus + minus));
    return value === null ? null : { value, plus, minus };
  },
});

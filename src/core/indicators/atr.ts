/** Average true range of Wilder: how far a bar usually reaches. */
import { barIndicator, bars } from '../indicator.ts';
import { trueRange } from './_true-range.ts';
import type { EmaState } from './ema.ts';
import { rma } from './rma.ts';

export interface AtrState {
  close: number | null;
  average: EmaState;
}

export const atr = barIndicator({
  name: 'atr',
  title: { en: 'Average true range', ru: 'Средний истинный диапазон' },
  summary: {
    en: 'Usual reach of a bar with the gap before it, in the unit of the price. The first bar counts from low to high.',
    ru: 'Обычный размах бара вместе с разрывом перед ним, в единицах цены. Первый бар считается от минимума до максимума.',
  },
  settings: { period: bars(14) },
  outputs: ['value'],
  warmUp: ({ period }) => period,
  start: (settings): AtrState => ({ close: null, average: rma.start(settings) }),
  update(state, bar): number | null {
    const range = trueRange(bar, state.close);
    state.close = bar.close;
    return rma.update(state.average, range);
  },
});

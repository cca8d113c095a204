/** Relative strength index of Wilder: the share of rises in all movement. */
import { bars, valueIndicator } from '../indicator.ts';
import type { EmaState } from './ema.ts';
import { rma } from './rma.ts';

export interface RsiState {
  last: number | null;
  gains: EmaState;
  losses: EmaState;
}

export const rsi = valueIndicator({
  name: 'rsi',
  title: { en: 'Relative strength index', ru: 'Индекс относительной силы' },
  summary: {
    en: 'From 0 (only falls) to 100 (only rises), smoothed as Wilder does; 50 where nothing has moved at all.',
    ru: 'От 0 (только падения) до 100 (только рост), сглаживание Уайлдера; 50, если движения не было вовсе.',
  },
  settings: { period: bars(14) },
  outputs: ['value'],
  warmUp: ({ period }) => period + 1,
  start: (settings): RsiState => ({ last: null, gains: rma.start(settings), losses: rma.start(settings) }),
  update(state, value): number | null {
    const { last } = state;
    state.last = value;
    if (last === null) return null;
    const gain = rma.update(state.gains, Math.max(0, value - last));
    const loss = rma.update(state.losses, Math.max(0, last - value));
    if (gain === null || loss === null) return null;
    return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
  },
});

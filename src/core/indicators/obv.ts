/** On-balance volume: volume added on rising closes and taken off on falling ones. */
import { barIndicator } from '../indicator.ts';

interface ObvState {
  close: number | null;
  sum: number;
}

export const obv = barIndicator({
  name: 'obv',
  title: { en: 'On-balance volume', ru: 'Балансовый объём' },
  summary: {
    en: 'Running sum of volume, counted from 0 at the first bar: its course means something, its height does not.',
    ru: 'Накопленный объём, от 0 на первом баре: важен его ход, а не величина.',
  },
  settings: {},
  outputs: ['value'],
  warmUp: () => 1,
  start: (): ObvState => ({ close: null, sum: 0 }),
  update(state, bar): number | null {
    if (state.close !== null) state.sum += Math.sign(bar.close - state.close) * bar.volume;
    state.close = bar.close;
    return state.sum;
  },
});

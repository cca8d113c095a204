/** Heikin-Ashi: bars smoothed by their own past. Their prices were never traded; orders must not be priced by them. */
import { barIndicator } from '../indicator.ts';

interface HeikinAshiState {
  last: { open: number; close: number } | null;
}

export const heikinAshi = barIndicator({
  name: 'heikin_ashi',
  title: { en: 'Heikin-Ashi', ru: 'Хейкен-Аши' },
  summary: { en: 'Smoothed bar (close, open, high, low), in the unit of the price.', ru: 'Сглаженный бар (close, open, high, low), в единицах цены.' },
  settings: {},
  outputs: ['close', 'open', 'high', 'low'],
  warmUp: () => 1,
  start: (): HeikinAshiState => ({ last: null }),
  update(state, bar): { readonly close: number; readonly open: number; readonly high: number; readonly low: number } | null {
    const close = (bar.open + bar.high + bar.low + bar.close) / 4;
    const open = state.last === null ? (bar.open + bar.close) / 2 : (state.last.open + state.last.close) / 2;
    state.last = { open, close };
    return { close, open, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close) };
  },
});

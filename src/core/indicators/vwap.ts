/** Volume-weighted average price of a session, begun anew with each. */
import { barIndicator } from '../indicator.ts';
import { SESSION_HOURS, sessionOf } from './_session.ts';
import { typicalPrice } from './_true-range.ts';

interface VwapState {
  readonly hours: number;
  session: number;
  money: number;
  volume: number;
}

export const vwap = barIndicator({
  name: 'vwap',
  title: { en: 'Volume-weighted average price', ru: 'Средневзвешенная по объёму цена' },
  summary: {
    en: 'Mean typical price of the session so far, each weighed by its volume, in the unit of the price; sessions are days of UTC. Without any volume the typical price itself.',
    ru: 'Средняя типичная цена с начала сессии, взвешенная по объёму, в единицах цены; сессии — сутки UTC. Без объёма — сама типичная цена.',
  },
  settings: { session_hours: SESSION_HOURS },
  outputs: ['value'],
  warmUp: () => 1,
  start: ({ session_hours: hours }): VwapState => ({ hours, session: -1, money: 0, volume: 0 }),
  update(state, bar): number | null {
    const session = sessionOf(bar, state.hours);
    if (session !== state.session) {
      state.session = session;
      state.money = 0;
      state.volume = 0;
    }
    const price = typicalPrice(bar);
    state.money += price * bar.volume;
    state.volume += bar.volume;
    return state.volume === 0 ? price : state.money / state.volume;
  },
});

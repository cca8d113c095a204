/** Money flow index: the share of money that went in with rising typical prices. */
import { barIndicator, bars } from '../indicator.ts';
import { typicalPrice } from './_true-range.ts';
import { isFull, newWindow, push, type Window } from './_window.ts';

interface MfiState {
  last: number | null;
  /** Money of each bar: positive where the price rose, negative where it fell. */
  flows: Window;
}

export const mfi = barIndicator({
  name: 'mfi',
  title: { en: 'Money flow index', ru: 'Индекс денежного потока' },
  summary: {
    en: 'From 0 (money only went out) to 100 (only in); 50 where there was no flow at all.',
    ru: 'От 0 (деньги только уходили) до 100 (только приходили); 50, если потока не было вовсе.',
  },
  settings: { period: bars(14) },
  outputs: ['value'],
  warmUp: ({ period }) => period + 1,
  start: ({ period }): MfiState => ({ last: null, flows: newWindow(period) }),
  update(state, bar): number | null {
    const price = typicalPrice(bar);
    const { last, flows } = state;
    state.last = price;
    if (last === null) return null;
    push(flows, Math.sign(price - last) * price * bar.volume);
    if (!isFull(flows)) return null;
    let came = 0;
    let moved = 0;
    for (const flow of flows.values) {
      if (flow > 0) came += flow;
      moved += Math.abs(flow);
    }
    return moved === 0 ? 50 : (100 * came) / moved;
  },
});

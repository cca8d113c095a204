/** A strategy for tests of perpetuals: long, turned short, reduced, with an order left resting. */
import type { OrderRequest } from '#core/order.ts';
import { type Context, defineStrategy } from '#core/strategy.ts';

function market(side: 'buy' | 'sell', sizeLots: number, reduceOnly = false): OrderRequest {
  return { side, type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly, tag: side };
}

interface Steps {
  /** Orders that have been filled whole. */
  done: number;
}

/** Buys, turns short, asks for more than may be reduced, reduces a part, and rests a reduce-only order: each once the one before is filled. */
export const walker = defineStrategy({
  name: 'walker',
  version: 1,
  title: { en: 'Walker', ru: 'Ходок' },
  summary: { en: 'Goes through all kinds of orders for a test.', ru: 'Проходит все виды ордеров для теста.' },
  markets: ['perpetual'],
  params: {},
  wants: { bars: false, quotes: false },
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'up'), baseGrains: 0, leverage: 5, marginMode: 'isolated', preview: {} }),
  start: (context): Steps => {
    context.submit(market('buy', 20));
    return { done: 0 };
  },
  on: (context, state: Steps, event) => {
    // The refused order and the one in its place are told in this sequence.
    if (event.type === 'timerFired') context.submit(market('buy', 10, true));
    if (event.type !== 'orderFilled' || event.order.filledLots < event.order.sizeLots) return;
    state.done += 1;
    take(context, state.done);
  },
});

function take(context: Context, done: number): void {
  if (done === 1) context.submit(market('sell', 50));
  if (done === 2) {
    context.submit(market('buy', 31, true));
    context.setTimer('next', context.at + 20);
  }
  if (done !== 3) return;
  const resting = { ...market('buy', 10, true), type: 'limit', priceTicks: Math.floor(context.bidTicks * 0.93), timeInForce: 'gtc', tag: 'resting' } as const;
  context.submit(resting);
}

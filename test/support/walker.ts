/** A strategy for tests of perpetuals: long, turned short, reduced, with an order left resting. */
import type { OrderRequest } from '#core/order.ts';
import { type Context, defineStrategy } from '#core/strategy.ts';

const STEP_MS = 40;

function market(side: 'buy' | 'sell', sizeLots: number, reduceOnly = false): OrderRequest {
  return { side, type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly, tag: side };
}

interface Steps {
  done: number;
  reachedEnd: boolean;
}

/** Buys, turns short, asks for more than may be reduced, reduces a part, and rests a reduce-only order; one step a timer. */
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
    context.setTimer('step', context.at + STEP_MS);
    return { done: 0, reachedEnd: false };
  },
  on: (context, state: Steps, event) => {
    if (event.type !== 'timerFired') return;
    state.done += 1;
    state.reachedEnd = take(context, state.done);
    if (!state.reachedEnd) context.setTimer('step', context.at + STEP_MS);
  },
});

function take(context: Context, step: number): boolean {
  if (step === 1) context.submit(market('buy', 20));
  if (step === 4) context.submit(market('sell', 50));
  if (step === 7) context.submit(market('buy', 31, true));
  if (step === 8) context.submit(market('buy', 10, true));
  if (step < 11) return false;
  context.submit({ ...market('buy', 10, true), type: 'limit', priceTicks: Math.floor(context.bidTicks * 0.93), timeInForce: 'gtc', tag: 'resting' });
  return true;
}

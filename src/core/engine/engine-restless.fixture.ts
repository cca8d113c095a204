/**
 * A strategy that does something with every event, decided by a small generator in its own state: good for finding
 * sequences nobody thought of, and the same every time.
 */

import type { OrderRequest } from '../order.ts';
import { type Context, defineStrategy } from '../strategy.ts';
import { limit, market } from './engine.fixture.ts';

interface Restless {
  seed: number;
  ids: string[];
  /** Everything it was told, in order. */
  told: number;
}

/** Tags start with this, so that a test can tell its orders from the engine's own. */
export const RESTLESS_TAG = 'restless';

function draw(state: Restless, below: number): number {
  state.seed = (state.seed * 48_271) % 2_147_483_647;
  return state.seed % below;
}

function anyRequest(context: Context, state: Restless): OrderRequest {
  const side = draw(state, 2) === 0 ? 'buy' : 'sell';
  const lots = 5 + draw(state, 400);
  const tag = `${RESTLESS_TAG}:${state.told}`;
  if (draw(state, 4) === 0) return market(side, lots, tag);
  const away = draw(state, 600) - 100;
  return limit(side, Math.max(1, side === 'buy' ? context.bidTicks - away : context.askTicks + away), lots, tag);
}

function act(context: Context, state: Restless): void {
  const choice = draw(state, 12);
  const id = state.ids[draw(state, Math.max(1, state.ids.length))];
  if (choice < 6 && context.order(state.ids.at(-1) ?? '')?.state !== 'unknown')
    state.ids = [...state.ids, context.submit(anyRequest(context, state))].slice(-20);
  else if (choice < 8 && id !== undefined) context.cancel(id);
  else if (choice === 8) context.setTimer(`t${draw(state, 3)}`, context.at + draw(state, 5_000));
  else if (choice === 9) context.clearTimer(`t${draw(state, 3)}`);
  else if (choice === 10)
    context.watchPrice(context.bidTicks - draw(state, 500), draw(state, 2) === 0 ? Number.POSITIVE_INFINITY : context.askTicks + draw(state, 500));
  else context.report('strategy_note', 'restless', { told: state.told });
}

export const restless = defineStrategy({
  name: 'restless',
  version: 1,
  title: { en: 'Restless', ru: 'Непоседа' },
  summary: { en: 'Does something with every event.', ru: 'Делает что-нибудь при каждом событии.' },
  params: {},
  wants: { bars: true, quotes: true },
  plan: () => ({ ok: true, quoteAtoms: 0, baseGrains: 0, preview: {} }),
  start(context): Restless {
    const state: Restless = { seed: 20_260_101, ids: [], told: 0 };
    for (let count = 0; count < 3; count += 1) act(context, state);
    return state;
  },
  on(context, state: Restless, told) {
    state.told += 1;
    // It takes a refusal for an answer; to answer refusals with wishes is what the engine ends with an error.
    if (told.type === 'orderClosed' && context.order(told.order.clientOrderId) === undefined && told.order.state === 'denied') return;
    act(context, state);
    if (draw(state, 400) === 0) context.finish('tired', 'toQuote');
  },
});

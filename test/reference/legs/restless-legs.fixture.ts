/**
 * A strategy over a coin and its perpetual that trades without sense, decided by a small generator in its own state: orders that rest, stop and
 * take, on both sides, with watched prices and distances, timers and cancels. It finds sequences nobody thought of, and liquidations.
 */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { OrderRequest } from '#core/order.ts';
import { type Context, defineStrategy, type LegContext } from '#core/strategy.ts';

interface Restless {
  seed: number;
  ids: string[];
}

const MOST_ORDERS = 12;

export const restlessLegs = defineStrategy({
  name: 'restless_legs',
  version: 1,
  title: { en: 'Restless', ru: 'Непоседа' },
  summary: { en: 'Trades without sense.', ru: 'Торгует без смысла.' },
  params: {
    seed: { kind: 'integer', min: 1, max: 1_000_000, title: { en: 'Seed', ru: 'Зерно' }, help: { en: 'Seed.', ru: 'Зерно.' } },
    leverage: { kind: 'integer', min: 1, max: 50, title: { en: 'Leverage', ru: 'Плечо' }, help: { en: 'Leverage.', ru: 'Плечо.' } },
  },
  legName: 'coin',
  otherLegs: (_params, symbol) => [{ name: 'future', symbol: `${symbol}:USDT`, kind: 'perpetual' }],
  wants: { bars: false, quotes: false },
  plan: ({ params, scale, otherLegs = [] }) => ({
    ok: true,
    quoteAtoms: scale.atoms('20000', 'down'),
    baseGrains: scale.grains('20', 'down'),
    otherLegs: [{ quoteAtoms: otherLegs[0]?.scale.atoms('20000', 'down') ?? 0, baseGrains: 0, leverage: params.leverage, marginMode: 'isolated' }],
    preview: {},
  }),
  start(context, { seed }): Restless {
    const state: Restless = { seed, ids: [] };
    context.setTimer('again', context.at + 1);
    return state;
  },
  on(context, state, event) {
    if (event.type === 'orderClosed' || event.type === 'orderFilled') state.ids = state.ids.filter((id) => context.order(id) !== undefined);
    if (event.type === 'orderClosed' || event.type === 'orderAccepted') return;
    const leg = context.leg(draw(state, 2) === 0 ? 'coin' : 'future');
    if (event.type === 'timerFired') context.setTimer('again', context.at + 1 + draw(state, 40 * 60_000));
    if (event.type === 'timerFired' || draw(state, 4) === 0) order(leg, state);
    else if (draw(state, 3) === 0) context.cancel(state.ids[draw(state, Math.max(1, state.ids.length))] ?? '');
    watch(context, leg, state);
    if (draw(state, 2_000) === 0) context.finish('tired', 'toQuote');
  },
});

function draw(state: Restless, below: number): number {
  state.seed = (state.seed * 48_271) % 2_147_483_647;
  return state.seed % below;
}

function order(leg: LegContext, state: Restless): void {
  if (state.ids.length >= MOST_ORDERS || leg.bidTicks <= 0) return;
  const held = leg.position.baseGrains / GRAINS_PER_LOT;
  const side = draw(state, 2) === 0 ? 'buy' : 'sell';
  const isLessening = leg.scale.isPerpetual && (side === 'buy' ? held < 0 : held > 0) && draw(state, 2) === 0;
  const away = Math.round((leg.askTicks * draw(state, 30)) / 1_000) + 1;
  const sizeLots = 1 + draw(state, leg.scale.isPerpetual ? 40_000 : 4_000);
  const plain = { side, sizeLots, postOnly: false, reduceOnly: isLessening, tag: 'restless', priceTicks: 0, triggerTicks: 0 } as const;
  const below = Math.max(1, leg.bidTicks - away);
  const kinds: readonly OrderRequest[] = [
    { ...plain, type: 'market', timeInForce: 'ioc' },
    { ...plain, type: 'limit', timeInForce: 'gtc', priceTicks: side === 'buy' ? below : leg.askTicks + away },
    { ...plain, type: 'limit', timeInForce: 'ioc', priceTicks: side === 'buy' ? leg.askTicks + away : below },
    { ...plain, type: 'stopMarket', timeInForce: 'ioc', triggerTicks: side === 'buy' ? leg.askTicks + away : below },
  ];
  const request = kinds[draw(state, kinds.length)];
  if (request !== undefined) state.ids.push(leg.submit(request));
}

function watch(context: Context, leg: LegContext, state: Restless): void {
  const near = (leg.askTicks * (1 + draw(state, 30))) / 1_000;
  if (draw(state, 2) === 0) leg.watchPrice(Math.max(0, Math.floor(leg.bidTicks - near)), Math.ceil(leg.askTicks + near));
  else leg.watchPrice(0, Number.POSITIVE_INFINITY);
  if (draw(state, 3) === 0)
    context.watchSpread({ long: 'coin', short: 'future', above: 1 + draw(state, 12) / 1_000, below: draw(state, 2) === 0 ? null : 0.995 });
  else if (draw(state, 2) === 0) context.watchSpread(null);
}

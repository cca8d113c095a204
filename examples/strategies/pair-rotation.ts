/** Holds the weaker of two coins, measured by how far their ratio is from its mean, and changes over when that turns: several instruments. */
import { type Context, defineStrategy, GRAINS_PER_LOT, type LegContext, sma, standardDeviation } from 'argosy/strategy';

const HOUR_MS = 3_600_000;
const LEGS = ['one', 'other'] as const;
type LegName = (typeof LEGS)[number];

interface State {
  mean: object;
  deviation: object;
  /** The newest closes of both; they are compared once both are of the same time. */
  closes: Record<LegName, { at: number; price: number }>;
  /** The coin to be held; `null` before the ratio has said so. */
  wanted: LegName | null;
  orderId: string | null;
  changes: number;
}

export default defineStrategy({
  name: 'pair-rotation',
  version: 1,
  title: 'Pair rotation',
  summary: 'Holds the coin of two that is cheap against the other.',
  params: {
    budget: { kind: 'decimal', min: '0', isExclusive: true, default: '1000', title: 'Budget', help: 'Quote for both coins together.' },
    other_symbol: { kind: 'text', maxLength: 30, default: 'ETH/USDT', title: 'Other coin', help: 'Symbol to change over to; priced in the same quote.' },
    period: { kind: 'integer', min: 2, max: 500, default: 48, title: 'Period', help: 'Hours that mean and deviation are taken of.' },
    width: { kind: 'decimal', min: '0.1', max: '10', default: '1.5', title: 'Width', help: 'Deviations from the mean at which it changes over.' },
  },
  legName: 'one',
  otherLegs: (params) => [{ name: 'other', symbol: params.other_symbol, kind: 'spot' }],
  wants: { bars: true, quotes: false },
  bars: (params) => [{ intervalMs: HOUR_MS, warmUp: params.period }],

  plan({ params, scale, otherLegs = [] }) {
    const [other] = otherLegs;
    if (other === undefined) return { ok: false, issues: [{ field: 'other_symbol', message: 'must be a coin beside that of the bot' }] };
    const half = String(Number(params.budget) / 2);
    const needs = [scale, other.scale].map((each) => ({ quoteAtoms: each.atoms(half, 'down'), baseGrains: 0, least: each.minAtoms * 2 }));
    if (needs.some(({ quoteAtoms, least }) => quoteAtoms < least)) return { ok: false, issues: [{ field: 'budget', message: 'is too small for two coins' }] };
    const [one, two] = needs.map(({ quoteAtoms, baseGrains }) => ({ quoteAtoms, baseGrains }));
    return { ok: true, quoteAtoms: one?.quoteAtoms ?? 0, baseGrains: 0, otherLegs: two === undefined ? [] : [two], preview: { for_each_coin: half } };
  },

  start: (_context, { period }): State => ({
    mean: sma.start({ period }),
    deviation: standardDeviation.start({ period }),
    closes: { one: { at: 0, price: 0 }, other: { at: 0, price: 0 } },
    wanted: null,
    orderId: null,
    changes: 0,
  }),

  on(context, state, event, params): void {
    if (event.type === 'barClosed') {
      const name = event.leg === 'other' ? 'other' : 'one';
      const price = Number(context.leg(name).scale.price(event.closeTicks));
      state.closes[name] = { at: event.closedAt ?? context.at, price };
      if (state.closes.one.at === state.closes.other.at) compare(state, Number(params.width));
    }
    // What was refused is tried again with the next bar, not at once.
    if (event.type === 'orderFilled' || (event.type === 'barClosed' && event.isHistory !== true)) changeOver(context, state);
  },

  figures: ({ changes, wanted }) => ({ changes, holds: wanted }),
});

function compare(state: State, width: number): void {
  const ratio = state.closes.one.price / state.closes.other.price;
  const mean = sma.update(state.mean, ratio);
  const deviation = standardDeviation.update(state.deviation, ratio);
  if (mean === null || deviation === null || deviation === 0) return;
  const distance = (ratio - mean) / deviation;
  const next = distance <= -width ? 'one' : distance >= width ? 'other' : state.wanted;
  if (next !== state.wanted) state.changes += 1;
  state.wanted = next;
}

/** One step at a time: first the coin that is not wanted is sold, then its money goes over, then the other is bought. */
function changeOver(context: Context, state: State): void {
  if (state.wanted === null || !context.canOpen) return;
  if (state.orderId !== null && context.order(state.orderId) !== undefined) return;
  state.orderId = null;
  const wanted = context.leg(state.wanted);
  const left = context.leg(state.wanted === 'one' ? 'other' : 'one');
  const held = Math.floor(left.freeBaseGrains() / GRAINS_PER_LOT);
  if (isWorth(left, held)) {
    state.orderId = order(left, 'sell', held);
    return;
  }
  if (left.freeQuoteAtoms() > 0) context.moveQuote(left.name, wanted.name, left.freeQuoteAtoms());
  // Two per cent are left for the fee and for the way the price takes meanwhile; what is left over is not worth another order.
  const bought = Math.floor((wanted.freeQuoteAtoms() * 0.98) / wanted.askTicks);
  if (isWorth(wanted, bought) && bought * 10 > wanted.position.baseGrains / GRAINS_PER_LOT) state.orderId = order(wanted, 'buy', bought);
}

function isWorth({ scale, bidTicks }: LegContext, lots: number): boolean {
  return lots >= scale.minLots && lots * bidTicks >= scale.minAtoms;
}

function order(leg: LegContext, side: 'buy' | 'sell', sizeLots: number): string {
  const priceTicks = side === 'buy' ? Math.ceil(leg.askTicks * 1.005) : Math.floor(leg.bidTicks * 0.995);
  return leg.submit({ side, type: 'limit', priceTicks, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: false, tag: 'change' });
}

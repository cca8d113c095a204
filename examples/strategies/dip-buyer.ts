/** Buys after the price has fallen by so much from its highest close, and sells the same at a profit: orders and fills. */
import { type Context, defineStrategy, GRAINS_PER_LOT } from 'argosy/strategy';

interface State {
  peakTicks: number;
  buyId: string | null;
  sellId: string | null;
  boughtTicks: number;
  trades: number;
}

export default defineStrategy({
  name: 'dip-buyer',
  version: 1,
  title: 'Dip buyer',
  summary: 'Buys a dip below the highest close and sells it with a profit.',
  params: {
    budget: { kind: 'decimal', min: '0', isExclusive: true, default: '1000', title: 'Budget', help: 'Quote to buy with each time.' },
    dip_percent: { kind: 'decimal', min: '0.1', max: '50', default: '1', title: 'Dip', help: 'Fall from the highest close, in per cent.' },
    profit_percent: { kind: 'decimal', min: '0.1', max: '100', default: '1', title: 'Profit', help: 'Rise above the price paid, in per cent.' },
  },
  wants: { bars: true, quotes: false },

  plan: ({ params, scale }) => {
    const quoteAtoms = scale.atoms(params.budget, 'down');
    if (quoteAtoms < scale.minAtoms * 2) return { ok: false, issues: [{ field: 'budget', message: `must be at least ${scale.quote(scale.minAtoms * 2)}` }] };
    return { ok: true, quoteAtoms, baseGrains: 0, preview: { buys_for: params.budget } };
  },

  start: (context): State => ({ peakTicks: context.bidTicks, buyId: null, sellId: null, boughtTicks: 0, trades: 0 }),

  on(context, state, event, params): void {
    if (event.type === 'barClosed') {
      state.peakTicks = Math.max(state.peakTicks, event.closeTicks);
      const isDip = event.closeTicks <= state.peakTicks * (1 - Number(params.dip_percent) / 100);
      if (isDip && event.isHistory !== true) buy(context, state);
    } else if (event.type === 'orderFilled' && event.order.clientOrderId === state.buyId) {
      state.boughtTicks = event.fill.priceTicks;
    } else if (event.type === 'orderFilled' && event.order.clientOrderId === state.sellId && event.order.state === 'filled') {
      state.sellId = null;
      state.peakTicks = context.bidTicks;
      state.trades += 1;
      context.report('target_reached', `Sold ${state.trades} times.`, { trades: state.trades });
    } else if (event.type === 'orderClosed') {
      if (event.order.clientOrderId === state.buyId) state.buyId = null;
      if (event.order.clientOrderId === state.sellId) state.sellId = null;
    }
    const isBought = state.buyId !== null && context.order(state.buyId) === undefined;
    if (isBought) {
      state.buyId = null;
      sell(context, state, Number(params.profit_percent));
    }
  },

  figures: ({ trades }) => ({ trades }),
});

function buy(context: Context, state: State): void {
  if (!context.isTrading || state.buyId !== null || state.sellId !== null) return;
  // Two per cent are left for the fee and for the way the price takes meanwhile.
  const sizeLots = Math.floor((context.freeQuoteAtoms() * 0.98) / context.askTicks);
  if (sizeLots * context.bidTicks < context.scale.minAtoms) return;
  state.buyId = context.submit({
    side: 'buy',
    type: 'limit',
    priceTicks: Math.ceil(context.askTicks * 1.005),
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    tag: 'dip',
  });
}

function sell(context: Context, state: State, profitPercent: number): void {
  const sizeLots = Math.floor(context.freeBaseGrains() / GRAINS_PER_LOT);
  const priceTicks = Math.ceil(state.boughtTicks * (1 + profitPercent / 100));
  if (sizeLots * priceTicks < context.scale.minAtoms) return;
  state.sellId = context.submit({
    side: 'sell',
    type: 'limit',
    priceTicks,
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    tag: 'profit',
  });
}

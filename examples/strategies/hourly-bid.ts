/** Keeps one order a little below the market and moves it every hour; sells all when it is told to: timers and commands. */
import { type Context, defineStrategy, GRAINS_PER_LOT } from 'argosy/strategy';

const HOUR_MS = 3_600_000;

interface State {
  orderId: string | null;
  isSelling: boolean;
}

export default defineStrategy({
  name: 'hourly-bid',
  version: 1,
  title: 'Hourly bid',
  summary: 'Bids below the market and moves the bid every hour.',
  params: {
    budget: { kind: 'decimal', min: '0', isExclusive: true, default: '500', title: 'Budget', help: 'Quote for all bids together.' },
    below_percent: { kind: 'decimal', min: '0.05', max: '20', default: '0.5', title: 'Distance', help: 'How far below the bid, in per cent.' },
  },
  wants: { bars: false, quotes: false },
  commands: { sell_all: { title: 'Sell all', help: 'Sells what has been bought, and goes on bidding.', params: {} } },

  plan: ({ params, scale }) => ({ ok: true, quoteAtoms: scale.atoms(params.budget, 'down'), baseGrains: 0, preview: {} }),

  start(context, params): State {
    const state: State = { orderId: null, isSelling: false };
    bid(context, state, Number(params.below_percent));
    context.setTimer('move', context.at + HOUR_MS);
    return state;
  },

  on(context, state, event, params): void {
    switch (event.type) {
      case 'timerFired':
        if (state.orderId !== null) context.cancel(state.orderId);
        else bid(context, state, Number(params.below_percent));
        context.setTimer('move', context.at + HOUR_MS);
        return;
      case 'orderFilled':
        if (event.order.clientOrderId === state.orderId && event.order.state === 'filled') state.orderId = null;
        return;
      case 'orderClosed':
        if (event.order.clientOrderId !== state.orderId) return;
        state.orderId = null;
        if (event.code === 'cancelled') bid(context, state, Number(params.below_percent));
        return;
      case 'resumed':
        if (state.orderId === null) bid(context, state, Number(params.below_percent));
        return;
      case 'userCommand':
        sellAll(context);
        return;
      default:
        return;
    }
  },
});

function bid(context: Context, state: State, belowPercent: number): void {
  const priceTicks = Math.floor(context.bidTicks * (1 - belowPercent / 100));
  const sizeLots = Math.floor(context.freeQuoteAtoms() / 4 / priceTicks);
  if (!context.isTrading || sizeLots * priceTicks < context.scale.minAtoms) return;
  state.orderId = context.submit({
    side: 'buy',
    type: 'limit',
    priceTicks,
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'gtc',
    postOnly: true,
    reduceOnly: false,
    tag: 'bid',
  });
}

function sellAll(context: Context): void {
  const sizeLots = Math.floor(context.freeBaseGrains() / GRAINS_PER_LOT);
  if (sizeLots * context.bidTicks < context.scale.minAtoms) {
    context.report('strategy_note', 'There is too little to sell.');
    return;
  }
  context.submit({
    side: 'sell',
    type: 'limit',
    priceTicks: Math.floor(context.bidTicks * 0.99),
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    tag: 'sell all',
  });
}

/**
 * A strategy for simulated worlds that only buys, a little below the market, again and again: what it has bought is closed by
 * the rules of its user alone.
 */
import { defineStrategy } from '#core/strategy.ts';

interface BuyerState {
  orderId: string | null;
  bought: number;
  replaced: number;
}

const SIZE_LOTS = 40;
const AWAY_TICKS = 1_500;
const NEXT_MS = 4_000;
/** Quote it needs, in whole units of the quote coin. */
export const BUYER_QUOTE = '6000';

export const buyer = defineStrategy({
  name: 'buyer',
  version: 1,
  title: { en: 'Buyer', ru: 'Покупатель' },
  summary: { en: 'Buys again and again.', ru: 'Покупает снова и снова.' },
  params: {},
  wants: { bars: false, quotes: false },
  rules: ['opposite', 'placeAgain', 'cancelRest', 'takeProfit', 'stopLoss'],
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms(BUYER_QUOTE, 'down'), baseGrains: 0, preview: {} }),

  start(context): BuyerState {
    context.setTimer('next', context.at);
    return { orderId: null, bought: 0, replaced: 0 };
  },

  on(context, state: BuyerState, event): void {
    if (event.type === 'orderReplaced' && state.orderId === event.former.clientOrderId) {
      state.orderId = event.order.clientOrderId;
      state.replaced += 1;
    }
    if (event.type === 'orderFilled') state.bought += event.fill.sizeLots;
    const isOver = event.type === 'orderClosed' || (event.type === 'orderFilled' && event.order.state === 'filled');
    if (isOver && event.order.clientOrderId === state.orderId) {
      state.orderId = null;
      context.setTimer('next', context.at + NEXT_MS);
    }
    if (event.type !== 'timerFired' && event.type !== 'resumed') return;
    if (state.orderId !== null) return;
    const isAffordable = context.freeQuoteAtoms() > context.askTicks * SIZE_LOTS * 2;
    if (!context.isTrading || !isAffordable || context.bidTicks <= AWAY_TICKS) return context.setTimer('next', context.at + NEXT_MS);
    state.orderId = context.submit({
      side: 'buy',
      type: 'limit',
      priceTicks: context.bidTicks - (state.bought % 3) * AWAY_TICKS,
      triggerTicks: 0,
      sizeLots: SIZE_LOTS,
      timeInForce: 'gtc',
      postOnly: false,
      reduceOnly: false,
      tag: 'buy',
    });
  },
});

/** Follows a trend by two exponential averages of the bars its user chooses: indicators and warming up. In JavaScript. */
import { defineStrategy, ema, GRAINS_PER_LOT } from 'argosy/strategy';

const MINUTE = 60_000;
const LENGTHS = { '1m': MINUTE, '15m': 15 * MINUTE, '1h': 60 * MINUTE, '4h': 240 * MINUTE };

export default defineStrategy({
  name: 'trend',
  version: 1,
  title: { en: 'Trend', ru: 'Тренд' },
  summary: { en: 'Holds while the fast average is above the slow one.', ru: 'Держит позицию, пока быстрая средняя выше медленной.' },
  params: {
    budget: { kind: 'decimal', min: '0', isExclusive: true, default: '1000', title: 'Budget', help: 'Quote to trade with.' },
    timeframe: { kind: 'choice', options: ['1m', '15m', '1h', '4h'], default: '1m', title: 'Timeframe', help: 'Length of the bars.' },
    fast: { kind: 'integer', min: 2, max: 100, default: 10, title: 'Fast', help: 'Bars of the fast average.' },
    slow: { kind: 'integer', min: 3, max: 300, default: 40, title: 'Slow', help: 'Bars of the slow average.' },
  },
  wants: { bars: true, quotes: false },
  bars: ({ timeframe, slow }) => [{ intervalMs: LENGTHS[timeframe], warmUp: slow * 3 }],

  plan: ({ params, scale }) =>
    params.fast < params.slow
      ? { ok: true, quoteAtoms: scale.atoms(params.budget, 'down'), baseGrains: 0, preview: {} }
      : { ok: false, issues: [{ field: 'fast', message: 'must be less than slow' }] },

  start: (_context, { fast, slow }) => ({ fast: ema.start({ period: fast }), slow: ema.start({ period: slow }), isOpen: false, isBusy: false }),

  on(context, state, event) {
    if (event.type === 'orderClosed' || (event.type === 'orderFilled' && event.order.state === 'filled')) state.isBusy = false;
    if (event.type !== 'barClosed') return;
    const fast = ema.update(state.fast, event.closeTicks);
    const slow = ema.update(state.slow, event.closeTicks);
    if (fast === null || slow === null || event.isHistory || state.isBusy || !context.isTrading) return;
    if (fast > slow === state.isOpen) return;
    const isBuy = fast > slow;
    const sizeLots = isBuy ? Math.floor((context.freeQuoteAtoms() * 0.97) / (context.askTicks * 1.01)) : Math.floor(context.freeBaseGrains() / GRAINS_PER_LOT);
    if (sizeLots * context.bidTicks < context.scale.minAtoms) return;
    state.isOpen = isBuy;
    state.isBusy = true;
    context.submit({
      side: isBuy ? 'buy' : 'sell',
      type: 'limit',
      priceTicks: isBuy ? Math.ceil(context.askTicks * 1.01) : Math.floor(context.bidTicks * 0.99),
      triggerTicks: 0,
      sizeLots,
      timeInForce: 'ioc',
      postOnly: false,
      reduceOnly: false,
      tag: isBuy ? 'open' : 'close',
    });
  },

  figures: ({ isOpen }) => ({ is_open: isOpen }),
});

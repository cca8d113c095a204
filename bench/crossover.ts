/** A strategy for benchmarks only, which every bar reaches: two moving averages, all in when the fast one is above. */
import { defineStrategy } from '#core/strategy.ts';

const FAST = 10;
const SLOW = 50;

interface CrossoverState {
  closes: number[];
  next: number;
  count: number;
  fastSum: number;
  slowSum: number;
  isLong: boolean;
  openId: string | null;
}

export const crossover = defineStrategy({
  name: 'crossover',
  version: 1,
  title: { en: 'Crossover', ru: 'Пересечение' },
  summary: { en: 'For benchmarks.', ru: 'Для измерений.' },
  params: {
    budget: {
      kind: 'decimal',
      min: '0',
      isExclusive: true,
      default: '1000',
      title: { en: 'Budget', ru: 'Сумма' },
      help: { en: 'Quote to use.', ru: 'Сумма в котировке.' },
    },
  },
  wants: { bars: true, quotes: false },
  plan: ({ params, scale }) => ({ ok: true, quoteAtoms: scale.atoms(params.budget, 'down'), baseGrains: 0, preview: {} }),
  start: (): CrossoverState => ({ closes: new Array<number>(SLOW).fill(0), next: 0, count: 0, fastSum: 0, slowSum: 0, isLong: false, openId: null }),

  on(context, state, event): void {
    if (event.type === 'orderFilled' || event.type === 'orderClosed') {
      if (event.type === 'orderClosed' || event.order.state === 'filled') state.openId = null;
      return;
    }
    if (event.type !== 'barClosed') return;
    const close = event.closeTicks;
    state.slowSum += close - (state.closes[state.next] ?? 0);
    state.fastSum += close - (state.closes[(state.next + SLOW - FAST) % SLOW] ?? 0);
    state.closes[state.next] = close;
    state.next = (state.next + 1) % SLOW;
    state.count += 1;
    if (state.count < SLOW || state.openId !== null) return;
    const isAbove = state.fastSum * SLOW > state.slowSum * FAST;
    if (isAbove === state.isLong) return;
    state.isLong = isAbove;
    const sizeLots = isAbove ? Math.floor((context.freeQuoteAtoms() * 0.9) / (context.askTicks * 1.1)) : Math.floor(context.freeBaseGrains() / 10_000);
    if (sizeLots > 0)
      state.openId = context.submit({
        side: isAbove ? 'buy' : 'sell',
        type: 'market',
        priceTicks: 0,
        triggerTicks: 0,
        sizeLots,
        timeInForce: 'ioc',
        postOnly: false,
        reduceOnly: false,
        tag: 'cross',
      });
  },
});

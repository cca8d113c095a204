/** A strategy for benchmarks only: waits for one price and answers it with one small order far below the market. */
import { defineStrategy } from '#core/strategy.ts';

interface State {
  isDone: boolean;
}

export const wireStrategy = defineStrategy({
  name: 'wire',
  version: 1,
  title: { en: 'Wire', ru: 'Провод' },
  summary: { en: 'For benchmarks.', ru: 'Для измерений.' },
  params: {
    trigger_price: {
      kind: 'decimal',
      min: '0',
      isExclusive: true,
      title: { en: 'Trigger', ru: 'Порог' },
      help: { en: 'Price to answer.', ru: 'Цена, на которую отвечать.' },
    },
  },
  wants: { bars: false, quotes: false },
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('20', 'up'), baseGrains: 0, preview: {} }),

  start(context, params): State {
    context.watchPrice(0, context.scale.ticks(params.trigger_price, 'up'));
    return { isDone: false };
  },

  on(context, state, event): void {
    if (event.type !== 'priceReached' || state.isDone) return;
    state.isDone = true;
    context.watchPrice(0, Number.POSITIVE_INFINITY);
    const priceTicks = Math.floor(context.bidTicks * 0.95);
    const sizeLots = Math.ceil(context.scale.atoms('10', 'up') / priceTicks);
    context.submit({
      side: 'buy',
      type: 'limit',
      priceTicks,
      triggerTicks: 0,
      sizeLots,
      timeInForce: 'gtc',
      postOnly: false,
      reduceOnly: false,
      tag: 'answer',
    });
  },
});

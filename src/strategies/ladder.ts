/** Buys or sells one amount with limit orders over a range of prices. */
import { ladderExecutor, layRungs, smallRung, worthOf } from '#core/executors/ladder.ts';
import { executionStrategy } from './_execution.ts';
import { WAITING_FIELDS } from './_execution-fields.ts';
import { afterHours } from './_fields.ts';

const PRICE = { kind: 'decimal', min: '0', isExclusive: true } as const;

export const ladder = executionStrategy({
  name: 'ladder',
  title: { en: 'Ladder', ru: 'Лестница ордеров' },
  summary: {
    en: 'Buys or sells one amount with limit orders over a range of prices, and ends when all have filled.',
    ru: 'Покупает или продаёт заданное количество лимитными ордерами по диапазону цен и завершается, когда все исполнены.',
  },
  params: {
    first_price: {
      ...PRICE,
      title: { en: 'First price', ru: 'Первая цена' },
      help: { en: 'Of the first order, the one nearest to the market.', ru: 'Цена первого ордера, ближайшего к рынку.' },
    },
    last_price: { ...PRICE, title: { en: 'Last price', ru: 'Последняя цена' }, help: { en: 'Of the last order.', ru: 'Цена последнего ордера.' } },
    orders: {
      kind: 'integer',
      min: 2,
      max: 100,
      default: 10,
      title: { en: 'Orders', ru: 'Ордера' },
      help: { en: 'How many. Left out: 10.', ru: 'Сколько ордеров. По умолчанию 10.' },
    },
    size_scale: {
      kind: 'decimal',
      min: '0.1',
      max: '10',
      default: '1',
      title: { en: 'Size scale', ru: 'Множитель размера' },
      help: {
        en: 'Each order is so many times as large as the one before. Left out: 1.',
        ru: 'Каждый следующий ордер во столько раз больше предыдущего. По умолчанию 1.',
      },
    },
    ...WAITING_FIELDS,
  },
  executor: ladderExecutor,
  intentOf(params, amount, { scale }, at) {
    const rounding = amount.side === 'buy' ? 'down' : 'up';
    const range = { from: scale.ticks(params.first_price, rounding), to: scale.ticks(params.last_price, rounding) };
    return { ...amount, endsAt: afterHours(params.max_hours, at), rungs: layRungs(range, params.orders, Number(params.size_scale), amount.lots) };
  },
  issues(params, { side, rungs }, { scale }) {
    const word = side === 'buy' ? 'below' : 'above';
    const isRight = side === 'buy' ? Number(params.last_price) < Number(params.first_price) : Number(params.last_price) > Number(params.first_price);
    if (!isRight) return [{ field: 'last_price', message: `must be ${word} first_price ${params.first_price} for a ${side}, got ${params.last_price}` }];
    if (new Set(rungs.map(({ ticks }) => ticks)).size < rungs.length)
      return [{ field: 'orders', message: `lie closer than the price increment ${scale.instrument.priceIncrement}; use fewer` }];
    const small = smallRung(rungs, scale);
    if (small < 0) return [];
    return [
      {
        field: 'size',
        message: `makes order ${small + 1} of ${scale.size(rungs[small]?.lots ?? 0)}, which is below what the venue takes; use a larger size or fewer orders`,
      },
    ];
  },
  worth: ({ rungs }) => worthOf(rungs),
  preview: ({ rungs }, { scale }) => ({ orders: rungs.map(({ ticks, lots }) => ({ price: scale.price(ticks), size: scale.size(lots) })) }),
});

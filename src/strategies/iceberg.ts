/** Buys or sells one amount at a price and shows little of it at a time. */
import { isTradable } from '#core/executors/amounts.ts';
import { icebergExecutor } from '#core/executors/iceberg.ts';
import { executionStrategy } from './_execution.ts';
import { SEED_FIELDS, seedOf, WAITING_FIELDS } from './_execution-fields.ts';
import { afterHours } from './_fields.ts';

const POSITIVE = { kind: 'decimal', min: '0', isExclusive: true } as const;

export const iceberg = executionStrategy({
  name: 'iceberg',
  title: { en: 'Iceberg', ru: 'Айсберг' },
  summary: {
    en: 'Buys or sells one amount at a price in parts: the next is shown when the one before has filled.',
    ru: 'Покупает или продаёт заданное количество по одной цене частями: следующая видна, когда предыдущая исполнена.',
  },
  params: {
    price: { ...POSITIVE, title: { en: 'Price', ru: 'Цена' }, help: { en: 'Of every order.', ru: 'Цена каждого ордера.' } },
    visible_size: {
      ...POSITIVE,
      title: { en: 'Visible size', ru: 'Видимый размер' },
      help: { en: 'How much of the coin is shown at a time.', ru: 'Сколько монет видно одновременно.' },
    },
    variance_percent: {
      kind: 'decimal',
      min: '0',
      max: '90',
      default: '10',
      title: { en: 'Variance', ru: 'Разброс' },
      help: {
        en: 'Each part differs from the visible size by up to so many per cent, at random. Left out: 10.',
        ru: 'Каждая часть случайно отличается от видимого размера не больше чем на столько процентов. По умолчанию 10.',
      },
    },
    ...WAITING_FIELDS,
    ...SEED_FIELDS,
  },
  executor: icebergExecutor,
  intentOf: (params, amount, { scale }, at) => ({
    ...amount,
    endsAt: afterHours(params.max_hours, at),
    ticks: scale.ticks(params.price, amount.side === 'buy' ? 'down' : 'up'),
    visibleLots: scale.lots(params.visible_size, 'down'),
    variance: Number(params.variance_percent) / 100,
    seed: seedOf(params.seed, at),
  }),
  issues(params, { lots, visibleLots, variance, ticks }, { scale }) {
    if (visibleLots >= lots) return [{ field: 'visible_size', message: `must be below size ${scale.size(lots)}, got ${params.visible_size}` }];
    const smallest = Math.floor(visibleLots * (1 - variance));
    if (isTradable({ scale }, smallest, ticks)) return [];
    return [
      { field: 'visible_size', message: `makes parts of ${scale.size(smallest)}, which is below what the venue takes; use more, or less variance_percent` },
    ];
  },
  worth: ({ lots, ticks }) => lots * ticks,
  preview: ({ ticks, visibleLots, lots }, { scale }) => ({ price: scale.price(ticks), parts_about: Math.ceil(lots / visibleLots) }),
});

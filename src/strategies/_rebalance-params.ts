/** The settings of rebalancing. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { COINS_FIELD } from './_rebalance-portfolio.ts';
import { SCHEDULE_FIELDS } from './_schedule.ts';

export const REBALANCE_PARAMS = {
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Quote', ru: 'Котировка' },
    help: { en: 'Quote the bot may use.', ru: 'Сколько котировки может использовать бот.' },
  },
  base_investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Coin', ru: 'Монета' },
    help: { en: 'Base coin of the account that belongs to the portfolio. Left out: none.', ru: 'Базовая монета счёта, входящая в портфель. По умолчанию нет.' },
  },
  target_percent: {
    kind: 'decimal',
    min: '1',
    max: '99',
    default: '50',
    title: { en: 'Share of the coin', ru: 'Доля монеты' },
    help: { en: 'Share of the value to be held in the coin, in per cent. Left out: 50.', ru: 'Доля стоимости в монете, в процентах. По умолчанию 50.' },
  },
  when: {
    kind: 'choice',
    options: ['band', 'schedule'],
    default: 'band',
    title: { en: 'When', ru: 'Когда' },
    help: {
      en: 'band: as soon as the share is band_percent away from its target. schedule: at the times of schedule_every, when it is that far away. Left out: band.',
      ru: 'band: как только доля отошла на band_percent. schedule: во время schedule_every, если отошла настолько. По умолчанию band.',
    },
  },
  band_percent: {
    kind: 'decimal',
    min: '0.1',
    max: '49',
    default: '5',
    title: { en: 'Band', ru: 'Отклонение' },
    help: {
      en: 'Percentage points the share may be away from its target. Left out: 5.',
      ru: 'На сколько процентных пунктов доля может отойти от цели. По умолчанию 5.',
    },
  },
  coins: COINS_FIELD,
  ...SCHEDULE_FIELDS,
} as const satisfies ParamsSpec;

export type RebalanceParams = ParamsOf<typeof REBALANCE_PARAMS>;

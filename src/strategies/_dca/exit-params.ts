/** The settings of a DCA bot that say how a deal is left. */
import { conditionsField } from '#core/indicator-conditions.ts';
import type { ParamsSpec } from '#core/params.ts';
import { percentField } from '../_fields.ts';

export const DCA_EXITS = {
  take_profit_percent: percentField(
    { en: 'Take profit', ru: 'Тейк-профит' },
    {
      en: 'Rise at which the deal sells everything, in per cent. Give this or take_profits.',
      ru: 'Рост, при котором сделка продаёт всё, в процентах. Укажите это или take_profits.',
    },
  ),
  take_profits: {
    kind: 'rows',
    maxRows: 8,
    title: { en: 'Take-profit steps', ru: 'Ступени тейк-профита' },
    help: {
      en: 'Several steps, each further than the one before; the shares add up to 100.',
      ru: 'Несколько ступеней, каждая выше предыдущей; доли в сумме дают 100.',
    },
    fields: {
      percent: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        max: '1000',
        title: { en: 'Rise', ru: 'Рост' },
        help: { en: 'In per cent.', ru: 'В процентах.' },
      },
      share_percent: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        max: '100',
        title: { en: 'Share', ru: 'Доля' },
        help: {
          en: 'Part of all that was bought, in per cent. The last step sells what is left.',
          ru: 'Часть всего купленного, в процентах. Последняя ступень продаёт остаток.',
        },
      },
    },
  },
  take_profit_basis: {
    kind: 'choice',
    options: ['average', 'base_order'],
    default: 'average',
    title: { en: 'Take profit counts from', ru: 'Тейк-профит считается от' },
    help: {
      en: "average: the average price of all purchases of the deal, so that it moves with each safety order. base_order: the base order's price. Left out: average.",
      ru: 'average: средняя цена всех покупок сделки, двигается с каждым страховочным ордером. base_order: цена базового ордера. По умолчанию average.',
    },
  },
  take_profit_net: {
    kind: 'boolean',
    default: true,
    title: { en: 'Take profit after fees', ru: 'Тейк-профит после комиссий' },
    help: {
      en: 'true: the per cent remain after the fees of purchase and sale. false: they are the rise of the price. Applies to average only. Left out: true.',
      ru: 'true: проценты остаются после комиссий покупки и продажи. false: это рост цены. Только для average. По умолчанию true.',
    },
  },
  trailing_take_profit_percent: percentField(
    { en: 'Trailing take profit', ru: 'Следящий тейк-профит' },
    {
      en: 'The last step does not sell at its price but follows the highest price from there, and sells everything at market when the bid is so many per cent below it. What it brings may be less than the step by that distance. Left out: sells at the step.',
      ru: 'Последняя ступень не продаёт по своей цене, а следует за максимумом и продаёт всё по рынку, когда цена покупки опустится от него на столько процентов. Результат может быть меньше ступени на это расстояние. По умолчанию продажа по ступени.',
    },
    '50',
  ),
  stop_loss_percent: percentField(
    { en: 'Stop loss', ru: 'Стоп-лосс' },
    {
      en: 'The deal is closed at market when the bid is so many per cent below stop_loss_basis. It does not wait for safety orders and is not watched while paused. Left out: no stop.',
      ru: 'Сделка закрывается по рынку, когда цена покупки на столько процентов ниже stop_loss_basis. Не ждёт страховочных ордеров; на паузе не отслеживается. По умолчанию стопа нет.',
    },
    '99',
  ),
  stop_loss_basis: {
    kind: 'choice',
    options: ['base_order', 'average'],
    default: 'base_order',
    title: { en: 'Stop loss counts from', ru: 'Стоп-лосс считается от' },
    help: {
      en: "base_order: the base order's average price, fixed for the deal. average: the average price of all purchases, which falls with them. Left out: base_order.",
      ru: 'base_order: средняя цена базового ордера, на всю сделку. average: средняя цена всех покупок, снижается вместе с ними. По умолчанию base_order.',
    },
  },
  stop_loss_trailing: {
    kind: 'boolean',
    default: false,
    title: { en: 'Trailing stop loss', ru: 'Следящий стоп-лосс' },
    help: {
      en: 'true: the stop also rises with the highest price since the deal opened, and never falls. Left out: false.',
      ru: 'true: стоп также поднимается за максимумом с открытия сделки и не опускается. По умолчанию false.',
    },
  },
  stop_loss_wait_seconds: {
    kind: 'integer',
    min: 1,
    max: 86_400,
    optional: true,
    title: { en: 'Stop loss after', ru: 'Стоп-лосс через' },
    help: {
      en: 'The price must stay at or below the stop for so many seconds. Left out: the stop acts at once.',
      ru: 'Цена должна столько секунд оставаться на стопе или ниже. По умолчанию стоп срабатывает сразу.',
    },
  },
  break_even_after_step: {
    kind: 'integer',
    min: 1,
    max: 7,
    optional: true,
    title: { en: 'Break-even after step', ru: 'Безубыток после ступени' },
    help: {
      en: 'When this take-profit step (1 is the first) has sold, the stop moves to the price at which nothing is lost after fees. Left out: it does not.',
      ru: 'Когда эта ступень тейк-профита (1 — первая) продала, стоп переносится в безубыток с учётом комиссий. По умолчанию нет.',
    },
  },
  stop_loss_action: {
    kind: 'choice',
    options: ['next_deal', 'stop_bot'],
    default: 'next_deal',
    title: { en: 'After a stop loss', ru: 'После стоп-лосса' },
    help: {
      en: 'next_deal: go on with the next deal. stop_bot: end the run. Left out: next_deal.',
      ru: 'next_deal: продолжать следующей сделкой. stop_bot: завершить работу. По умолчанию next_deal.',
    },
  },
  close_conditions: conditionsField(
    { en: 'Close conditions', ru: 'Условия закрытия' },
    {
      en: 'The deal is closed at market when all of them hold at the close of a bar of the timeframe. Left out: they never do.',
      ru: 'Сделка закрывается по рынку, когда все выполнены на закрытии бара таймфрейма. По умолчанию нет.',
    },
  ),
  close_min_profit_percent: {
    kind: 'decimal',
    min: '0',
    max: '1000',
    optional: true,
    title: { en: 'Profit needed to close', ru: 'Прибыль для закрытия' },
    help: {
      en: 'The close conditions are followed only where so many per cent would remain after fees. Left out: whatever it brings.',
      ru: 'Условия закрытия исполняются, только если после комиссий останется столько процентов. По умолчанию при любом результате.',
    },
  },
  max_deal_hours: {
    kind: 'integer',
    min: 1,
    max: 8_760,
    optional: true,
    title: { en: 'Longest deal', ru: 'Самая долгая сделка' },
    help: {
      en: 'A deal is closed at market after so many hours, whatever it brings. Left out: no limit.',
      ru: 'Сделка закрывается по рынку через столько часов с любым результатом. По умолчанию без ограничения.',
    },
  },
} as const satisfies ParamsSpec;

/**
 * The settings of the DCA strategy, with their meaning in the two languages people read.
 */
import { conditionsField } from '#core/indicator-conditions.ts';
import type { DecimalField, ParamsOf, ParamsSpec, Text } from '#core/params.ts';
import type { PlanInput } from '#core/strategy.ts';
import { TIMEFRAME_FIELD } from './_bars.ts';
import { SCHEDULE_FIELDS } from './_schedule.ts';

/** A share in per cent above nothing that may be left out. */
function percent(title: Text, help: Text, max = '1000'): DecimalField & { readonly optional: true } {
  return { kind: 'decimal', min: '0', isExclusive: true, max, optional: true, title, help };
}

const ORDERS = {
  base_order_size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Base order', ru: 'Базовый ордер' },
    help: { en: 'Quote spent on the first purchase of a deal.', ru: 'Сколько котировки тратится на первую покупку сделки.' },
  },
  base_order_type: {
    kind: 'choice',
    options: ['market', 'limit'],
    default: 'market',
    title: { en: 'Type of the base order', ru: 'Тип базового ордера' },
    help: {
      en: 'market buys at once, at most 0.5 % above the ask. limit waits at the bid; after limit_wait_minutes what was not bought is given up. Left out: market.',
      ru: 'market покупает сразу, не дороже чем на 0,5 % выше цены продажи. limit ждёт на цене покупки; через limit_wait_minutes некупленное отменяется. По умолчанию market.',
    },
  },
  limit_wait_minutes: {
    kind: 'integer',
    min: 1,
    max: 10_080,
    default: 10,
    title: { en: 'Wait of a limit base order', ru: 'Ожидание лимитного базового ордера' },
    help: { en: 'Minutes a limit base order waits. Left out: 10.', ru: 'Сколько минут ждёт лимитный базовый ордер. По умолчанию 10.' },
  },
  safety_orders: {
    kind: 'integer',
    min: 0,
    max: 100,
    default: 0,
    title: { en: 'Safety orders', ru: 'Страховочные ордера' },
    help: {
      en: 'Number of further purchases below the base order. Left out: none, unless safety_steps lists them.',
      ru: 'Число докупок ниже базового ордера. По умолчанию их нет, если они не перечислены в safety_steps.',
    },
  },
  safety_order_size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'First safety order', ru: 'Первый страховочный ордер' },
    help: {
      en: 'Quote of the first safety order; the next ones follow by volume_scale. Needed with safety_orders.',
      ru: 'Котировка первого страховочного ордера; следующие — по volume_scale. Нужна вместе с safety_orders.',
    },
  },
  price_step_percent: percent(
    { en: 'First price step', ru: 'Первый шаг цены' },
    {
      en: 'How far below the base order the first safety order stands, in per cent of its average price; the next steps follow by step_scale. Needed with safety_orders.',
      ru: 'На сколько процентов ниже средней цены базового ордера стоит первый страховочный; следующие шаги — по step_scale. Нужен вместе с safety_orders.',
    },
    '99',
  ),
  step_scale: {
    kind: 'decimal',
    min: '0.1',
    max: '10',
    default: '1',
    title: { en: 'Step scale', ru: 'Множитель шага' },
    help: { en: 'Each price step is this many times the one before. Left out: 1.', ru: 'Каждый шаг цены во столько раз больше предыдущего. По умолчанию 1.' },
  },
  volume_scale: {
    kind: 'decimal',
    min: '0.1',
    max: '10',
    default: '1',
    title: { en: 'Volume scale', ru: 'Множитель объёма' },
    help: {
      en: 'Each safety order is this many times the one before. Left out: 1.',
      ru: 'Каждый страховочный ордер во столько раз больше предыдущего. По умолчанию 1.',
    },
  },
  safety_steps: {
    kind: 'rows',
    maxRows: 100,
    title: { en: 'Safety orders one by one', ru: 'Страховочные ордера по одному' },
    help: {
      en: 'Instead of safety_orders and its scales: each order with its distance from the base order and its size.',
      ru: 'Вместо safety_orders и множителей: каждый ордер со своим отступом от базового и размером.',
    },
    fields: {
      deviation_percent: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        max: '99',
        title: { en: 'Below the base order', ru: 'Ниже базового ордера' },
        help: {
          en: "In per cent of the base order's average price; each further than the one before.",
          ru: 'В процентах от средней цены базового ордера; каждый дальше предыдущего.',
        },
      },
      size: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        title: { en: 'Size', ru: 'Размер' },
        help: { en: 'Quote it spends.', ru: 'Сколько котировки он тратит.' },
      },
    },
  },
  active_safety_orders: {
    kind: 'integer',
    min: 1,
    max: 100,
    optional: true,
    title: { en: 'Safety orders on the book', ru: 'Одновременно выставленные страховочные ордера' },
    help: {
      en: 'At most so many safety orders are on the book at once, the nearest first; the next follows when one is filled. Left out: all.',
      ru: 'Не больше стольких страховочных ордеров одновременно, начиная с ближайших; следующий выставляется после исполнения. По умолчанию все.',
    },
  },
  extra_funds: {
    kind: 'decimal',
    min: '0',
    default: '0',
    title: { en: 'Funds to add by hand', ru: 'Средства для ручной докупки' },
    help: {
      en: 'Quote kept ready for the command add_funds, beyond what the orders need. Left out: none.',
      ru: 'Котировка сверх нужной ордерам, которую держат для команды add_funds. По умолчанию нет.',
    },
  },
} as const satisfies ParamsSpec;

const EXITS = {
  take_profit_percent: percent(
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
  trailing_take_profit_percent: percent(
    { en: 'Trailing take profit', ru: 'Следящий тейк-профит' },
    {
      en: 'The last step does not sell at its price but follows the highest price from there, and sells everything at market when the bid is so many per cent below it. What it brings may be less than the step by that distance. Left out: sells at the step.',
      ru: 'Последняя ступень не продаёт по своей цене, а следует за максимумом и продаёт всё по рынку, когда цена покупки опустится от него на столько процентов. Результат может быть меньше ступени на это расстояние. По умолчанию продажа по ступени.',
    },
    '50',
  ),
  stop_loss_percent: percent(
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

const STARTS = {
  start: {
    kind: 'choice',
    options: ['immediately', 'conditions', 'schedule', 'command'],
    default: 'immediately',
    title: { en: 'Start of a deal', ru: 'Начало сделки' },
    help: {
      en: 'immediately: whenever no deal is open. conditions: when start_conditions hold at the close of a bar. schedule: at the times of schedule_every. command: only on start_deal, sent by hand or by a signal. Left out: immediately.',
      ru: 'immediately: всегда, когда сделки нет. conditions: когда start_conditions выполнены на закрытии бара. schedule: по расписанию schedule_every. command: только по start_deal, вручную или по сигналу. По умолчанию immediately.',
    },
  },
  start_conditions: conditionsField(
    { en: 'Start conditions', ru: 'Условия начала' },
    {
      en: 'With start conditions: all of them must hold at the close of a bar of the timeframe.',
      ru: 'Для start conditions: все должны выполняться на закрытии бара таймфрейма.',
    },
  ),
  timeframe: TIMEFRAME_FIELD,
  ...SCHEDULE_FIELDS,
  min_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Lowest price to start at', ru: 'Минимальная цена начала' },
    help: {
      en: 'No deal starts while the bid is below it. Left out: no limit.',
      ru: 'Сделка не начинается, пока цена покупки ниже. По умолчанию без ограничения.',
    },
  },
  max_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Highest price to start at', ru: 'Максимальная цена начала' },
    help: {
      en: 'No deal starts while the ask is above it; with immediately the bot waits for the price. Left out: no limit.',
      ru: 'Сделка не начинается, пока цена продажи выше; с immediately бот ждёт цену. По умолчанию без ограничения.',
    },
  },
  cooldown_seconds: {
    kind: 'integer',
    min: 0,
    max: 2_592_000,
    default: 0,
    title: { en: 'Pause between deals', ru: 'Пауза между сделками' },
    help: {
      en: 'Seconds after the end of a deal in which no other starts. Left out: none.',
      ru: 'Столько секунд после конца сделки новая не начинается. По умолчанию 0.',
    },
  },
  max_deals: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    optional: true,
    title: { en: 'Number of deals', ru: 'Число сделок' },
    help: { en: 'The run ends after so many deals. Left out: no limit.', ru: 'После стольких сделок работа завершается. По умолчанию без ограничения.' },
  },
  reinvest_percent: {
    kind: 'decimal',
    min: '0',
    max: '100',
    default: '0',
    title: { en: 'Reinvest', ru: 'Реинвестирование' },
    help: {
      en: 'Share of the profit made so far by which the orders of the next deals grow, all in proportion. Left out: 0.',
      ru: 'Доля полученной прибыли, на которую пропорционально растут ордера следующих сделок. По умолчанию 0.',
    },
  },
  risk_reduction_percent: {
    kind: 'decimal',
    min: '0',
    max: '100',
    default: '0',
    title: { en: 'Risk reduction', ru: 'Снижение риска' },
    help: {
      en: 'Share of the loss made so far by which the orders of the next deals shrink, all in proportion. Left out: 0; they shrink by themselves when the funds do not suffice.',
      ru: 'Доля полученного убытка, на которую пропорционально уменьшаются ордера следующих сделок. По умолчанию 0; при нехватке средств они уменьшаются сами.',
    },
  },
} as const satisfies ParamsSpec;

export const DCA_PARAMS = { ...ORDERS, ...EXITS, ...STARTS } as const satisfies ParamsSpec;

export type DcaParams = ParamsOf<typeof DCA_PARAMS>;
export type DcaPlanInput = PlanInput<typeof DCA_PARAMS>;

/**
 * The settings of the DCA strategy, with their meaning in the two languages people read.
 */
import { conditionsField } from '#core/indicator-conditions.ts';
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import type { PlanInput } from '#core/strategy.ts';
import { TIMEFRAME_FIELD } from '../_bars.ts';
import { percentField, positiveField } from '../_fields.ts';
import { PERPETUAL_FIELDS } from '../_perpetuals.ts';
import { SCHEDULE_FIELDS } from '../_schedule.ts';
import { DCA_EXITS } from './exit-params.ts';

const ORDERS = {
  direction: {
    kind: 'choice',
    options: ['long', 'short'],
    default: 'long',
    title: { en: 'Direction', ru: 'Направление' },
    help: {
      en: 'long: buys, and earns when the price rises. short (perpetuals): sells, adds as the price rises, and earns when it falls; then below and above change places in what follows. Left out: long.',
      ru: 'long: покупает и зарабатывает на росте. short (бессрочные контракты): продаёт, добавляет при росте и зарабатывает на падении; «ниже» и «выше» далее меняются местами. По умолчанию long.',
    },
  },
  ...PERPETUAL_FIELDS,
  size_unit: {
    kind: 'choice',
    options: ['quote', 'base', 'percent'],
    default: 'quote',
    title: { en: 'Unit of sizes', ru: 'Единица размеров' },
    help: {
      en: 'What base_order_size, safety_order_size and the sizes of safety_steps count. quote: money. base: the coin. percent: of the funds the bot has when a deal begins, its profits included; of a perpetual that part is margin. Left out: quote.',
      ru: 'В чём указаны base_order_size, safety_order_size и размеры в safety_steps. quote: деньги. base: монета. percent: доля средств бота на начало сделки вместе с прибылью; у бессрочного контракта это маржа. По умолчанию quote.',
    },
  },
  investment: positiveField(
    { en: 'Investment', ru: 'Вложение' },
    {
      en: 'Quote the bot is given for its deals. Needed with size_unit percent. Left out: what one full deal takes.',
      ru: 'Сколько котировки получает бот на сделки. Нужно при size_unit percent. По умолчанию — сколько требует одна полная сделка.',
    },
  ),
  base_order_size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Base order', ru: 'Базовый ордер' },
    help: {
      en: 'Quote spent on the first purchase of a deal; of a perpetual the value of the position it opens, here and below.',
      ru: 'Сколько котировки тратится на первую покупку сделки; у бессрочного контракта — стоимость открываемой позиции, здесь и далее.',
    },
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
  price_step_percent: percentField(
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
  min_volume_24h: positiveField(
    { en: 'Volume within 24 hours', ru: 'Объём за 24 часа' },
    {
      en: 'No deal starts by itself while less quote was traded within the last 24 hours, counted at the closes of bars of the timeframe and at their last price. Left out: no limit.',
      ru: 'Сделка сама не начинается, пока за последние 24 часа наторговано меньше котировки; считается на закрытиях баров таймфрейма по их последней цене. По умолчанию без ограничения.',
    },
  ),
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

export const DCA_PARAMS = { ...ORDERS, ...DCA_EXITS, ...STARTS } as const satisfies ParamsSpec;

export type DcaParams = ParamsOf<typeof DCA_PARAMS>;
export type DcaPlanInput = PlanInput<typeof DCA_PARAMS>;

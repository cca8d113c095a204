/** The settings of recurring purchases. */
import { conditionsField } from '#core/indicator-conditions.ts';
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { TIMEFRAME_FIELD } from './_bars.ts';
import { PERPETUAL_FIELDS } from './_perpetuals.ts';
import { SCHEDULE_FIELDS } from './_schedule.ts';

export const RECURRING_PARAMS = {
  direction: {
    kind: 'choice',
    options: ['long', 'short'],
    default: 'long',
    title: { en: 'Direction', ru: 'Направление' },
    help: {
      en: 'long: buys. short (perpetuals): sells, so that a short grows; above the average then means below it. Left out: long.',
      ru: 'long: покупает. short (бессрочные контракты): продаёт, наращивая шорт; «выше средней» тогда значит ниже. По умолчанию long.',
    },
  },
  ...PERPETUAL_FIELDS,
  amount: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Amount', ru: 'Сумма' },
    help: {
      en: 'Quote spent on each purchase; of a perpetual the value by which the position grows.',
      ru: 'Сколько котировки тратится на каждую покупку; у бессрочного контракта — на сколько растёт позиция.',
    },
  },
  purchases: {
    kind: 'integer',
    min: 1,
    max: 10_000,
    title: { en: 'Number of purchases', ru: 'Число покупок' },
    help: {
      en: 'The bot keeps the money for all of them ready, and ends when they are made. Purchases left out do not count.',
      ru: 'Бот держит деньги на все покупки и завершается, когда они сделаны. Пропущенные не считаются.',
    },
  },
  ...SCHEDULE_FIELDS,
  max_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Highest price', ru: 'Максимальная цена' },
    help: {
      en: 'A purchase is left out while the ask is above it. Left out: no limit.',
      ru: 'Покупка пропускается, пока цена продажи выше. По умолчанию без ограничения.',
    },
  },
  skip_above_average_percent: {
    kind: 'decimal',
    min: '0',
    max: '1000',
    optional: true,
    title: { en: 'Not far above the average', ru: 'Не намного выше средней' },
    help: {
      en: 'A purchase is left out while the ask is more than so many per cent above the average price paid so far. Left out: no limit.',
      ru: 'Покупка пропускается, пока цена продажи больше чем на столько процентов выше средней цены покупок. По умолчанию без ограничения.',
    },
  },
  conditions: conditionsField(
    { en: 'Conditions', ru: 'Условия' },
    {
      en: 'A purchase is left out unless all of them held at the last close of a bar of the timeframe. Left out: none.',
      ru: 'Покупка пропускается, если на последнем закрытии бара таймфрейма выполнены не все. По умолчанию нет.',
    },
  ),
  timeframe: TIMEFRAME_FIELD,
  catch_up: {
    kind: 'boolean',
    default: true,
    title: { en: 'Catch up', ru: 'Навёрстывать' },
    help: {
      en: 'true: a time that passed while the bot was paused is made up for once when it goes on. Left out: true.',
      ru: 'true: время, прошедшее на паузе, навёрстывается один раз при продолжении. По умолчанию true.',
    },
  },
} as const satisfies ParamsSpec;

export type RecurringParams = ParamsOf<typeof RECURRING_PARAMS>;

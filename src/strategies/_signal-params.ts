/** The settings that all strategies share which buy on one signal and sell on another. */
import type { DecimalField, ParamsSpec, Text } from '#core/params.ts';
import { TIMEFRAME_FIELD } from './_bars.ts';
import { PERPETUAL_FIELDS } from './_perpetuals.ts';

function percent(title: Text, help: Text, max: string): DecimalField & { readonly optional: true } {
  return { kind: 'decimal', min: '0', isExclusive: true, max, optional: true, title, help };
}

export const SIGNAL_PARAMS = {
  direction: {
    kind: 'choice',
    options: ['long', 'short', 'both'],
    default: 'long',
    title: { en: 'Direction', ru: 'Направление' },
    help: {
      en: 'long: buys on the one signal, sells on the other. short (perpetuals): sells first on the opposite signal and buys back. both (perpetuals): turns from one to the other. For a short, below and above change places in what follows. Left out: long.',
      ru: 'long: покупает по одному сигналу и продаёт по другому. short (бессрочные контракты): продаёт по обратному сигналу и откупает. both (бессрочные контракты): переворачивается. Для short «ниже» и «выше» далее меняются местами. По умолчанию long.',
    },
  },
  ...PERPETUAL_FIELDS,
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Investment', ru: 'Вложение' },
    help: {
      en: 'Quote the bot may use, the margin of half a per cent for purchases included; of a perpetual its margin.',
      ru: 'Сколько котировки может использовать бот, включая запас полпроцента на покупки; у бессрочного контракта это маржа.',
    },
  },
  sizing: {
    kind: 'choice',
    options: ['fixed', 'compound'],
    default: 'fixed',
    title: { en: 'Size', ru: 'Размер' },
    help: {
      en: 'fixed: every purchase spends the investment, or what is left of it. compound: every purchase spends all there is, profits included. Left out: fixed.',
      ru: 'fixed: каждая покупка тратит вложение или его остаток. compound: каждая покупка тратит всё, включая прибыль. По умолчанию fixed.',
    },
  },
  timeframe: TIMEFRAME_FIELD,
  stop_loss_percent: percent(
    { en: 'Stop loss', ru: 'Стоп-лосс' },
    {
      en: 'Sells at market when the bid is so many per cent below the average price paid. Not watched while paused. Left out: no stop.',
      ru: 'Продаёт по рынку, когда цена покупки на столько процентов ниже средней цены входа. На паузе не отслеживается. По умолчанию стопа нет.',
    },
    '99',
  ),
  trailing_stop_percent: percent(
    { en: 'Trailing stop', ru: 'Следящий стоп' },
    {
      en: 'Sells at market when the bid is so many per cent below the highest price since the purchase. Left out: no trailing stop.',
      ru: 'Продаёт по рынку, когда цена покупки на столько процентов ниже максимума с момента входа. По умолчанию нет.',
    },
    '99',
  ),
  take_profit_percent: percent(
    { en: 'Take profit', ru: 'Тейк-профит' },
    {
      en: 'Sells with a limit order so many per cent above the average price paid, after fees. Left out: only signals and stops sell.',
      ru: 'Продаёт лимитным ордером на столько процентов выше средней цены входа, после комиссий. По умолчанию продают только сигналы и стопы.',
    },
    '1000',
  ),
} as const satisfies ParamsSpec;

export type SignalParamsSpec = typeof SIGNAL_PARAMS;

/** The settings of a smart trade, and what it may be told. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { SIGNAL_CALL } from '#core/signal-call.ts';
import type { CommandSpec } from '#core/strategy.ts';
import { percentField, positiveField } from './_fields.ts';
import { MOVE_STOP, POSITION_FIELDS } from './_position-fields.ts';

export const SMART_PARAMS = {
  direction: {
    kind: 'choice',
    options: ['long', 'short'],
    default: 'long',
    title: { en: 'Direction', ru: 'Направление' },
    help: {
      en: 'long buys first; short sells first, on perpetuals only. Left out: long.',
      ru: 'long сначала покупает; short сначала продаёт, только на бессрочных контрактах. По умолчанию long.',
    },
  },
  ...POSITION_FIELDS,
  entry_price: positiveField(
    { en: 'Entry price', ru: 'Цена входа' },
    { en: 'Enters with a limit order at this price. Left out: at the market.', ru: 'Вход лимитным ордером по этой цене. По умолчанию по рынку.' },
  ),
  entry_hours: {
    ...positiveField(
      { en: 'Wait for the entry', ru: 'Ждать входа' },
      {
        en: 'Withdraws what has not been entered after so many hours. Left out: waits without end.',
        ru: 'Снимает неисполненный вход через столько часов. По умолчанию ждёт без срока.',
      },
    ),
    max: '87600',
  },
  take_profits: {
    kind: 'rows',
    maxRows: 10,
    title: { en: 'Take profits', ru: 'Тейк-профиты' },
    help: {
      en: 'Where profit is taken, the nearest first, each by price or by per cent. Left out: only stops and commands close.',
      ru: 'Где фиксируется прибыль, начиная с ближней, каждая по цене или в процентах. По умолчанию закрывают только стопы и команды.',
    },
    fields: {
      price: positiveField({ en: 'Price', ru: 'Цена' }, { en: 'Quote for one coin.', ru: 'Котировка за одну монету.' }),
      percent: percentField(
        { en: 'Per cent', ru: 'Процент' },
        { en: 'So far from the entry price, or from the market at the start.', ru: 'На столько от цены входа или от рынка при запуске.' },
      ),
      share_percent: SIGNAL_CALL.targets.fields.share_percent,
    },
  },
  stop_price: positiveField(
    { en: 'Stop price', ru: 'Цена стопа' },
    { en: 'All is closed at market at this price. Left out: no stop by price.', ru: 'По этой цене всё закрывается по рынку. По умолчанию стопа по цене нет.' },
  ),
  stop_loss_percent: percentField(
    { en: 'Stop loss', ru: 'Стоп-лосс' },
    {
      en: 'In place of stop_price: so many per cent from the entry price, or from the market at the start.',
      ru: 'Вместо stop_price: на столько процентов от цены входа или от рынка при запуске.',
    },
    '99',
  ),
} as const satisfies ParamsSpec;

export type SmartParams = ParamsOf<typeof SMART_PARAMS>;

export const SMART_COMMANDS = {
  close_position: {
    title: { en: 'Close', ru: 'Закрыть' },
    help: {
      en: 'Withdraws all orders, closes the position at market, and ends the bot.',
      ru: 'Снимает все ордера, закрывает позицию по рынку и завершает бота.',
    },
    params: {},
  },
  cancel_entry: {
    title: { en: 'Cancel the entry', ru: 'Отменить вход' },
    help: {
      en: 'Withdraws what has not been entered; what is open keeps its targets and its stop.',
      ru: 'Снимает неисполненный вход; открытое сохраняет цели и стоп.',
    },
    params: {},
  },
  move_stop: MOVE_STOP,
} as const satisfies Readonly<Record<string, CommandSpec>>;

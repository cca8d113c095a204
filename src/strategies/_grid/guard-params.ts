/** The settings of the grid that say when it begins, when it holds back and when it ends. */
import { conditionsField } from '#core/indicator-conditions.ts';
import type { ParamsSpec } from '#core/params.ts';
import { TIMEFRAME_FIELD } from '../_bars.ts';
import { percentField } from '../_fields.ts';

const STOP_ACTIONS = ['keep', 'sell_all', 'buy_all'] as const;
export type StopAction = (typeof STOP_ACTIONS)[number];

export const GRID_GUARDS = {
  start_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Start price', ru: 'Цена запуска' },
    help: {
      en: 'The bot waits until the market reaches this price and only then buys and places orders. Left out: it starts at once.',
      ru: 'Бот ждёт, пока рынок не достигнет этой цены, и только тогда покупает и выставляет ордера. Если не указано — сразу.',
    },
  },
  start_conditions: conditionsField(
    { en: 'Start conditions', ru: 'Условия запуска' },
    {
      en: 'The bot waits until all of them hold at the close of a bar of the timeframe, and only then buys and places orders. Left out: it starts at once.',
      ru: 'Бот ждёт, пока на закрытии бара таймфрейма не выполнятся все условия, и только тогда покупает и выставляет ордера. Если не указано — сразу.',
    },
  ),
  timeframe: TIMEFRAME_FIELD,
  stop_lower_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Lower stop', ru: 'Нижний стоп' },
    help: {
      en: 'When the bid falls to this price, all orders are cancelled, stop_lower_action is carried out and the bot stops. Rises with the grid when it trails up. Not watched while paused.',
      ru: 'Когда bid падает до этой цены, все ордера снимаются, выполняется stop_lower_action и бот останавливается. Поднимается вместе с сеткой. На паузе не отслеживается.',
    },
  },
  stop_lower_action: {
    kind: 'choice',
    options: STOP_ACTIONS,
    default: 'sell_all',
    title: { en: 'At the lower stop', ru: 'На нижнем стопе' },
    help: {
      en: 'keep: hold the coin. sell_all: sell all base for quote. buy_all: turn all quote into base. Left out: sell_all.',
      ru: 'keep: оставить монету. sell_all: продать всю базовую монету. buy_all: купить её на всю котировку. По умолчанию sell_all.',
    },
  },
  stop_upper_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Upper stop', ru: 'Верхний стоп' },
    help: {
      en: 'When the ask rises to this price, all orders are cancelled, stop_upper_action is carried out and the bot stops: the take profit of the whole bot. Stays where it is when the grid trails.',
      ru: 'Когда ask поднимается до этой цены, все ордера снимаются, выполняется stop_upper_action и бот останавливается: тейк-профит всего бота. При сдвиге сетки не меняется.',
    },
  },
  stop_upper_action: {
    kind: 'choice',
    options: STOP_ACTIONS,
    default: 'sell_all',
    title: { en: 'At the upper stop', ru: 'На верхнем стопе' },
    help: {
      en: 'keep: hold the coin. sell_all: sell all base for quote. buy_all: turn all quote into base. Left out: sell_all.',
      ru: 'keep: оставить монету. sell_all: продать всю базовую монету. buy_all: купить её на всю котировку. По умолчанию sell_all.',
    },
  },
  stop_loss_percent: percentField(
    { en: 'Stop loss of the bot', ru: 'Стоп-лосс бота' },
    {
      en: 'The bot closes everything at market and ends when it has lost so many per cent of its capital, floating loss and fees included. Not watched while paused. Left out: no stop.',
      ru: 'Бот закрывает всё по рынку и завершает работу, когда потерял столько процентов капитала с учётом плавающего убытка и комиссий. На паузе не отслеживается. По умолчанию стопа нет.',
    },
    '100',
  ),
  take_profit_percent: percentField(
    { en: 'Take profit of the bot', ru: 'Тейк-профит бота' },
    {
      en: 'The bot closes everything at market and ends when it has earned so many per cent of its capital, floating profit included and fees deducted. Left out: it goes on.',
      ru: 'Бот закрывает всё по рынку и завершает работу, когда заработал столько процентов капитала с учётом плавающей прибыли и комиссий. По умолчанию продолжает.',
    },
  ),
  pump_protection_percent: percentField(
    { en: 'Pump protection', ru: 'Защита от пампа' },
    {
      en: 'When the price has risen by so many per cent within pump_protection_minutes, the bot withdraws its sales and does not follow upwards, until the price is no longer that far above its low of those minutes. Left out: no protection.',
      ru: 'Если за pump_protection_minutes цена выросла на столько процентов, бот снимает продажи и не следует вверх, пока цена не окажется ближе к минимуму этих минут. По умолчанию защиты нет.',
    },
  ),
  pump_protection_minutes: {
    kind: 'integer',
    min: 1,
    max: 240,
    default: 15,
    title: { en: 'Pump protection looks back', ru: 'Окно защиты от пампа' },
    help: { en: 'Minutes. Left out: 15.', ru: 'Минуты. По умолчанию 15.' },
  },
} as const satisfies ParamsSpec;

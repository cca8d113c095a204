/**
 * The settings of the grid, with their meaning in the two languages people read.
 */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';

const STOP_ACTIONS = ['keep', 'sell_all', 'buy_all'] as const;

export const GRID_PARAMS = {
  lower_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Lower price', ru: 'Нижняя цена' },
    help: { en: 'The lowest price line, in quote. The grid never buys below it.', ru: 'Нижняя ценовая линия в валюте котировки. Ниже неё сетка не покупает.' },
  },
  upper_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Upper price', ru: 'Верхняя цена' },
    help: {
      en: 'The highest price line, in quote. The grid never sells above it.',
      ru: 'Верхняя ценовая линия в валюте котировки. Выше неё сетка не продаёт.',
    },
  },
  levels: {
    kind: 'integer',
    min: 2,
    max: 500,
    title: { en: 'Price lines', ru: 'Ценовые линии' },
    help: {
      en: 'Number of price lines, both ends included: 11 levels between 100 and 200 stand at 100, 110, … 200. They bound 10 cells, each of which buys at its lower line and sells at its upper one, so there are at most levels - 1 open orders.',
      ru: 'Число ценовых линий вместе с обоими краями: 11 уровней от 100 до 200 — это 100, 110, … 200. Они образуют 10 ячеек: каждая покупает на своей нижней линии и продаёт на верхней, поэтому открытых ордеров не больше levels - 1.',
    },
  },
  spacing: {
    kind: 'choice',
    options: ['arithmetic', 'geometric'],
    default: 'arithmetic',
    title: { en: 'Spacing', ru: 'Шаг сетки' },
    help: {
      en: 'Equal steps in price (arithmetic) or in per cent (geometric). Left out: arithmetic.',
      ru: 'Равный шаг по цене (arithmetic) или в процентах (geometric). По умолчанию arithmetic.',
    },
  },
  sizing: {
    kind: 'choice',
    options: ['quote', 'base'],
    default: 'quote',
    title: { en: 'Order sizing', ru: 'Размер ордеров' },
    help: {
      en: 'Every buy costs the same amount of quote (quote), or buys the same amount of base (base). Left out: quote.',
      ru: 'Каждая покупка стоит одинаково в котировке (quote) или покупает одинаковое количество базовой монеты (base). По умолчанию quote.',
    },
  },
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Investment', ru: 'Сумма' },
    help: {
      en: 'All quote the bot may use, the purchase at start included; order sizes follow from it. Give either this or order_size.',
      ru: 'Вся сумма в котировке, включая покупку на старте; размер ордеров вычисляется из неё. Укажите либо её, либо order_size.',
    },
  },
  order_size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Size of one order', ru: 'Размер одного ордера' },
    help: {
      en: 'Size of each buy: in quote with sizing quote, in base with sizing base; what the bot needs follows from it. Give either this or investment.',
      ru: 'Размер каждой покупки: в котировке при sizing quote, в базовой монете при sizing base; нужная сумма вычисляется. Укажите либо его, либо investment.',
    },
  },
  base_investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Base lent to the bot', ru: 'Базовая монета для бота' },
    help: {
      en: 'Base coin of the account that the bot may sell, so that it buys less at start. Left out: the bot buys all the base it needs.',
      ru: 'Базовая монета со счёта, которую бот может продавать, чтобы меньше покупать на старте. Если не указано, бот покупает всю нужную.',
    },
  },
  profit_currency: {
    kind: 'choice',
    options: ['quote', 'base'],
    default: 'quote',
    title: { en: 'Profit in', ru: 'Прибыль в' },
    help: {
      en: 'quote: every cell sells all it bought. base: it sells just enough to buy again, and keeps the rest of the coin. Left out: quote.',
      ru: 'quote: ячейка продаёт всё купленное. base: продаёт ровно столько, чтобы купить снова, а остаток монеты копит. По умолчанию quote.',
    },
  },
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
  trailing_up_limit: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Trail up to', ru: 'Следовать вверх до' },
    help: {
      en: 'When the market is one step above the top line, the lowest cell moves on top of the grid, with the quote it had, until the top line would pass this price. Left out: the grid does not trail up.',
      ru: 'Когда рынок на шаг выше верхней линии, нижняя ячейка со своей котировкой переносится наверх, пока верхняя линия не превысит эту цену. Если не указано, сетка вверх не следует.',
    },
  },
  trailing_down_limit: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Trail down to', ru: 'Следовать вниз до' },
    help: {
      en: 'When the market is one step below the bottom line, the highest cell moves below the grid, with the base it holds, until the bottom line would pass this price. It buys nothing, but gives up the higher sale. Left out: the grid does not trail down.',
      ru: 'Когда рынок на шаг ниже нижней линии, верхняя ячейка со своей монетой переносится вниз, пока нижняя линия не окажется ниже этой цены. Ничего не покупается, но продажа по высокой цене отменяется. Если не указано, сетка вниз не следует.',
    },
  },
} as const satisfies ParamsSpec;

export type GridParams = ParamsOf<typeof GRID_PARAMS>;
export type StopAction = (typeof STOP_ACTIONS)[number];

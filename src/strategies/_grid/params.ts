/**
 * The settings of the grid, with their meaning in the two languages people read; where its lines stand and when it
 * begins and ends are in the files beside this one.
 */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { PERPETUAL_FIELDS } from '../_perpetuals.ts';
import { GRID_GUARDS } from './guard-params.ts';
import { GRID_RANGE } from './range-params.ts';

const FUNDS = {
  direction: {
    kind: 'choice',
    options: ['long', 'short', 'neutral', 'reverse'],
    default: 'long',
    title: { en: 'Direction', ru: 'Направление' },
    help: {
      en: 'long: buys, then sells one line higher. short (perpetuals): sells, then buys back one line lower. neutral (perpetuals): short above the price at start, long below it, with no position at first. reverse (spot): works with base_investment alone, sells first and keeps its profit in the coin. Left out: long.',
      ru: 'long: покупает и продаёт на линию выше. short (бессрочные контракты): продаёт и откупает на линию ниже. neutral (бессрочные контракты): выше цены запуска short, ниже long, вначале без позиции. reverse (спот): работает только с base_investment, сначала продаёт и копит прибыль в монете. По умолчанию long.',
    },
  },
  sizing: {
    kind: 'choice',
    options: ['quote', 'base'],
    default: 'quote',
    title: { en: 'Order sizing', ru: 'Размер ордеров' },
    help: {
      en: 'Every order that opens costs the same amount of quote (quote), or trades the same amount of base (base). Left out: quote.',
      ru: 'Каждый открывающий ордер стоит одинаково в котировке (quote) или на одинаковое количество базовой монеты (base). По умолчанию quote.',
    },
  },
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Investment', ru: 'Сумма' },
    help: {
      en: 'All quote the bot may use, the purchase at start included, of a perpetual its margin; order sizes follow from it. Give either this or order_size.',
      ru: 'Вся сумма в котировке, включая покупку на старте (у бессрочного контракта — маржа); размер ордеров вычисляется из неё. Укажите либо её, либо order_size.',
    },
  },
  order_size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Size of one order', ru: 'Размер одного ордера' },
    help: {
      en: 'Size of each order that opens: in quote with sizing quote, in base with sizing base; what the bot needs follows from it. Give either this or investment.',
      ru: 'Размер каждого открывающего ордера: в котировке при sizing quote, в базовой монете при sizing base; нужная сумма вычисляется. Укажите либо его, либо investment.',
    },
  },
  size_shape: {
    kind: 'choice',
    options: ['equal', 'linear', 'geometric'],
    default: 'equal',
    title: { en: 'Sizes along the range', ru: 'Размеры по диапазону' },
    help: {
      en: 'equal: all orders that open are of one size. linear: they grow evenly from the highest cell to the lowest, which is size_ratio times as large. geometric: each is the same factor larger than the one above. order_size is that of the highest. Left out: equal.',
      ru: 'equal: все открывающие ордера одного размера. linear: размер равномерно растёт от верхней ячейки к нижней, которая в size_ratio раз больше. geometric: каждый больше верхнего соседа в одно и то же число раз. order_size относится к верхней. По умолчанию equal.',
    },
  },
  size_ratio: {
    kind: 'decimal',
    min: '0.05',
    max: '20',
    default: '2',
    title: { en: 'Lowest to highest size', ru: 'Нижний размер к верхнему' },
    help: {
      en: 'With size_shape linear and geometric: how many times the size of the highest order the lowest has; below 1 the highest is the largest. Left out: 2.',
      ru: 'Для size_shape linear и geometric: во сколько раз нижний ордер больше верхнего; меньше 1 — верхний крупнее. По умолчанию 2.',
    },
  },
  base_investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Base lent to the bot', ru: 'Базовая монета для бота' },
    help: {
      en: 'Base coin of the account that the bot may sell, so that it buys less at start; a reverse grid works with it alone. Left out: the bot buys all the base it needs.',
      ru: 'Базовая монета со счёта, которую бот может продавать, чтобы меньше покупать на старте; обратная сетка работает только с ней. Если не указано, бот покупает всю нужную.',
    },
  },
  reserve: {
    kind: 'decimal',
    min: '0',
    default: '0',
    title: { en: 'Reserve', ru: 'Резерв' },
    help: {
      en: 'Quote that belongs to the bot and stays out of its orders; of a cross-margined perpetual it stands behind the position. Part of investment where that is given. Left out: none.',
      ru: 'Котировка, которая принадлежит боту, но не идёт в ордера; при кросс-марже бессрочного контракта она поддерживает позицию. Входит в investment, если та указана. По умолчанию нет.',
    },
  },
  profit_currency: {
    kind: 'choice',
    options: ['quote', 'base'],
    optional: true,
    title: { en: 'Profit in', ru: 'Прибыль в' },
    help: {
      en: 'quote: every cell sells all it bought. base: it sells just enough to buy again, and keeps the rest of the coin. Left out: quote, of a reverse grid base.',
      ru: 'quote: ячейка продаёт всё купленное. base: продаёт ровно столько, чтобы купить снова, а остаток монеты копит. По умолчанию quote, у обратной сетки base.',
    },
  },
} as const satisfies ParamsSpec;

export const GRID_PARAMS = { ...GRID_RANGE, ...FUNDS, ...PERPETUAL_FIELDS, ...GRID_GUARDS } as const satisfies ParamsSpec;

export type GridParams = ParamsOf<typeof GRID_PARAMS>;

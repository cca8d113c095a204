/** The settings of the grid that say where its lines stand and how they follow the price. */
import type { ParamsSpec } from '#core/params.ts';
import { percentField, positiveField } from '../_fields.ts';

/** Price lines of one grid, those it adds as it expands included. */
export const MAX_LINES = 500;

export const GRID_RANGE = {
  range: {
    kind: 'choice',
    options: ['bounded', 'infinite'],
    default: 'bounded',
    title: { en: 'Range', ru: 'Диапазон' },
    help: {
      en: 'bounded: between lower_price and upper_price. infinite: no upper end; one line every step_percent, so that the value of the coin held stays the same however far the price rises. Left out: bounded.',
      ru: 'bounded: между lower_price и upper_price. infinite: верхней границы нет, линия через каждые step_percent, и стоимость монеты на руках остаётся прежней, как бы высоко ни ушла цена. По умолчанию bounded.',
    },
  },
  lower_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Lower price', ru: 'Нижняя цена' },
    help: { en: 'The lowest price line, in quote.', ru: 'Нижняя ценовая линия в валюте котировки.' },
  },
  upper_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Upper price', ru: 'Верхняя цена' },
    help: {
      en: 'The highest price line, in quote. Needed unless range is infinite.',
      ru: 'Верхняя ценовая линия в валюте котировки. Нужна, если range не infinite.',
    },
  },
  levels: {
    kind: 'integer',
    min: 2,
    max: MAX_LINES,
    optional: true,
    title: { en: 'Price lines', ru: 'Ценовые линии' },
    help: {
      en: 'Number of price lines, both ends included: 11 levels between 100 and 200 stand at 100, 110, … 200. They bound 10 cells, each of which buys at its lower line and sells at its upper one, so there are at most levels - 1 open orders. Needed unless range is infinite.',
      ru: 'Число ценовых линий вместе с обоими краями: 11 уровней от 100 до 200 — это 100, 110, … 200. Они образуют 10 ячеек: каждая покупает на своей нижней линии и продаёт на верхней, поэтому открытых ордеров не больше levels - 1. Нужно, если range не infinite.',
    },
  },
  step_percent: percentField(
    { en: 'Step', ru: 'Шаг' },
    {
      en: 'Distance from line to line of an infinite grid, in per cent; takes the place of upper_price and levels.',
      ru: 'Расстояние между линиями бесконечной сетки в процентах; заменяет upper_price и levels.',
    },
    '50',
  ),
  spacing: {
    kind: 'choice',
    options: ['arithmetic', 'geometric'],
    default: 'arithmetic',
    title: { en: 'Spacing', ru: 'Шаг сетки' },
    help: {
      en: 'Equal steps in price (arithmetic) or in per cent (geometric). An infinite grid always takes per cent. Left out: arithmetic.',
      ru: 'Равный шаг по цене (arithmetic) или в процентах (geometric). Бесконечная сетка всегда в процентах. По умолчанию arithmetic.',
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
  expand_up_limit: positiveField(
    { en: 'Expand up to', ru: 'Расширяться вверх до' },
    {
      en: 'When the market is one step above the top line, the grid gets one more cell there and keeps all others, until the top line would pass this price. The money for those cells is set aside from the start. Left out: it does not expand up.',
      ru: 'Когда рынок на шаг выше верхней линии, сетка получает там ещё одну ячейку и сохраняет остальные, пока верхняя линия не превысит эту цену. Деньги на эти ячейки откладываются сразу. Если не указано, вверх не расширяется.',
    },
  ),
  expand_down_limit: positiveField(
    { en: 'Expand down to', ru: 'Расширяться вниз до' },
    {
      en: 'When the market is one step below the bottom line, the grid gets one more cell there and keeps all others, until the bottom line would pass this price. The money for those cells is set aside from the start. Left out: it does not expand down.',
      ru: 'Когда рынок на шаг ниже нижней линии, сетка получает там ещё одну ячейку и сохраняет остальные, пока нижняя линия не окажется ниже этой цены. Деньги на эти ячейки откладываются сразу. Если не указано, вниз не расширяется.',
    },
  ),
  active_orders: {
    kind: 'integer',
    min: 2,
    max: MAX_LINES - 1,
    optional: true,
    title: { en: 'Orders at the exchange', ru: 'Ордера на бирже' },
    help: {
      en: 'At most so many orders are at the exchange at once, those nearest to the price; the others are placed as the price comes near. Left out: all, of an infinite grid 100.',
      ru: 'На бирже одновременно не больше стольких ордеров, ближайших к цене; остальные выставляются, когда цена подойдёт. По умолчанию все, у бесконечной сетки 100.',
    },
  },
} as const satisfies ParamsSpec;

/** What a user may change of a grid that runs. */
import type { DecimalField, ParamsOf, ParamsSpec, Text } from '#core/params.ts';
import type { CommandSpec } from '#core/strategy.ts';
import { positiveField } from '../_fields.ts';
import { MAX_LINES } from './range-params.ts';

/** A setting that 0 takes away. */
function removable(title: Text, en: string, ru: string): DecimalField & { readonly optional: true } {
  return { kind: 'decimal', min: '0', optional: true, title, help: { en: `${en} 0 takes it away.`, ru: `${ru} 0 убирает её.` } };
}

const FIELDS = {
  lower_price: positiveField({ en: 'Lower price', ru: 'Нижняя цена' }, { en: 'The new lowest price line.', ru: 'Новая нижняя ценовая линия.' }),
  upper_price: positiveField({ en: 'Upper price', ru: 'Верхняя цена' }, { en: 'The new highest price line.', ru: 'Новая верхняя ценовая линия.' }),
  levels: {
    kind: 'integer',
    min: 2,
    max: MAX_LINES,
    optional: true,
    title: { en: 'Price lines', ru: 'Ценовые линии' },
    help: { en: 'The new number of price lines, both ends included.', ru: 'Новое число ценовых линий вместе с краями.' },
  },
  order_size: positiveField(
    { en: 'Size of one order', ru: 'Размер одного ордера' },
    {
      en: 'The new size of each order that opens, in the unit of sizing. Left out: it stays, or is as large as the money suffices for.',
      ru: 'Новый размер открывающего ордера в единицах sizing. Если не указан, остаётся прежним или таким, на какой хватает денег.',
    },
  ),
  use_all_funds: {
    kind: 'boolean',
    default: false,
    title: { en: 'Use all funds', ru: 'Использовать все средства' },
    help: {
      en: 'Makes the orders as large as all the money of the bot allows. Left out: no.',
      ru: 'Делает ордера такими большими, насколько хватает всех средств бота. По умолчанию нет.',
    },
  },
  stop_lower_price: removable({ en: 'Lower stop', ru: 'Нижний стоп' }, 'The new lower stop.', 'Новая цена нижнего стопа.'),
  stop_upper_price: removable({ en: 'Upper stop', ru: 'Верхний стоп' }, 'The new upper stop.', 'Новая цена верхнего стопа.'),
  stop_loss_percent: {
    ...removable({ en: 'Stop loss of the bot', ru: 'Стоп-лосс бота' }, 'The new stop of the whole bot, in per cent.', 'Новая граница убытка бота в процентах.'),
    max: '100',
  },
  take_profit_percent: {
    ...removable(
      { en: 'Take profit of the bot', ru: 'Тейк-профит бота' },
      'The new take profit of the whole bot, in per cent.',
      'Новая граница прибыли бота в процентах.',
    ),
    max: '1000',
  },
  trailing_up_limit: removable({ en: 'Trail up to', ru: 'Следовать вверх до' }, 'How far it may follow upwards.', 'Граница следования вверх.'),
  trailing_down_limit: removable({ en: 'Trail down to', ru: 'Следовать вниз до' }, 'How far it may follow downwards.', 'Граница следования вниз.'),
  expand_up_limit: removable({ en: 'Expand up to', ru: 'Расширяться вверх до' }, 'How far it may expand upwards.', 'Граница расширения вверх.'),
  expand_down_limit: removable({ en: 'Expand down to', ru: 'Расширяться вниз до' }, 'How far it may expand downwards.', 'Граница расширения вниз.'),
} as const satisfies ParamsSpec;

/** The settings as a user gives them: `null` where one stays. */
export type GivenChange = ParamsOf<typeof FIELDS>;

export const GRID_COMMANDS = {
  change_grid: {
    title: { en: 'Change the grid', ru: 'Изменить сетку' },
    help: {
      en: 'Changes range, levels, size and stops while the bot runs. Orders that the new grid has too stay; the others are withdrawn first, then what is missing of the coin is bought or what is too much is sold, and the new orders are placed. It holds until the bot is stopped; change its settings as well to keep it beyond that.',
      ru: 'Меняет диапазон, уровни, размер и стопы на ходу. Ордера, которые есть и в новой сетке, остаются; прочие сначала снимаются, затем недостающая монета докупается или лишняя продаётся, и выставляются новые. Действует до остановки бота; чтобы сохранить дольше, измените и его настройки.',
    },
    params: FIELDS,
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

/** Settings that strategies share which hold one position with barriers. */
import type { ParamsSpec } from '#core/params.ts';
import type { CommandSpec } from '#core/strategy.ts';
import { percentField, positiveField } from './_fields.ts';
import { PERPETUAL_FIELDS } from './_perpetuals.ts';

export const POSITION_FIELDS = {
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Investment', ru: 'Вложение' },
    help: {
      en: 'Quote the bot may use, fees included; of a perpetual its margin.',
      ru: 'Сколько котировки может использовать бот, включая комиссии; для бессрочного контракта это маржа.',
    },
  },
  ...PERPETUAL_FIELDS,
  trailing_stop_percent: percentField(
    { en: 'Trailing stop', ru: 'Следящий стоп' },
    {
      en: 'The stop follows the best price since the entry so many per cent away, and never goes back. Left out: it stays.',
      ru: 'Стоп следует за лучшей ценой с момента входа на расстоянии стольких процентов и не отступает. По умолчанию стоит на месте.',
    },
    '99',
  ),
  break_even_after_target: {
    kind: 'integer',
    min: 1,
    max: 10,
    optional: true,
    title: { en: 'Break-even after target', ru: 'Безубыток после цели' },
    help: {
      en: 'Once the target of this number has filled, the stop moves to where nothing is lost after fees. Left out: it stays.',
      ru: 'Когда цель с этим номером исполнена, стоп переходит на цену без убытка после комиссий. По умолчанию стоит на месте.',
    },
  },
  max_hours: {
    ...positiveField(
      { en: 'Longest time', ru: 'Предельное время' },
      {
        en: 'Closes the position at market so many hours after its beginning. Left out: no limit.',
        ru: 'Закрывает позицию по рынку через столько часов после начала. По умолчанию без ограничения.',
      },
    ),
    max: '87600',
  },
} as const satisfies ParamsSpec;

/** The command that puts the stop elsewhere. */
export const MOVE_STOP = {
  title: { en: 'Move the stop', ru: 'Передвинуть стоп' },
  help: {
    en: 'Puts the stop at another price; at or beyond the market it closes at once.',
    ru: 'Ставит стоп на другую цену; если рынок уже там, позиция закрывается сразу.',
  },
  params: {
    price: {
      kind: 'decimal',
      min: '0',
      isExclusive: true,
      title: { en: 'Price', ru: 'Цена' },
      help: { en: 'Quote for one coin.', ru: 'Котировка за одну монету.' },
    },
  },
} as const satisfies CommandSpec;

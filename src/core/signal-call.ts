/**
 * The call of somebody else to open a position: what the scanner, a parsed post of a channel or a user's own program sends to
 * a bot as its command `signal`. Declared like settings, so that the API checks it and shows its schema.
 */
import { Decimal, type DecimalString, decimal } from './money.ts';
import type { Issue, ParamsOf, ParamsSpec } from './params.ts';

const PRICE = { kind: 'decimal', min: '0', isExclusive: true } as const;

export const SIGNAL_CALL = {
  id: {
    kind: 'text',
    maxLength: 64,
    pattern: '[A-Za-z0-9._:-]+',
    title: { en: 'Id', ru: 'Идентификатор' },
    help: {
      en: 'The sender’s own name for the signal; one that was received before is ignored.',
      ru: 'Имя сигнала у отправителя; уже полученный сигнал пропускается.',
    },
  },
  symbol: {
    kind: 'text',
    maxLength: 40,
    optional: true,
    title: { en: 'Symbol', ru: 'Символ' },
    help: {
      en: 'What the signal is about; refused where the bot trades something else. Left out: what the bot trades.',
      ru: 'О чём сигнал; отклоняется, если бот торгует другим. По умолчанию инструмент бота.',
    },
  },
  side: {
    kind: 'choice',
    options: ['long', 'short'],
    title: { en: 'Side', ru: 'Сторона' },
    help: {
      en: 'long buys first; short sells first, on perpetuals only.',
      ru: 'long сначала покупает; short сначала продаёт, только на бессрочных контрактах.',
    },
  },
  entries: {
    kind: 'rows',
    maxRows: 10,
    title: { en: 'Entries', ru: 'Входы' },
    help: { en: 'Prices to enter at, with equal amounts. Left out: at the market.', ru: 'Цены входа, равными долями. По умолчанию по рынку.' },
    fields: { price: { ...PRICE, title: { en: 'Price', ru: 'Цена' }, help: { en: 'Quote for one coin.', ru: 'Котировка за одну монету.' } } },
  },
  targets: {
    kind: 'rows',
    maxRows: 10,
    title: { en: 'Targets', ru: 'Цели' },
    help: {
      en: 'Prices to take profit at, the nearest first. Left out: the position waits for the stop or a command.',
      ru: 'Цены фиксации прибыли, начиная с ближней. По умолчанию позиция ждёт стопа или команды.',
    },
    fields: {
      price: { ...PRICE, title: { en: 'Price', ru: 'Цена' }, help: { en: 'Quote for one coin.', ru: 'Котировка за одну монету.' } },
      share_percent: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        max: '100',
        optional: true,
        title: { en: 'Share', ru: 'Доля' },
        help: {
          en: 'Per cent of the position it closes; all of them together 100. Left out of every target: equal shares.',
          ru: 'Сколько процентов позиции закрывает; вместе 100. Если не указано ни у одной: поровну.',
        },
      },
    },
  },
  stop: {
    ...PRICE,
    optional: true,
    title: { en: 'Stop', ru: 'Стоп' },
    help: {
      en: 'Price at which all is closed at market. Left out: the stop of the bot’s settings.',
      ru: 'Цена, по которой всё закрывается по рынку. По умолчанию стоп из настроек бота.',
    },
  },
  leverage: {
    kind: 'integer',
    min: 1,
    max: 125,
    optional: true,
    title: { en: 'Leverage', ru: 'Плечо' },
    help: {
      en: 'How many times its margin the position may be worth; never more than the bot’s own. Left out: the bot’s.',
      ru: 'Во сколько раз позиция может превышать маржу; не больше, чем у бота. По умолчанию как у бота.',
    },
  },
  issued_at: {
    kind: 'integer',
    min: 0,
    max: 8_640_000_000_000_000,
    optional: true,
    title: { en: 'Issued at', ru: 'Время сигнала' },
    help: {
      en: 'Milliseconds since 1970 (UTC); the validity counts from here. Left out: when it arrives.',
      ru: 'Миллисекунды с 1970 года (UTC); от него считается срок. По умолчанию момент получения.',
    },
  },
  valid_minutes: {
    kind: 'integer',
    min: 1,
    max: 525_600,
    optional: true,
    title: { en: 'Valid for', ru: 'Срок действия' },
    help: {
      en: 'Minutes within which the position may be entered. Left out: as the bot’s settings say.',
      ru: 'Сколько минут можно входить в позицию. По умолчанию по настройкам бота.',
    },
  },
} as const satisfies ParamsSpec;

export type SignalCall = ParamsOf<typeof SIGNAL_CALL>;

/** What contradicts itself in a call: targets and stop on the wrong sides, shares that are not the whole. */
export function signalCallIssues({ side, entries, targets, stop }: Pick<SignalCall, 'side' | 'entries' | 'targets' | 'stop'>): readonly Issue[] {
  const issues: Issue[] = [];
  const isBetter = (price: DecimalString, other: DecimalString) => (side === 'long' ? decimal(price).gt(other) : decimal(price).lt(other));
  const word = side === 'long' ? 'above' : 'below';
  for (const [index, target] of targets.entries()) {
    const before = targets[index - 1];
    const entry = entries.find(({ price }) => !isBetter(target.price, price));
    if (before !== undefined && !isBetter(target.price, before.price))
      issues.push({ field: `targets[${index}].price`, message: `must be ${word} the target before it, ${before.price}, for a ${side}; got ${target.price}` });
    if (entry !== undefined)
      issues.push({ field: `targets[${index}].price`, message: `must be ${word} the entry ${entry.price} for a ${side}; got ${target.price}` });
    if (stop !== null && !isBetter(target.price, stop))
      issues.push({ field: `targets[${index}].price`, message: `must be ${word} the stop ${stop} for a ${side}; got ${target.price}` });
  }
  const wrong = stop === null ? undefined : entries.find(({ price }) => !isBetter(price, stop));
  if (stop !== null && wrong !== undefined)
    issues.push({ field: 'stop', message: `must be ${side === 'long' ? 'below' : 'above'} the entry ${wrong.price} for a ${side}; got ${stop}` });
  return [...issues, ...shareIssues(targets)];
}

/** Shares of targets: all of them or none, and together the whole. */
function shareIssues(targets: readonly { readonly share_percent: DecimalString | null }[]): readonly Issue[] {
  const given = targets.flatMap(({ share_percent: share }) => (share === null ? [] : [share]));
  if (given.length === 0) return [];
  if (given.length < targets.length) {
    const index = targets.findIndex(({ share_percent: share }) => share === null);
    return [{ field: `targets[${index}].share_percent`, message: 'is missing: give it for every target, or for none' }];
  }
  const sum = given.reduce((total, share) => total.plus(share), new Decimal(0));
  return sum.eq(100) ? [] : [{ field: 'targets', message: `must have shares of 100 per cent together, got ${sum.toString()}` }];
}

/** The share of each target, in per cent. */
export function sharesOf(targets: readonly { readonly share_percent: DecimalString | null }[]): readonly DecimalString[] {
  return targets.map(({ share_percent: share }) => share ?? new Decimal(100).div(targets.length).toFixed(6));
}

/**
 * The little language templates are written in: `{name}` is a value of the data, `{name:format}` one put in a form for people, and what
 * stands in `[…]` is left out where one of its values is missing. Values become inert lines, so no data can break out of its place.
 */
import { inertLine } from './inert.ts';
import type { Language } from './notice.ts';
import { phraseText, saidText, whyText } from './reasons.ts';

/** A value in words, or `null` where there is nothing to say, as for a value that is missing. */
type Format = (value: unknown, language: Language, data: Readonly<Record<string, unknown>>) => string | null;

const FORMATS: Readonly<Record<string, Format>> = {
  text: (value) => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value.trim() !== '' ? inertLine(value) : null;
  },
  number: (value, language) => {
    const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
    return typeof text === 'string' && /^[+-]?\d{1,40}(\.\d{1,40})?$/.test(text) ? grouped(text, language) : null;
  },
  /** Of a code: what it means, where it is ours. */
  why: (value, language) => whyText(value, language),
  /** Of words that may belong to a `code` beside them. */
  said: (value, language, { code }) => (typeof value === 'string' && value.trim() !== '' ? saidText(inertLine(value), code, language) : null),
  /** The same where it stands for a reason: named so when there is no code to say it. */
  reason: (value, language, data) => {
    const text = FORMATS['said']?.(value, language, data) ?? null;
    if (text === null || (typeof data['code'] === 'string' && data['code'] !== '')) return text;
    return `${language === 'en' ? 'Reason' : 'Причина'}: ${text}`;
  },
  /** Why a run has ended. */
  phrase: (value, language) => (typeof value === 'string' && value.trim() !== '' ? inertLine(phraseText(value, language)) : null),
  side: (value, language) => pick(value, language, { buy: ['Buy', 'Покупка'], sell: ['Sell', 'Продажа'] }),
  /** Worth saying of paper only. */
  paper: (value, language) => pick(value, language, { paper: ['paper trading', 'бумажная торговля'] }),
  alert: (value, language) =>
    pick(value, language, {
      price_crosses: ['Price reached', 'Цена достигнута'],
      price_moves: ['Price has moved', 'Цена сдвинулась'],
      funding_beyond: ['Funding rate', 'Ставка финансирования'],
      balance_below: ['Balance is low', 'Баланс ниже порога'],
      drawdown_above: ['Drawdown', 'Просадка'],
      target_reached: ['Profit target reached', 'Цель по прибыли достигнута'],
    }),
  channel: (value, language) =>
    pick(value, language, {
      telegram: ['Telegram', 'Telegram'],
      email: ['e-mail', 'почта'],
      browser: ['browser', 'браузер'],
      webhook: ['webhook', 'вебхук'],
      discord: ['Discord', 'Discord'],
      slack: ['Slack', 'Slack'],
      fcm: ['Android', 'Android'],
      apns: ['iPhone', 'iPhone'],
    }),
  market: (value, language) => pick(value, language, { spot: ['spot', 'спот'], futures: ['futures', 'фьючерс'], dex: ['pool', 'пул'] }),
  /** Why a signal is over. */
  close: (value, language) =>
    pick(value, language, {
      spread_gone: ['The spread is gone.', 'Спреда больше нет.'],
      stale: ['Its prices stopped coming.', 'Цены перестали поступать.'],
      quarantined: ['It is not certain any more that both sides are the same coin.', 'Уже не ясно, одна ли это монета на обеих сторонах.'],
      funding_changed: ['A funding rate is not told any more.', 'Ставка финансирования больше не сообщается.'],
      scanner_stopped: ['Nobody looks any more: the scanner was stopped.', 'Сканер остановлен, за сигналом никто не следит.'],
    }),
  /** Why it cannot be said what acting would have paid. */
  unpaid: (value, language) =>
    pick(value, language, {
      no_prices: [
        'What acting on it would have paid is not known: at the end prices were not fresh, or books too thin.',
        'Сколько принесла бы сделка, неизвестно: в конце не было свежих цен или глубины стаканов.',
      ],
      not_followed: [
        'What acting on it would have paid is not known: claims of posts are not followed to the end.',
        'Сколько принесла бы сделка, неизвестно: сигналы из постов не отслеживаются до конца.',
      ],
    }),
  /** Of seconds. */
  duration: (value, language) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? lasting(value, language) : null),
  plan: (value, language) => pick(value, language, { free: ['Free', 'Free'], vip: ['VIP', 'VIP'] }),
  plan_end: (value, language) => pick(value, language, { payment_taken_back: ['Its payment was taken back.', 'Платёж за него отозван.'] }),
  time: (value) => (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? `${value.slice(0, 10)} ${value.slice(11, 16)} UTC` : null),
};

/** The names of the values a template shows. */
export function namesIn(template: string): readonly string[] {
  return [...template.matchAll(VALUE)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** The template with its values. Never fails, whatever the data is. */
export function wordsOf(template: string, data: Readonly<Record<string, unknown>>, language: Language): string {
  const fill = (part: string, onMissing: () => void): string =>
    part.replace(VALUE, (_, name: string, format = 'text') => {
      const value = Object.hasOwn(data, name) ? (FORMATS[format]?.(data[name], language, data) ?? null) : null;
      if (value === null) onMissing();
      return value ?? '';
    });
  const parts = template.replace(/\[([^\]]*)\]|([^[]+)/g, (_, optional: string | undefined, fixed: string | undefined) => {
    if (fixed !== undefined) return fill(fixed, () => undefined);
    let isWhole = true;
    const text = fill(optional ?? '', () => {
      isWhole = false;
    });
    return isWhole ? text : '';
  });
  return parts
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** "1 event", "2 события": the words for one, for few (as Russian has them) and for many. */
export function counted(
  count: number,
  language: Language,
  words: { readonly en: readonly [string, string]; readonly ru: readonly [string, string, string] },
): string {
  if (language === 'en') return `${count} ${words.en[count === 1 ? 0 : 1]}`;
  const isTeen = count % 100 >= 11 && count % 100 <= 14;
  const last = count % 10;
  return `${count} ${words.ru[isTeen || last === 0 || last > 4 ? 2 : last === 1 ? 0 : 1]}`;
}

const VALUE = /\{(\w+)(?::(\w+))?\}/g;

/** Thousands apart: "64,250.1" in English, "64 250,1" in Russian. */
function grouped(number: string, language: Language): string {
  const [, sign = '', whole = '', fraction] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(number) ?? [];
  const [between, point] = language === 'en' ? [',', '.'] : ['\u00a0', ','];
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, between);
  const kept = fraction?.replace(/0+$/, '') ?? '';
  return `${sign === '-' ? '−' : sign}${groups}${kept === '' ? '' : `${point}${kept}`}`;
}

const UNITS = [
  { seconds: 86_400, en: 'd', ru: 'д' },
  { seconds: 3_600, en: 'h', ru: 'ч' },
  { seconds: 60, en: 'min', ru: 'мин' },
  { seconds: 1, en: 's', ru: 'с' },
] as const;

/** "2 h 5 min": the greatest unit and the next. */
function lasting(seconds: number, language: Language): string {
  const whole = Math.round(seconds);
  const first = UNITS.findIndex((unit) => whole >= unit.seconds);
  if (first < 0) return `<1 ${UNITS[3][language]}`;
  let left = whole;
  const parts = UNITS.slice(first, first + 2).map((unit) => {
    const count = Math.floor(left / unit.seconds);
    left -= count * unit.seconds;
    return { count, name: unit[language] };
  });
  return parts.flatMap(({ count, name }, place) => (count > 0 || place === 0 ? [`${count} ${name}`] : [])).join(' ');
}

function pick(value: unknown, language: Language, words: Readonly<Record<string, readonly [string, string]>>): string | null {
  const found = typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
  return found?.[language === 'en' ? 0 : 1] ?? null;
}

/** Numbers and durations as people write them, in both languages. Amounts are decimals and are shown rounded, never computed with. */
import { type DecimalString, decimal } from '#core/money.ts';
import type { Language } from '#core/notices/notice.ts';

/** Coins that are counted in cents. */
const DOLLARS: ReadonlySet<string> = new Set(['USDT', 'USDC', 'USD', 'FDUSD', 'DAI', 'TUSD', 'EUR']);

/** An amount with its coin, such as `1,234.5 USDT`; `signed` shows a plus too. */
export function money(amount: DecimalString, coin: string, language: Language, signed = false): string {
  return `${number(amount, language, DOLLARS.has(coin) ? 2 : 8, signed)} ${coin}`;
}

/** A price or size: two places where it is large, `places` where it is one or more, and below it four significant digits, or all of eight where they count. */
export function number(value: DecimalString, language: Language, places = 4, signed = false): string {
  const size = decimal(value).abs();
  const digits = size.lt(1) && !size.isZero() ? { maximumSignificantDigits: Math.max(4, places) } : { maximumFractionDigits: size.gte(1_000) ? 2 : places };
  return formatter(language, { ...digits, ...(signed ? { signDisplay: 'exceptZero' as const } : {}) }).format(value as `${number}`);
}

/** A share as per cent, such as `+1.25 %`. */
export function percent(share: DecimalString, language: Language, signed = true): string {
  const options = { maximumFractionDigits: 2, ...(signed ? { signDisplay: 'exceptZero' as const } : {}) };
  return `${formatter(language, options).format(decimal(share).times(100).toFixed(4) as `${number}`)}${language === 'ru' ? '\u00a0%' : '%'}`;
}

/** The two largest units of a duration, such as `2 d 4 h`. */
export function duration(ms: number, language: Language): string {
  const minutes = Math.floor(ms / 60_000);
  const parts = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
  const units = language === 'ru' ? ['д', 'ч', 'мин'] : ['d', 'h', 'min'];
  const first = parts.findIndex((part) => part > 0);
  if (first === -1) return language === 'ru' ? 'меньше минуты' : 'less than a minute';
  return parts
    .map((part, index) => ({ part, text: `${part} ${units[index]}` }))
    .slice(first, first + 2)
    .filter(({ part }) => part > 0)
    .map(({ text }) => text)
    .join(' ');
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formatters.get(key) ?? new Intl.NumberFormat(language === 'ru' ? 'ru-RU' : 'en-US', options);
  formatters.set(key, known);
  return known;
}

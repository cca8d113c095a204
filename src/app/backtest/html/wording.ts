/** How the report writes: text that cannot become markup, and figures as people read them in either language. */
import type { Text } from '#core/params.ts';

export type Language = keyof Text;

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function harmless(text: string): string {
  return text.replace(/[&<>"']/g, (character) => MARKUP[character] ?? '');
}

export class Wording {
  readonly language: Language;
  readonly #locale: string;

  constructor(language: Language) {
    this.language = language;
    this.#locale = language === 'ru' ? 'ru-RU' : 'en-GB';
  }

  /** One of two texts, harmless in markup. */
  say(en: string, ru: string): string {
    return harmless(this.language === 'ru' ? ru : en);
  }

  text(text: Text): string {
    return harmless(text[this.language]);
  }

  /** An amount or price with as many digits as its size deserves. */
  amount(value: string | number): string {
    const number = Number(value);
    const size = Math.abs(number);
    const digits = size >= 1 || size === 0 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(size)));
    return this.#format(number, { minimumFractionDigits: size === 0 || size >= 1 ? 2 : 0, maximumFractionDigits: digits });
  }

  signed(value: string | number): string {
    return Number(value) > 0 ? `+${this.amount(value)}` : this.amount(value);
  }

  percent(share: number | null, digits = 2): string {
    return share === null ? '–' : `${this.#format(share * 100, { minimumFractionDigits: digits, maximumFractionDigits: digits })} %`;
  }

  signedPercent(share: number | null, digits = 2): string {
    return share !== null && share > 0 ? `+${this.percent(share, digits)}` : this.percent(share, digits);
  }

  ratio(value: number | null): string {
    return value === null ? '–' : this.#format(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  count(value: number): string {
    return this.#format(value, { maximumFractionDigits: 0 });
  }

  /** To the minute, in UTC. */
  time(at: number): string {
    return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  }

  day(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }

  duration(ms: number | null): string {
    if (ms === null) return '–';
    const minutes = ms / 60_000;
    if (minutes < 60) return `${this.#format(minutes, { maximumFractionDigits: 0 })} ${this.say('min', 'мин')}`;
    if (minutes < 2_880) return `${this.#format(minutes / 60, { maximumFractionDigits: 1 })} ${this.say('h', 'ч')}`;
    return `${this.#format(minutes / 1_440, { maximumFractionDigits: 1 })} ${this.say('days', 'дн.')}`;
  }

  /** Name of a month, short; counted from 0. */
  month(index: number): string {
    return new Intl.DateTimeFormat(this.#locale, { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2026, index, 15));
  }

  #format(value: number, options: Intl.NumberFormatOptions): string {
    // A loss so small that it rounds to nothing is nothing.
    return new Intl.NumberFormat(this.#locale, { ...options, signDisplay: 'negative' }).format(value).replace('-', '\u2212');
  }
}

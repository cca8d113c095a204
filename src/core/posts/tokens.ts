/** Cuts plain text into tokens in one pass, each with its one meaning: numbers, tickers, venues, words that say something, and marks. */
import { type DecimalString, decimal, plain } from '../money.ts';
import { type NumberStyle, readNumeral, styleOf } from './numerals.ts';
import type { PostInstrument } from './post.ts';
import { lonelyTicker, pairOf } from './ticker.ts';
import { type Role, roleOf, venueOf } from './words.ts';

interface Place {
  readonly raw: string;
  readonly line: number;
  readonly isInParens: boolean;
}

export interface NumberToken extends Place {
  readonly kind: 'number';
  /** null: the number has no reading, or two. */
  readonly value: DecimalString | null;
  readonly isPercent: boolean;
  readonly sign: '' | '+' | '-';
}

export type Token =
  | NumberToken
  | (Place & { readonly kind: 'word'; readonly role: Role | null; readonly index: number | null })
  | (Place & { readonly kind: 'venue'; readonly name: string; readonly isDex: boolean })
  | (Place & { readonly kind: 'ticker'; readonly instrument: PostInstrument })
  | (Place & { readonly kind: 'leverage'; readonly value: number })
  /** A length of time; `hours` is null for what is no whole number of hours. */
  | (Place & { readonly kind: 'duration'; readonly hours: number | null })
  | (Place & { readonly kind: 'time' })
  | (Place & { readonly kind: 'address' })
  | (Place & { readonly kind: 'mark' });

/** All tokens of a plain text, line by line. */
export function tokenize(text: string): readonly Token[] {
  const pieces = cut(text);
  const style = styleOf(
    pieces.flatMap(({ numeral }) => (numeral === '' ? [] : [numeral])),
    /\p{Script=Cyrillic}/u.test(text),
  );
  const tokens: Token[] = [];
  for (let at = 0; at < pieces.length; ) {
    const [token, taken] = tokenAt(pieces, at, style);
    tokens.push(token);
    at += taken;
  }
  return tokens;
}

interface Piece extends Place {
  readonly numeral: string;
  readonly suffix: string;
  readonly kind: 'address' | 'time' | 'numeral' | 'word' | 'mark';
  /** No space stands between this piece and the one before. */
  readonly isJoined: boolean;
}

const PIECE =
  /(?<end>\n)|(?<space>\s+)|(?<address>0x[0-9a-fA-F]{40}(?![0-9a-zA-Z]))|(?<time>\d{1,2}:\d{2}(?::\d{2})?(?![\d.,:])|\d{1,2}\.\d{1,2}\.\d{2,4}(?![\d.])|\d{4}-\d{2}-\d{2}(?!\d))|(?<numeral>\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,']\d+)*)(?<suffix>\p{L}[\p{L}\p{N}]*)?|(?<word>\p{L}[\p{L}\p{N}]*(?:'\p{L}+)?)|(?<mark>[^\s])/gu;

function cut(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let line = 0;
  let depth = 0;
  let isJoined = false;
  for (const { 0: raw, groups = {} } of text.matchAll(PIECE)) {
    if (groups['end'] !== undefined) {
      line += 1;
      depth = 0;
    }
    if (/^\s/.test(raw)) {
      isJoined = false;
      continue;
    }
    if (raw === '(') depth += 1;
    else if (raw === ')') depth = Math.max(0, depth - 1);
    const kind =
      groups['numeral'] !== undefined
        ? 'numeral'
        : groups['word'] !== undefined
          ? 'word'
          : groups['address'] !== undefined
            ? 'address'
            : groups['time'] !== undefined
              ? 'time'
              : 'mark';
    pieces.push({ kind, raw, line, isInParens: depth > 0, numeral: groups['numeral'] ?? '', suffix: groups['suffix'] ?? '', isJoined });
    isJoined = true;
  }
  return pieces;
}

type Read = readonly [Token, taken: number];

function tokenAt(pieces: readonly Piece[], at: number, style: NumberStyle): Read {
  const piece = pieces[at];
  if (piece === undefined) throw new Error('no piece here');
  const { raw, line, isInParens } = piece;
  const place = { raw, line, isInParens };
  if (piece.kind === 'address' || piece.kind === 'time' || piece.kind === 'mark') return [{ kind: piece.kind, ...place }, 1];
  if (piece.kind === 'word' || isTickerLike(piece)) return wordAt(pieces, at, place);
  return [numberAt(pieces, at, place, style), 1];
}

/** Digits with a name behind them, as in 1000PEPE. */
function isTickerLike({ numeral, suffix }: Piece): boolean {
  return suffix !== '' && /^\d+$/.test(numeral) && /^[A-Z][A-Z0-9]{2,}$/.test(suffix) && roleOf(suffix.toLowerCase()) !== 'filler';
}

function wordAt(pieces: readonly Piece[], at: number, place: Place): Read {
  const before = pieces[at]?.isJoined === true ? (pieces[at - 1]?.raw ?? '') : '';
  const pair = pairAt(pieces, at, place.raw);
  if (pair !== null) return [{ kind: 'ticker', ...place, instrument: pair.instrument }, pair.taken];
  const word = place.raw.toLowerCase().replace("'", '');
  const venue = venueOf(word);
  if (venue !== null && before !== '$') return [{ kind: 'venue', ...place, ...venue }, 1];
  const ticker = lonelyTicker(place.raw, before);
  if (ticker !== null) return [{ kind: 'ticker', ...place, instrument: ticker }, tickerEnd(pieces, at)];
  if (/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(place.raw)) return [{ kind: 'address', ...place }, 1];
  const leverage = /^[xх](\d{1,3})$/.exec(word);
  if (leverage !== null) return [{ kind: 'leverage', ...place, value: Number(leverage[1]) }, 1];
  const [, stem, index] = /^(\p{L}+?)(\d{1,2})$/u.exec(word) ?? [];
  const stemRole = stem === undefined ? null : roleOf(stem);
  if (stemRole === 'target' || stemRole === 'entry') return [{ kind: 'word', ...place, role: stemRole, index: Number(index) }, 1];
  return [{ kind: 'word', ...place, role: roleOf(word), index: null }, 1];
}

function pairAt(pieces: readonly Piece[], at: number, base: string): { readonly instrument: PostInstrument; readonly taken: number } | null {
  const [mark, quote] = [pieces[at + 1], pieces[at + 2]];
  if (mark === undefined || quote === undefined || !/^[/_-]$/.test(mark.raw) || mark.line !== quote.line || mark.line !== pieces[at]?.line) return null;
  if (mark.raw !== '/' && (!mark.isJoined || !quote.isJoined)) return null;
  const instrument = pairOf(base, quote.raw);
  return instrument === null ? null : { instrument, taken: tickerEnd(pieces, at + 2) + 2 };
}

/** A contract's ending such as `.P` or `:USDT` belongs to its ticker. */
function tickerEnd(pieces: readonly Piece[], at: number): number {
  const [mark, end] = [pieces[at + 1], pieces[at + 2]];
  return mark?.isJoined === true && end?.isJoined === true && /^[.:]$/.test(mark.raw) && /^(?:P|PERP|USDT|USDC)$/.test(end.raw) ? 3 : 1;
}

const THOUSAND = new Set(['k', 'к']);
/** A number before one of these is not what its digits say. */
const SCALES = new Set(['млн', 'млрд', 'тыс', 'mln', 'bln', 'bn', 'million', 'billion', 'thousand', 'k', 'к', 'm', 'м']);
const HOURS = new Set(['h', 'hr', 'hrs', 'hour', 'hours', 'ч', 'час', 'часа', 'часов']);
const TIMES = new Set(['m', 'min', 'mins', 'м', 'мин', 'минут', 'd', 'д', 'day', 'days', 'дней', 'w', 's', 'sec', 'сек', 'с']);
const CURRENCY = /^(?:\$|€|usdt?|usdc)$/i;

function numberAt(pieces: readonly Piece[], at: number, place: Place, style: NumberStyle): Token {
  const { numeral, suffix } = pieces[at] ?? { numeral: '', suffix: '' };
  const [before, next] = [pieces[at - 1], pieces[at + 1]];
  const ending = suffix.toLowerCase();
  if (ending === 'x') return { kind: 'leverage', ...place, value: /^\d{1,3}(?:\.0)?$/.test(numeral) ? Number(numeral) : Number.NaN };
  const isCount = /^\d{1,3}$/.test(numeral);
  if (HOURS.has(ending) || (ending === '' && next !== undefined && next.line === place.line && HOURS.has(next.raw.toLowerCase())))
    return { kind: 'duration', ...place, hours: isCount ? Number(numeral) : null };
  if (TIMES.has(ending) && isCount) return { kind: 'duration', ...place, hours: null };
  const isPercent = next?.raw === '%' && next.line === place.line;
  const isSigned = before !== undefined && before.line === place.line && /^[+-]$/.test(before.raw) && pieces[at]?.isJoined === true;
  // A dash joined to what stands before it separates; a minus does not.
  const sign = isSigned && (before.raw === '+' || !before.isJoined || /^[:(|/=]$/.test(pieces[at - 2]?.raw ?? '')) ? (before.raw as '+' | '-') : '';
  const hasCurrency = CURRENCY.test(ending) || (pieces[at]?.isJoined === true && before?.raw === '$') || (next?.line === place.line && CURRENCY.test(next.raw));
  const isScaled = next?.line === place.line && SCALES.has(next.raw.toLowerCase());
  const value = isScaled ? null : ending === '' || CURRENCY.test(ending) || THOUSAND.has(ending) ? readNumeral(numeral, style, hasCurrency) : null;
  const scaled = value !== null && THOUSAND.has(ending) ? plain(decimal(value).times(1000)) : value;
  return { kind: 'number', ...place, value: scaled, isPercent, sign };
}

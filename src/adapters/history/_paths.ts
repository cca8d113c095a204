/**
 * Where the candles of a series lie: `<venue>/<BASE_QUOTE>/<interval>/<month>.parquet`, whatever a symbol is made of. No
 * name can lead out of the directory, and no two symbols share one.
 */
import { join } from 'node:path';
import { PortError } from '#core/errors.ts';
import { HISTORY_INTERVALS, type Series, type Span } from '#core/history.ts';

const VENUE = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Longest part of a symbol; file systems take 255 bytes, and a letter may need nine. */
const MAX_PART_LENGTH = 24;
const MONTH_FILE = /^(\d{4}-(?:0[1-9]|1[0-2]))\.parquet$/;

/** The directory of a series. PortError `validation_failed` for what cannot be a name. */
export function seriesPath(directory: string, { venue, symbol, interval }: Series): string {
  if (!Object.hasOwn(HISTORY_INTERVALS, interval)) throw refusal(`interval ${quoted(interval)} must be one of ${Object.keys(HISTORY_INTERVALS).join(', ')}`);
  return join(venuePath(directory, venue), symbolName(symbol), interval);
}

/** The directory of a venue. PortError `validation_failed` for what cannot be a name. */
export function venuePath(directory: string, venue: string): string {
  if (!VENUE.test(venue)) throw refusal(`exchange ${quoted(venue)} must be small letters, digits and hyphens, such as binance`);
  return join(directory, venue);
}

/** A symbol as the name of a directory: `BTC/USDT:USDT` is `BTC_USDT_USDT`, anything but letters and digits is escaped. */
export function symbolName(symbol: string): string {
  const match = /^([^/:]+)\/([^/:]+)(?::([^/:]+))?$/.exec(symbol);
  const parts = match?.slice(1).filter((part) => part !== undefined) ?? [];
  if (parts.length === 0 || parts.some((part) => part.length > MAX_PART_LENGTH || !part.isWellFormed()))
    throw refusal(`symbol ${quoted(symbol)} must be such as BTC/USDT, or BTC/USDT:USDT for a perpetual, of at most ${MAX_PART_LENGTH} characters a coin`);
  return parts.map(escaped).join('_');
}

/** The symbol of a directory's name; `null` where it is none of ours. */
export function symbolOfName(name: string): string | null {
  const [base, quote, settle, ...more] = name.split('_').map(unescaped);
  if (base === undefined || quote === undefined || more.length > 0) return null;
  const symbol = `${base}/${quote}${settle === undefined ? '' : `:${settle}`}`;
  try {
    return symbolName(symbol) === name ? symbol : null;
  } catch {
    return null;
  }
}

/** The month that a file of a series holds; `null` for other files. */
export function monthOfName(name: string): string | null {
  return MONTH_FILE.exec(name)?.[1] ?? null;
}

/** `2026-01` for every moment of that month, in UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** From the first moment of a month to that of the next. */
export function spanOfMonth(month: string): Span {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

/** The months that a span touches, ascending. */
export function monthsOf({ from, to }: Span): readonly string[] {
  const months: string[] = [];
  for (let at = from; at < to; at = spanOfMonth(monthOf(at)).to) months.push(monthOf(at));
  return months;
}

function escaped(part: string): string {
  return encodeURIComponent(part).replace(/[-_.!~*'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function refusal(message: string): PortError {
  return new PortError('validation_failed', message, { outcome: 'failed' });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

/** Tells coins from words: what is marked as a ticker, written as a pair, or known to all. Nothing else is taken for one. */
import type { PostInstrument } from './post.ts';
import { isMajor, QUOTES, roleOf, venueOf } from './words.ts';

/** Hashtags in capitals that are no coins. */
const TOPICS = new Set(
  'FREE NEWS VIP SIGNAL SIGNALS CRYPTO TRADING TRADE DEFI ALERT ALTS ALTCOIN ALTCOINS BITCOIN PNL ROI SCALP SWING NFT MEME AI RWA GEM GEMS WEB3 P2P'.split(' '),
);

const NAME = /^[A-Z0-9]{2,20}$/;
const MULTIPLIERS = /^(1000000|100000|10000|1000|1M|k)([A-Z]{3,})$/;
const THOUSANDS: Readonly<Record<string, number>> = { k: 1000, '1M': 1_000_000 };
const JOINED = /^(.{2,}?)(USDT|USDC|FDUSD|BUSD|USD)$/;

/** The instrument of `base` against a quote, or null when the base cannot be a ticker. */
export function pairOf(base: string, quote: string): PostInstrument | null {
  if (!QUOTES.has(quote.toUpperCase())) return null;
  return writtenInstrument(base, quote.toUpperCase());
}

/** The instrument a lone word names; `mark` is the sign that stands before it. */
export function lonelyTicker(word: string, mark: string): PostInstrument | null {
  const joined = JOINED.exec(/^[a-z0-9]+usdt$/.test(word) ? word.toUpperCase() : word);
  if (joined !== null) return writtenInstrument(joined[1] ?? '', joined[2] ?? null);
  if (QUOTES.has(word.toUpperCase()) && !isMajor(word.toUpperCase())) return null;
  if (mark === '$') return writtenInstrument(word, null);
  const multiple = MULTIPLIERS.exec(word);
  if (multiple !== null && (multiple[1] !== 'k' || isMajor(multiple[2] ?? ''))) return writtenInstrument(word, null);
  if (isMajor(word)) return writtenInstrument(word, null);
  const isTag = mark === '#' && word === word.toUpperCase() && /[A-Z]/.test(word) && !TOPICS.has(word);
  return isTag && roleOf(word.toLowerCase()) === null && venueOf(word.toLowerCase()) === null ? writtenInstrument(word, null) : null;
}

/** The instrument a base names as a venue or a post writes it; 1000PEPE is PEPE, a thousand at a time. */
export function writtenInstrument(written: string, quote: string | null): PostInstrument | null {
  const [, prefix, rest] = MULTIPLIERS.exec(written) ?? [];
  const base = (rest ?? written).toUpperCase();
  if (!NAME.test(base) || !/[A-Z]/.test(base) || base === quote) return null;
  return { base, quote, multiplier: prefix === undefined ? 1 : (THOUSANDS[prefix] ?? Number(prefix)) };
}

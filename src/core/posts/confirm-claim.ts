/** Holds a claim of arbitrage against live books: what stands in a post is true only once the prices one can trade at say so. */
import { type DecimalString, decimal, plain } from '../money.ts';
import type { ArbitrageClaim } from './post.ts';

/** The best prices of one leg's book, for one unit of its instrument, and when they were seen. */
export interface LegBook {
  readonly bid: DecimalString;
  readonly ask: DecimalString;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** An older book confirms nothing. */
export const MAX_BOOK_AGE_MS = 10_000;

/** The part of the claimed spread that must be left, in live prices, to call the claim true. */
export const MIN_SHARE_LEFT = '0.5';

/** `liveSpread` is in percent of what is paid: bid of the dearer leg over ask of the cheaper one, before fees. */
export type Confirmation =
  | { readonly kind: 'confirmed' | 'refuted'; readonly liveSpread: DecimalString }
  /** Nothing is known: no books, old ones, or a claim that books cannot tell of. */
  | { readonly kind: 'unverified'; readonly reason: 'no_book' | 'stale_book' | 'crossed_book' | 'no_prices' };

const SPREAD_PLACES = 4;

/** Whether `books`, in the order of the claim's legs, bear the claim out at the moment `now`. */
export function confirmClaim(claim: ArbitrageClaim, books: readonly [LegBook | null, LegBook | null], now: number): Confirmation {
  const [buy, sell] = books;
  const [cheap, dear] = claim.legs;
  const claimed = claim.recomputedSpread;
  if (claim.strategy === 'funding' || claim.state === 'closed' || claimed === null) return { kind: 'unverified', reason: 'no_prices' };
  if (buy === null || sell === null) return { kind: 'unverified', reason: 'no_book' };
  if ([buy, sell].some(({ seenAt }) => now - seenAt > MAX_BOOK_AGE_MS)) return { kind: 'unverified', reason: 'stale_book' };
  if ([buy, sell].some(({ bid, ask }) => decimal(bid).lte(0) || decimal(bid).gt(ask))) return { kind: 'unverified', reason: 'crossed_book' };
  const paid = decimal(buy.ask).div(cheap.multiplier);
  const live = decimal(sell.bid).div(dear.multiplier).minus(paid).div(paid).times(100);
  const isTrue = live.gt(0) && live.gte(decimal(claimed).times(MIN_SHARE_LEFT));
  return { kind: isTrue ? 'confirmed' : 'refuted', liveSpread: plain(live.toDecimalPlaces(SPREAD_PLACES)) };
}

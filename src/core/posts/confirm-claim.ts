/** Holds a claim of arbitrage against what venues say now: what stands in a post is true only once the prices one can trade at, or the rates, say so. */
import { type Decimal, type DecimalString, decimal, plain } from '../money.ts';
import type { ArbitrageClaim, PostLeg } from './post.ts';

/** The best prices of one leg's book, for one unit of its instrument, and when they were seen. */
export interface LegBook {
  readonly bid: DecimalString;
  readonly ask: DecimalString;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** An older book confirms nothing. */
export const MAX_BOOK_AGE_MS = 10_000;

/** The coming funding of one leg, of one settlement. */
export interface LegRate {
  readonly ratePercent: DecimalString;
  readonly intervalHours: number;
  readonly seenAt: number;
}

/** An older rate confirms nothing: rates move until they are settled. */
export const MAX_RATE_AGE_MS = 60_000;

/** The part of the claimed spread that must be left, in live prices, to call the claim true. */
export const MIN_SHARE_LEFT = '0.5';

/**
 * `liveSpread` is in percent of what is paid: bid of the dearer leg over ask of the cheaper one, before fees. Of funding it is what the leg that
 * is sold pays more than the one that is bought, in percentage points of a settlement.
 */
export type Confirmation =
  | { readonly kind: 'confirmed' | 'refuted'; readonly liveSpread: DecimalString }
  /** Nothing is known: no books, old ones, or a claim that books cannot tell of. */
  | { readonly kind: 'unverified'; readonly reason: 'no_book' | 'stale_book' | 'crossed_book' | 'no_prices' | 'no_rate' | 'stale_rate' };

const SPREAD_PLACES = 4;

/** Whether `books`, in the order of the claim's legs, bear the claim out at the moment `now`. */
export function confirmClaim(claim: ArbitrageClaim, books: readonly [LegBook | null, LegBook | null], now: number): Confirmation {
  const [buy, sell] = books;
  const [cheap, dear] = claim.legs;
  const claimed = claim.recomputedSpread;
  if (claim.state === 'closed' || claimed === null) return { kind: 'unverified', reason: 'no_prices' };
  if (buy === null || sell === null) return { kind: 'unverified', reason: 'no_book' };
  if ([buy, sell].some(({ seenAt }) => now - seenAt > MAX_BOOK_AGE_MS)) return { kind: 'unverified', reason: 'stale_book' };
  if ([buy, sell].some(({ bid, ask }) => decimal(bid).lte(0) || decimal(bid).gt(ask))) return { kind: 'unverified', reason: 'crossed_book' };
  const paid = decimal(buy.ask).div(cheap.multiplier);
  const live = decimal(sell.bid).div(dear.multiplier).minus(paid).div(paid).times(100);
  return heldAgainst(live, claimed);
}

/**
 * Whether `rates`, in the order of the claim's legs, bear a claim of funding out. A rate is counted in the interval that the post names for it,
 * and in its own where the post names none.
 */
export function confirmRates(claim: ArbitrageClaim, rates: readonly [LegRate | null, LegRate | null], now: number): Confirmation {
  const [long, short] = rates;
  const claimed = claim.recomputedSpread;
  if (claim.state === 'closed' || claimed === null) return { kind: 'unverified', reason: 'no_prices' };
  if (long === null || short === null) return { kind: 'unverified', reason: 'no_rate' };
  if ([long, short].some(({ seenAt }) => now - seenAt > MAX_RATE_AGE_MS)) return { kind: 'unverified', reason: 'stale_rate' };
  const [paid, received] = [asWritten(long, claim.legs[0]), asWritten(short, claim.legs[1])];
  return heldAgainst(received.minus(paid), claimed);
}

function asWritten({ ratePercent, intervalHours }: LegRate, { fundingHours }: PostLeg): Decimal {
  const rate = decimal(ratePercent);
  return fundingHours === null ? rate : rate.times(fundingHours).div(intervalHours);
}

function heldAgainst(live: Decimal, claimed: DecimalString): Confirmation {
  const isTrue = live.gt(0) && live.gte(decimal(claimed).times(MIN_SHARE_LEFT));
  return { kind: isTrue ? 'confirmed' : 'refuted', liveSpread: plain(live.toDecimalPlaces(SPREAD_PLACES)) };
}

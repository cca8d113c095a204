/**
 * What a claim of a post is worth by live books: the same figures that scanners tell, made of the books alone. Of the post only what is
 * bought and sold where is taken; its numbers appear in no signal.
 */
import { Decimal, plain } from '../money.ts';
import type { Text } from '../params.ts';
import { identityOf } from '../signals/identity.ts';
import type { Depth, Listing } from '../signals/market-scan.ts';
import { percentDown, percentUp, priceText, quoteDown } from '../signals/percent.ts';
import type { Signal, SignalExit, SignalIdentity, SignalLeg, SignalWarning } from '../signals/signal.ts';
import { grossOf, type LegMarket, largestSize, netAtSize, type OtherCosts, roomOf } from '../signals/spread.ts';
import { IMPLAUSIBLE } from '../signals/write-signal.ts';
import { confirmClaim, type LegBook } from './confirm-claim.ts';
import type { ArbitrageClaim, PostLeg } from './post.ts';

/** The book of one leg as it was read, prices for one coin. */
export interface ClaimBook {
  readonly listing: Listing;
  readonly depth: Depth;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

/** Figures after costs are for this much of the quote coin. */
export const CLAIM_SIZE_QUOTE = 100;
const SIZES: readonly number[] = [100, 500, 1_000, 5_000, 10_000];
/** Name of the scanner that signals out of posts carry. */
export const POST_SCANNER = 'post';
/** What stands for the title of a scanner. */
export const POST_TITLE: Text = { en: 'From a post of your sources, confirmed by live books', ru: 'Из поста вашего источника, подтверждён живыми стаканами' };
/** On the bus: a signal out of a post has changed; the store says which and how. */
export const POST_SIGNALS_TOPIC = 'post_signals';

export type ClaimVerdict =
  | { readonly status: 'confirmed'; readonly liveSpread: string; readonly signal: Signal }
  | { readonly status: 'refuted' | 'unverified'; readonly liveSpread: string | null; readonly reason: string };

/** Holds the claim against the books. `before` is the signal it was at the last look, which keeps its id, opening and peak. */
export function judgeClaim(
  claim: ArbitrageClaim,
  books: readonly [ClaimBook | null, ClaimBook | null],
  { now, id, before }: { readonly now: number; readonly id: string; readonly before: Signal | null },
): ClaimVerdict {
  const [buy, sell] = books;
  const asked = [buy, sell].map((book, index) => legBook(book, claim.legs[index])) as [LegBook | null, LegBook | null];
  const confirmation = confirmClaim(claim, asked, now);
  if (confirmation.kind === 'unverified') return { status: 'unverified', liveSpread: null, reason: confirmation.reason };
  const { liveSpread } = confirmation;
  if (confirmation.kind === 'refuted') return { status: 'refuted', liveSpread, reason: 'spread_gone' };
  if (buy === null || sell === null) return { status: 'unverified', liveSpread, reason: 'no_book' };
  const identity = identityOf(identityLeg(buy.listing), identityLeg(sell.listing));
  if (identity.status === 'conflict') return { status: 'refuted', liveSpread, reason: 'other_token' };
  const signal = signalOf(claim, [buy, sell], identity, { now, id, before });
  return signal === null ? { status: 'unverified', liveSpread, reason: 'thin_book' } : { status: 'confirmed', liveSpread, signal };
}

function legBook(book: ClaimBook | null, leg: PostLeg | undefined): LegBook | null {
  const [bid = 0, ask = 0] = [book?.depth.bids[0], book?.depth.asks[0]];
  if (book === null || leg === undefined || bid <= 0 || ask <= 0) return null;
  // The post counts in units of so many coins.
  const perUnit = (price: number): string => plain(new Decimal(price).times(leg.multiplier));
  return { bid: perUnit(bid), ask: perUnit(ask), seenAt: book.readAt };
}

function identityLeg({ venue, market, contracts }: Listing) {
  return { name: `${venue} ${market}`, contracts, referencePrice: null, isIndex: false };
}

function marketOf({ listing, depth }: ClaimBook): LegMarket {
  return { bid: depth.bids[0] ?? 0, ask: depth.asks[0] ?? 0, bids: depth.bids, asks: depth.asks, feeRate: listing.takerFeeRate };
}

function signalOf(
  claim: ArbitrageClaim,
  books: readonly [ClaimBook, ClaimBook],
  identity: SignalIdentity,
  { now, id, before }: { readonly now: number; readonly id: string; readonly before: Signal | null },
): Signal | null {
  const [buy, sell] = [marketOf(books[0]), marketOf(books[1])];
  const exit: SignalExit = claim.strategy === 'spot_futures' ? 'convergence' : 'transfer';
  const costs = costsOf(books, exit, buy.ask);
  const netAt = (quote: number): number => netAtSize(buy, sell, exit, quote, 0, costs).net;
  const figures = netAtSize(buy, sell, exit, CLAIM_SIZE_QUOTE, 0, costs);
  const room = roomOf(buy, sell, exit);
  if (!Number.isFinite(figures.net) || !Number.isFinite(room)) return null;
  const floor = costs.fixed > 0 ? Math.min(room, CLAIM_SIZE_QUOTE) : 0;
  const largest = largestSize(room, 0, (quote) => netAt(Math.max(quote, floor)));
  const gross = grossOf(buy, sell);
  const netPercent = percentDown(figures.net);
  const isPeak = before === null || figures.net * 100 >= Number(before.peakNetPercent);
  const openedAt = before?.openedAt ?? now;
  const ages = books.map(({ readAt }) => now - readAt);
  return {
    ...{ id, version: (before?.version ?? 0) + 1, key: `${POST_SCANNER} ${id}`, scanner: POST_SCANNER, strategy: claim.strategy, base: claim.base },
    ...{ quote: books[0].listing.quote, direction: 'forward', exit, state: 'open' },
    quarantine: gross.entry > IMPLAUSIBLE && identity.status !== 'proven' ? 'implausible' : null,
    legs: [legOf(books[0], 'buy', now), legOf(books[1], 'sell', now)],
    entryPercent: percentDown(gross.entry),
    exitPercent: percentDown(gross.exit),
    exitBasisPercent: percentUp(gross.exitBasis),
    oppositeEntryPercent: percentDown(gross.oppositeEntry),
    netPercent,
    netQuote: quoteDown(figures.net * CLAIM_SIZE_QUOTE),
    feesPercent: percentUp(figures.fees),
    sizeQuote: String(CLAIM_SIZE_QUOTE),
    maxSizeQuote: quoteDown(largest.quote),
    isMaxSizeBound: largest.isBound,
    bySize: SIZES.map((size) => {
      const net = netAt(size);
      return { sizeQuote: String(size), netPercent: Number.isFinite(net) ? percentDown(net) : null };
    }),
    thresholdPercent: '0',
    funding: null,
    identity,
    warnings: warningsOf(books, exit, identity),
    ...{ openedAt, closedAt: null, closeReason: null, paidPercent: null, updatedAt: now, ageMs: Math.max(...ages) },
    peakNetPercent: isPeak ? netPercent : before.peakNetPercent,
    peakAt: isPeak ? now : before.peakAt,
    averageNetPercent: netPercent,
  };
}

/** The signal when it is over. */
export function closedSignal(signal: Signal, closeReason: 'spread_gone' | 'stale', now: number): Signal {
  return { ...signal, version: signal.version + 1, state: 'closed', closedAt: now, closeReason };
}

function costsOf([buy, sell]: readonly [ClaimBook, ClaimBook], exit: SignalExit, price: number): OtherCosts {
  const withdrawal = exit === 'transfer' ? Number(buy.listing.transfer?.withdrawFee ?? 0) * price : 0;
  return { fixed: buy.listing.fixedCost + sell.listing.fixedCost + withdrawal, share: 0 };
}

function legOf({ listing, depth, readAt }: ClaimBook, side: 'buy' | 'sell', now: number): SignalLeg {
  return {
    ...{ venue: listing.venue, market: listing.market, symbol: listing.symbol, pool: listing.pool, side, multiplier: listing.multiplier },
    bid: priceText(depth.bids[0] ?? 0),
    ask: priceText(depth.asks[0] ?? 0),
    feePercent: percentUp(listing.takerFeeRate),
    ...{ priceAgeMs: now - readAt, depthAgeMs: now - readAt, isStale: false },
    contract: listing.contracts[0] ?? null,
    transfer: listing.transfer,
    funding: null,
  };
}

function warningsOf([buy, sell]: readonly [ClaimBook, ClaimBook], exit: SignalExit, identity: SignalIdentity): readonly SignalWarning[] {
  const found = new Set<SignalWarning>();
  if (exit === 'transfer') {
    const canMove = [buy.listing.transfer?.canWithdraw ?? null, sell.listing.transfer?.canDeposit ?? null];
    if (canMove.includes(false)) found.add('transfer_closed');
    else if (canMove.includes(null)) found.add('transfer_unknown');
    if ((buy.listing.transfer?.withdrawFee ?? null) === null) found.add('withdrawal_fee_unknown');
  }
  if ([buy, sell].some(({ listing }) => listing.market === 'futures')) found.add('funding_unknown');
  if (buy.listing.market === 'futures' && exit === 'convergence') found.add('needs_inventory');
  if (identity.status === 'unknown') found.add('identity_unknown');
  return [...found];
}

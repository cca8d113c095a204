/**
 * What a claim of a post is worth by what the venues say now: the same figures that scanners tell, worked out by their own arithmetic. Of the
 * post only what is bought and sold where is taken; its numbers appear in no signal.
 */
import { Decimal, plain } from '../money.ts';
import type { Text } from '../params.ts';
import { ListingBoard } from '../signals/listing-board.ts';
import { LiveSignal } from '../signals/live-signal.ts';
import type { Depth, FundingNews, Listing } from '../signals/market-scan.ts';
import type { Scanner } from '../signals/scanner.ts';
import type { Signal } from '../signals/signal.ts';
import { SlotView } from '../signals/slot-view.ts';
import { Slots } from '../signals/slots.ts';
import { writeSignal } from '../signals/write-signal.ts';
import { type Confirmation, confirmClaim, confirmRates, type LegBook, type LegRate } from './confirm-claim.ts';
import type { ArbitrageClaim, PostLeg } from './post.ts';

/** One leg as it was read: its book with prices for one coin, and the coming funding of a perpetual where that is known. */
export interface ClaimBook {
  readonly listing: Listing;
  readonly depth: Depth;
  /** Milliseconds since 1970. */
  readonly readAt: number;
  readonly funding: { readonly news: FundingNews; readonly readAt: number } | null;
}

/** Figures after costs are for this much of the quote coin. */
export const CLAIM_SIZE_QUOTE = 100;
/** Name of the scanner that signals out of posts carry. */
export const POST_SCANNER = 'post';
/** What stands for the title of a scanner. */
export const POST_TITLE: Text = { en: 'From a post of your sources, confirmed by live books', ru: 'Из поста вашего источника, подтверждён живыми стаканами' };
/** On the bus: a signal out of a post has changed; the store says which and how. */
export const POST_SIGNALS_TOPIC = 'post_signals';

export type ClaimVerdict =
  | { readonly status: 'confirmed'; readonly liveSpread: string; readonly signal: Signal }
  | { readonly status: 'refuted' | 'unverified'; readonly liveSpread: string | null; readonly reason: string };

export interface ClaimLook {
  readonly now: number;
  /** Of the result that has the claim, and of its signal. */
  readonly id: string;
  /** The signal that it was at the last look, which keeps its opening and peak. */
  readonly before: Signal | null;
  /** Whose arithmetic it is: one that looks for what the claim is about. */
  readonly scanner: Scanner;
}

/** Holds the claim against both legs as they are. */
export function judgeClaim(claim: ArbitrageClaim, books: readonly [ClaimBook | null, ClaimBook | null], look: ClaimLook): ClaimVerdict {
  const [buy, sell] = books;
  const confirmation = confirmed(claim, books, look.now);
  if (confirmation.kind === 'unverified') return { status: 'unverified', liveSpread: null, reason: confirmation.reason };
  const { liveSpread } = confirmation;
  if (confirmation.kind === 'refuted') return { status: 'refuted', liveSpread, reason: 'spread_gone' };
  if (buy === null || sell === null) return { status: 'unverified', liveSpread, reason: 'no_book' };
  // Of concentrated liquidity the price is known, and what a size gets is not.
  if (![buy, sell].every(({ listing }) => listing.isQuotable)) return { status: 'unverified', liveSpread, reason: 'unquotable_pool' };
  const signal = signalOf(claim, [buy, sell], look);
  if (signal?.identity.status === 'conflict') return { status: 'refuted', liveSpread, reason: 'other_token' };
  return signal === null ? { status: 'unverified', liveSpread, reason: 'thin_book' } : { status: 'confirmed', liveSpread, signal };
}

/** The signal when it is over. */
export function closedSignal(signal: Signal, closeReason: 'spread_gone' | 'stale', now: number): Signal {
  return { ...signal, version: signal.version + 1, state: 'closed', closedAt: now, closeReason };
}

function confirmed(claim: ArbitrageClaim, books: readonly [ClaimBook | null, ClaimBook | null], now: number): Confirmation {
  const [buy, sell] = books;
  const [cheap, dear] = claim.legs;
  return claim.strategy === 'funding'
    ? confirmRates(claim, [rateOf(buy), rateOf(sell)], now)
    : confirmClaim(claim, [legBook(buy, cheap), legBook(sell, dear)], now);
}

function legBook(book: ClaimBook | null, leg: PostLeg): LegBook | null {
  const [bid = 0, ask = 0] = [book?.depth.bids[0], book?.depth.asks[0]];
  if (book === null || bid <= 0 || ask <= 0) return null;
  // The post counts in units of so many coins.
  const perUnit = (price: number): string => plain(new Decimal(price).times(leg.multiplier));
  return { bid: perUnit(bid), ask: perUnit(ask), seenAt: book.readAt };
}

function rateOf(book: ClaimBook | null): LegRate | null {
  if (book === null || book.funding === null) return null;
  const { news, readAt } = book.funding;
  return { ratePercent: plain(new Decimal(news.rate).times(100)), intervalHours: news.intervalHours, seenAt: readAt };
}

/** `null` where the books end before the size. */
function signalOf(claim: ArbitrageClaim, books: readonly [ClaimBook, ClaimBook], { now, id, before, scanner }: ClaimLook): Signal | null {
  const board = boardOf(books, now);
  const rules = { ...scanner.rules, sizeQuote: CLAIM_SIZE_QUOTE, openAt: 0 };
  const pair = books.map(({ listing }) => listing) as [Listing, Listing];
  const slots = new Slots(board, [{ ...scanner, name: POST_SCANNER, rules, pairs: () => [pair] }]);
  const view = new SlotView(board, slots);
  const figures = view.compute(FORWARD, now);
  if (!Number.isFinite(figures.net)) return null;
  const live = new LiveSignal(FORWARD, `${POST_SCANNER} ${id}`, now);
  live.open(id, figures, [0, 0], now);
  const signal = writeSignal({ live, view, now });
  const isPeak = before === null || Number(signal.netPercent) >= Number(before.peakNetPercent);
  return {
    ...signal,
    ...{ key: live.key, base: claim.base, version: (before?.version ?? 0) + 1, openedAt: before?.openedAt ?? now },
    ...(isPeak ? { peakNetPercent: signal.netPercent, peakAt: now } : { peakNetPercent: before.peakNetPercent, peakAt: before.peakAt }),
    averageNetPercent: signal.netPercent,
  };
}

/** The first direction of the only pair: as the claim buys and sells. */
const FORWARD = 0;

function boardOf(books: readonly [ClaimBook, ClaimBook], now: number): ListingBoard {
  const board = new ListingBoard(
    books.map(({ listing }) => listing),
    null,
  );
  for (const [index, { depth, readAt, funding }] of books.entries()) {
    const [bid = 0, bidSize = 0, ask = 0, askSize = 0] = [depth.bids[0], depth.bids[1], depth.asks[0], depth.asks[1]];
    board.setTop(index, bid, bidSize, ask, askSize, readAt);
    board.setDepth(index, depth, readAt);
    if (funding !== null) board.setFunding(index, funding.news, Math.min(funding.readAt, now));
  }
  return board;
}

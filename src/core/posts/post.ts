/** What a post of a channel is, and what can be read out of it: claims, each of them unverified, or refusals that say why. */
import type { DecimalString } from '../money.ts';

/** Longest text that is read, in UTF-16 units; Telegram's own limit is a quarter of it. */
export const MAX_POST_LENGTH = 16_384;

/** Most events that one post may tell; a longer list is refused whole. */
export const MAX_POST_EVENTS = 20;

/** Prices of one part of a post so many times apart are a slip of the pen, or of another coin. */
export const MAX_DISTANCE = 5;

/** A marked stretch of the text; offsets count UTF-16 units, as Telegram's do. */
export interface PostEntity {
  readonly kind: string;
  readonly offset: number;
  readonly length: number;
}

/** One version of a message as it arrived. */
export interface Post {
  readonly messageId: string;
  /** 0 as first written; the time of the edit in seconds for every later version. */
  readonly edit: number;
  readonly text: string;
  readonly entities?: readonly PostEntity[];
  /** The message this one answers: an update without a ticker belongs to that one's call. */
  readonly replyTo?: string;
}

/** A coin as the post names it; `multiplier` counts coins in one unit, as in 1000PEPE. `quote` is null where the post leaves it out. */
export interface PostInstrument {
  readonly base: string;
  readonly quote: string | null;
  readonly multiplier: number;
}

export type PostMarket = 'spot' | 'futures' | 'dex';
export type PostSide = 'long' | 'short';

/** Where one half of an arbitrage trades; `price` is for one unit of the instrument as written, `multiplier` coins. */
export interface PostLeg {
  readonly venue: string;
  readonly market: PostMarket;
  readonly multiplier: number;
  readonly price: DecimalString | null;
  /** Funding rate per interval in percent. */
  readonly fundingPercent: DecimalString | null;
  readonly fundingHours: number | null;
  readonly side: 'buy' | 'sell' | null;
}

/** A claimed difference between two places. Spreads are percent of the cheaper price, or percentage points of funding. */
export interface ArbitrageClaim {
  readonly kind: 'arbitrage';
  readonly strategy: 'spot_futures' | 'cross_venue' | 'cex_dex' | 'funding';
  readonly state: 'open' | 'closed';
  readonly base: string;
  readonly quote: string | null;
  readonly legs: readonly [PostLeg, PostLeg];
  readonly statedSpread: DecimalString | null;
  /** From the prices or rates of the post itself, rounded to 4 places. */
  readonly recomputedSpread: DecimalString | null;
  /** Stated and recomputed differ by more than rounding explains. */
  readonly hasGap: boolean;
  readonly contract: string | null;
  readonly status: 'unverified';
}

export type CallEntry =
  | { readonly kind: 'market' }
  | { readonly kind: 'prices'; readonly prices: readonly DecimalString[] }
  /** Two prices with a dash; a zone only where the post says so, otherwise the author may mean two orders. */
  | { readonly kind: 'range'; readonly low: DecimalString; readonly high: DecimalString; readonly isZone: boolean }
  | { readonly kind: 'above' | 'below'; readonly price: DecimalString };

/** A level as a price, or as a distance from the entry in percent, unsigned. */
export type CallLevel = { readonly price: DecimalString } | { readonly percent: DecimalString };

/** A call to open a position. */
export interface TradeCall {
  readonly kind: 'call';
  readonly instrument: PostInstrument;
  readonly side: PostSide;
  readonly market: 'spot' | 'futures' | null;
  readonly venues: readonly string[];
  readonly entry: CallEntry;
  readonly targets: readonly CallLevel[];
  /** Percent of the position to close at each target; null where the post does not divide all of it. */
  readonly shares: readonly DecimalString[] | null;
  readonly stop: CallLevel | null;
  readonly leverage: { readonly min: number; readonly max: number } | null;
  readonly margin: 'cross' | 'isolated' | null;
  readonly status: 'unverified';
}

export type CallChange =
  | { readonly kind: 'target_reached'; readonly target: number }
  | { readonly kind: 'stop_moved'; readonly to: DecimalString | 'entry' }
  | { readonly kind: 'stop_reached' }
  | { readonly kind: 'cancelled' }
  /** Close the position, or so many percent of it. */
  | { readonly kind: 'close'; readonly percent: DecimalString };

/** A change to an earlier call: of `instrument`, or of the message `replyTo`; at least one is known. */
export interface CallUpdate {
  readonly kind: 'update';
  readonly instrument: PostInstrument | null;
  readonly replyTo: string | null;
  readonly change: CallChange;
  readonly status: 'unverified';
}

export type PostEvent = ArbitrageClaim | TradeCall | CallUpdate;

/** Why a post, or a part of it, is not read as a signal. */
export const REFUSALS = [
  'empty',
  'too_long',
  'too_many',
  'hostile_text',
  'advert',
  'past_result',
  'speculation',
  'negated',
  'no_signal',
  'no_instrument',
  'two_instruments',
  'no_side',
  'two_sides',
  'incomplete',
  'ambiguous_number',
  'unread_number',
  'unread_words',
  'contradiction',
  'two_readings',
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

/** `detail` quotes what stood in the way, shortened; it is text of strangers. */
export interface PostRefusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** What one version of a post says, in the order of the text; never empty. */
export interface PostReading {
  readonly messageId: string;
  readonly edit: number;
  readonly results: readonly (PostEvent | PostRefusal)[];
}

const MAX_DETAIL_LENGTH = 80;

export function refused(reason: RefusalReason, detail = ''): PostRefusal {
  return { kind: 'refused', reason, detail: detail.slice(0, MAX_DETAIL_LENGTH) };
}

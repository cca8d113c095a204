/**
 * What scanners are fed with: everything that can be compared, and its prices, books and funding, read in bulk. Prices are for one
 * coin, sizes in coins, whatever units the place counts in. Doubles: nothing here is traded on, and what is shown is rounded against
 * the reader. Types only.
 */
import type { DecimalString } from '../money.ts';
import type { PostMarket } from '../posts/post.ts';
import type { TokenContract, TransferState } from './signal.ts';

/** One network on which a coin can be moved to and from a place. */
export interface CoinNetwork {
  /** By the one name that it has everywhere. */
  readonly chain: string;
  readonly canDeposit: boolean;
  readonly canWithdraw: boolean;
  /** In the coin; `null` where it is not told, or is a share of what is moved. */
  readonly withdrawFee: DecimalString | null;
}

/** One instrument or pool that may be a leg. */
export interface Listing {
  /** Venue, market and symbol or pool; the same at every reading. */
  readonly key: string;
  readonly venue: string;
  readonly market: PostMarket;
  readonly symbol: string;
  /** The coin itself, in capitals: PEPE for 1000PEPE. */
  readonly base: string;
  readonly quote: string;
  readonly multiplier: number;
  /** A share, such as 0.0005. */
  readonly takerFeeRate: number;
  /** The token, on each network where it is known; `chain` is empty where the place names an address without one. */
  readonly contracts: readonly TokenContract[];
  readonly transfer: TransferState | null;
  /** Each network of the coin there; absent where they are not known. */
  readonly networks?: readonly CoinNetwork[];
  /** Of a pool: itself. */
  readonly pool: TokenContract | null;
  /** Whether depth can be known at all: concentrated pools do not show theirs. */
  readonly isQuotable: boolean;
  /** What a trade costs beside its fee, in the quote coin, such as gas. */
  readonly fixedCost: number;
  /** Prices older than this count for nothing. */
  readonly staleAfterMs: number;
}

/** Best prices. A size of 0 is not known. */
export interface Top {
  readonly key: string;
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/** Levels, best first: price, size, price, size… */
export interface Depth {
  readonly bids: Float64Array;
  readonly asks: Float64Array;
}

/** The upcoming settlement of a perpetual. */
export interface FundingNews {
  readonly key: string;
  /** A share for one settlement; longs pay shorts when positive. */
  readonly rate: number;
  readonly intervalHours: number;
  /** Milliseconds since 1970. */
  readonly nextAt: number;
  readonly maxRate: number | null;
  readonly minRate: number | null;
  /** What the venue takes to be the price elsewhere, of one coin; tells tokens of one name apart. */
  readonly indexPrice: number | null;
}

/** Rows of one reading. Those that make no sense are left out and counted. */
export interface Reading<Row> {
  readonly rows: readonly Row[];
  readonly unreadable: number;
}

/** What is read of a venue in bulk, none of it needing an account. Every question may throw PortError. */
export interface MarketScan {
  /**
   * Asked again now and then: what is listed, fees, transfers. Of a market that cannot be asked at present it has what was known before, and
   * `problem` is the PortError that stood in the way.
   */
  listings(): Promise<{ readonly listings: readonly Listing[]; readonly problem: Error | null }>;
  /** What can be read at once, each in its own time. */
  readonly tops: Readonly<Partial<Record<'spot' | 'futures', (listed: ReadonlyMap<string, Listing>) => Promise<Reading<Top>>>>>;
  /** With the intervals as they are now. */
  readonly fundings?: (listed: ReadonlyMap<string, Listing>) => Promise<Reading<FundingNews>>;
  depth(listing: Listing): Promise<Depth>;
}

/** Names a listing. */
export function listingKey(venue: string, market: PostMarket, symbol: string): string {
  return `${venue} ${market} ${symbol}`;
}

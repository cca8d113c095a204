/** An engine with listings that a test names, prices that it sets and time that it moves. */
import { type Depth, type FundingNews, type Listing, listingKey } from './market-scan.ts';
import type { OutcomeNews } from './outcomes.ts';
import type { Scanner } from './scanner.ts';
import type { Signal } from './signal.ts';
import { type EngineNews, SignalEngine } from './signal-engine.ts';

export const NOW = 1_790_000_000_000;

export function aListing(venue: string, market: Listing['market'], change: Partial<Listing> = {}): Listing {
  const symbol = market === 'futures' ? 'ABC/USDT:USDT' : 'ABC/USDT';
  return {
    ...{ key: listingKey(venue, market, symbol), venue, market, symbol, base: 'ABC', quote: 'USDT', multiplier: 1, takerFeeRate: 0, contracts: [] },
    ...{ transfer: null, pool: null, isQuotable: true, fixedCost: 0, staleAfterMs: 10_000, ...change },
  };
}

/** One level a side, as deep as given. */
export function aDepth(bid: number, ask: number, size = 1_000_000): Depth {
  return { bids: Float64Array.from([bid, size]), asks: Float64Array.from([ask, size]) };
}

export class EngineRig {
  readonly news: EngineNews[] = [];
  readonly outcomes: OutcomeNews[] = [];
  readonly engine: SignalEngine;
  now = NOW;
  #ids = 0;

  constructor(scanner: Scanner, listings: readonly Listing[]) {
    this.engine = new SignalEngine({
      scanners: [scanner],
      newId: () => `s${++this.#ids}`,
      onNews: (news) => this.news.push(news),
      onOutcome: (outcome) => this.outcomes.push(outcome),
    });
    this.engine.setListings(listings, this.now);
  }

  get last(): Signal {
    const news = this.news.at(-1);
    if (news === undefined) throw new Error('nothing was told');
    return news.signal;
  }

  get changes(): readonly string[] {
    return this.news.map(({ change }) => change);
  }

  pass(ms: number): void {
    this.now += ms;
    this.engine.sweep(this.now);
  }

  /** Prices and a deep book of a listing. */
  set({ key }: Listing, bid: number, ask: number, size?: number): void {
    const index = this.engine.indexOf(key);
    this.engine.depth(index, aDepth(bid, ask, size), this.now);
    this.engine.top(index, bid, 0, ask, 0, this.now);
  }

  /** Best prices alone. */
  top({ key }: Listing, bid: number, ask: number, size = 0): void {
    this.engine.top(this.engine.indexOf(key), bid, size, ask, size, this.now);
  }

  fund({ key }: Listing, change: Partial<FundingNews> = {}): void {
    const news = { key, rate: 0.0001, intervalHours: 8, nextAt: this.now + 4 * 3_600_000, maxRate: null, minRate: null, indexPrice: 1, ...change };
    this.engine.funding(this.engine.indexOf(key), news, this.now);
  }

  /** Says again what is known, so that it does not grow old. */
  keep(...prices: readonly (readonly [Listing, number, number])[]): void {
    for (const [listing, bid, ask] of prices) this.set(listing, bid, ask);
  }
}

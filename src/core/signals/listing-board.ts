/** What is known of every listing at this moment, in columns: the newest prices, depth and funding, and when each arrived. */
import type { Depth, FundingNews, Listing, Top } from './market-scan.ts';

/** Depth older than this says nothing any more. */
export const MAX_DEPTH_AGE_MS = 20_000;
/** Funding that was told longer ago than this, or whose settlement is over by as much, counts for nothing. */
export const MAX_FUNDING_AGE_MS = 300_000;

/** A perpetual's funding, and how its interval has changed while we looked. */
export interface FundingState extends FundingNews {
  readonly at: number;
  readonly changedAt: number | null;
  readonly hoursBefore: number | null;
}

export class ListingBoard {
  readonly listings: readonly Listing[];
  readonly bid: Float64Array;
  readonly bidSize: Float64Array;
  readonly ask: Float64Array;
  readonly askSize: Float64Array;
  /** When the newest price arrived; 0 before. */
  readonly topAt: Float64Array;
  readonly depthAt: Float64Array;
  readonly depth: (Depth | null)[];
  readonly funding: (FundingState | null)[];
  /** Rates of all settlements that have passed, summed. */
  readonly settled: Float64Array;
  readonly #indices: ReadonlyMap<string, number>;

  /** Takes over what an earlier board knows of listings that are still there. */
  constructor(listings: readonly Listing[], before: ListingBoard | null) {
    this.listings = listings;
    this.#indices = new Map(listings.map(({ key }, index) => [key, index]));
    const column = (fill = 0): Float64Array => new Float64Array(listings.length).fill(fill);
    // Nobody sells below infinity, and nobody buys above zero: without prices there is no spread.
    [this.bid, this.bidSize, this.ask, this.askSize] = [column(), column(), column(Number.POSITIVE_INFINITY), column()];
    [this.topAt, this.depthAt, this.settled] = [column(), column(), column()];
    this.depth = listings.map(() => null);
    this.funding = listings.map(() => null);
    if (before !== null) for (const [index, { key }] of listings.entries()) this.#take(index, before, before.indexOf(key));
  }

  /** `-1` for what is not listed. */
  indexOf(key: string): number {
    return this.#indices.get(key) ?? -1;
  }

  /** A book whose sides cross is no book: `false`, and what was known is forgotten. */
  setTop(index: number, bid: number, bidSize: number, ask: number, askSize: number, at: number): boolean {
    const isSound = bid > 0 && ask >= bid && ask < Number.POSITIVE_INFINITY;
    this.bid[index] = isSound ? bid : 0;
    this.ask[index] = isSound ? ask : Number.POSITIVE_INFINITY;
    this.bidSize[index] = bidSize;
    this.askSize[index] = askSize;
    this.topAt[index] = at;
    return isSound;
  }

  setDepth(index: number, depth: Depth, at: number): void {
    const isSound = depth.bids.length > 0 && depth.asks.length > 0 && (depth.bids[0] as number) <= (depth.asks[0] as number);
    this.depth[index] = isSound ? depth : null;
    this.depthAt[index] = at;
  }

  setFunding(index: number, news: FundingNews, at: number): void {
    const known = this.funding[index] ?? null;
    if (known !== null && news.nextAt > known.nextAt && at >= known.nextAt) this.#settle(index, known.rate);
    const hasChanged = known !== null && known.intervalHours !== news.intervalHours;
    this.funding[index] = {
      ...news,
      at,
      changedAt: hasChanged ? at : (known?.changedAt ?? null),
      hoursBefore: hasChanged ? known.intervalHours : (known?.hoursBefore ?? null),
    };
  }

  /** Funding that may be counted with; `null` where there is none, or it is too old. */
  fundingOf(index: number, now: number): FundingState | null {
    const known = this.funding[index] ?? null;
    return known === null || now - known.at > MAX_FUNDING_AGE_MS || now - known.nextAt > MAX_FUNDING_AGE_MS ? null : known;
  }

  /** Depth that may be counted with. */
  depthOf(index: number, now: number): Depth | null {
    return now - (this.depthAt[index] as number) > MAX_DEPTH_AGE_MS ? null : (this.depth[index] ?? null);
  }

  isStale(index: number, now: number): boolean {
    const listing = this.listings[index];
    return listing === undefined || now - (this.topAt[index] as number) > listing.staleAfterMs;
  }

  top(index: number): Top {
    const { key = '' } = this.listings[index] ?? {};
    const at = (column: Float64Array): number => column[index] as number;
    return { key, bid: at(this.bid), bidSize: at(this.bidSize), ask: at(this.ask), askSize: at(this.askSize) };
  }

  #settle(index: number, rate: number): void {
    this.settled[index] = (this.settled[index] as number) + rate;
  }

  #take(index: number, before: ListingBoard, from: number): void {
    if (from < 0) return;
    for (const column of ['bid', 'bidSize', 'ask', 'askSize', 'topAt', 'depthAt', 'settled'] as const) this[column][index] = before[column][from] as number;
    this.depth[index] = before.depth[from] ?? null;
    this.funding[index] = before.funding[from] ?? null;
  }
}

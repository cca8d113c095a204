/** What is read of one venue: its list now and then, best prices of each market all the time, funding with its intervals. */
import type { Clock, Log } from '#core/ports.ts';
import type { Depth, FundingNews, Listing, MarketScan, Top } from '#core/signals/market-scan.ts';
import { FeedLoop, type FeedStanding } from './feed-loop.ts';
import type { NetworkOverlay } from './networks/network-reader.ts';

const LISTINGS_MS = 600_000;
export const TOPS_MS = 2_000;
export const FUNDINGS_MS = 30_000;

/** Where what was read goes. */
export interface FeedSink {
  /** What all feeds list. */
  listed(): readonly Listing[];
  listings(source: string, listings: readonly Listing[]): void;
  /** `at` is when they were asked for: an answer that took its time is as old as the question. */
  tops(tops: readonly Top[], at: number): void;
  fundings(fundings: readonly FundingNews[], at: number): void;
  /** Of a place whose depth comes with its prices. */
  depth(key: string, depth: Depth, at: number): void;
}

export interface VenueFeedOptions {
  readonly venue: string;
  readonly scan: MarketScan;
  /** Of a venue that tells networks of coins to holders of a key alone. */
  readonly networks?: NetworkOverlay | null;
  readonly sink: FeedSink;
  readonly clock: Clock;
  readonly log: Log;
}

/** A source of listings and prices. */
export interface SignalFeed {
  readonly name: string;
  start(): void;
  close(): Promise<void>;
  standing(): readonly FeedStanding[];
}

export class VenueFeed implements SignalFeed {
  readonly name: string;
  readonly #loops: readonly FeedLoop[];
  readonly #parts: VenueFeedOptions;
  #listed: ReadonlyMap<string, Listing> = new Map();
  #isReading = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: VenueFeedOptions) {
    this.name = options.venue;
    this.#parts = options;
    const { scan, sink, clock } = options;
    const loop = (what: string, everyMs: number, read: () => Promise<number>): FeedLoop =>
      new FeedLoop({ ...options, name: `${options.venue} ${what}`, everyMs, read });
    const { fundings } = scan;
    const listings = loop('list', LISTINGS_MS, () => this.#list());
    const prices = (['spot', 'futures'] as const).flatMap((market) => {
      const read = scan.tops[market];
      if (read === undefined) return [];
      return loop(`${market} prices`, TOPS_MS, async () => {
        const at = clock.now();
        const { rows, unreadable } = await read(this.#listed);
        sink.tops(rows, at);
        return unreadable;
      });
    });
    const rates =
      fundings === undefined
        ? []
        : [
            loop('funding', FUNDINGS_MS, async () => {
              const at = clock.now();
              const { rows, unreadable } = await fundings(this.#listed);
              sink.fundings(rows, at);
              return unreadable;
            }),
          ];
    this.#loops = [listings, ...prices, ...rates];
  }

  /** The list first: without it no row can be told apart. */
  start(): void {
    this.#loops[0]?.start();
    this.#unsubscribe = this.#parts.networks?.onChange(() => this.#show()) ?? this.#unsubscribe;
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(this.#loops.map((loop) => loop.close()));
  }

  standing(): readonly FeedStanding[] {
    return this.#loops.map(({ standing }) => standing);
  }

  #show(): void {
    const { sink, networks } = this.#parts;
    const listings = [...this.#listed.values()];
    // Before the first list there is nothing to show.
    if (listings.length > 0) sink.listings(this.name, networks?.over(listings) ?? listings);
  }

  async #list(): Promise<number> {
    const { listings, problem } = await this.#parts.scan.listings();
    this.#listed = new Map(listings.map((listing) => [listing.key, listing]));
    this.#show();
    if (!this.#isReading) for (const loop of this.#loops.slice(1)) loop.start();
    this.#isReading = true;
    // What is known is told; that something is missing is a failure all the same, and asked for again soon.
    if (problem !== null) throw problem;
    return 0;
  }
}

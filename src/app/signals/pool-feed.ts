/** Finds pools of the coins that MEXC lists, one coin after another, and reads the prices of those found; a second service stands in where the first is silent. */
import type { Clock, Log } from '#core/ports.ts';
import type { Listing } from '#core/signals/market-scan.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { FeedLoop, type FeedStanding } from './feed-loop.ts';
import { PoolBook } from './pool-book.ts';
import type { FeedSink, SignalFeed } from './venue-feed.ts';

/** One search a second: a fifth of what the service grants. */
export const SEARCH_MS = 1_000;
/** What was looked for is looked for again after this. */
const SEARCH_AGAIN_MS = 6 * 3_600_000;
/** Requests of prices are this far apart, and a pool is not asked about more often than that. */
export const PRICES_MS = 400;
export const PRICE_EVERY_MS = 10_000;
/** A pool that the first service has not told of for so long is asked for at the second. */
export const STAND_IN_AFTER_MS = 25_000;
export const STAND_IN_MS = 3_000;

export interface PoolFeedOptions {
  readonly first: PoolSource | null;
  readonly second: PoolSource | null;
  readonly sink: FeedSink;
  readonly clock: Clock;
  readonly log: Log;
}

export class PoolFeed implements SignalFeed {
  readonly name = 'pools';
  readonly #options: PoolFeedOptions;
  readonly #book: PoolBook;
  readonly #searchedAt = new Map<string, number>();
  readonly #loops: readonly FeedLoop[];

  constructor(options: PoolFeedOptions) {
    this.#options = options;
    this.#book = new PoolBook(options.sink);
    const { first, second } = options;
    const loop = (source: PoolSource, what: string, everyMs: number, read: () => Promise<number | null>): FeedLoop =>
      new FeedLoop({ ...options, name: `${source.name} ${what}`, everyMs, read });
    this.#loops = [
      ...(first === null ? [] : [loop(first, 'search', SEARCH_MS, () => this.#search(first)), loop(first, 'prices', PRICES_MS, () => this.#prices(first))]),
      ...(second === null ? [] : [loop(second, 'prices', STAND_IN_MS, () => this.#standIn(second))]),
    ];
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.close()));
  }

  standing(): readonly FeedStanding[] {
    return this.#loops.map(({ standing }) => standing);
  }

  async #search({ search }: PoolSource): Promise<number | null> {
    const { clock, sink } = this.#options;
    const now = clock.now();
    const coin = search === undefined ? undefined : this.#next(sink.listed(), now);
    if (coin === undefined || search === undefined) return null;
    this.#searchedAt.set(coin.base, now);
    const { rows, unreadable } = await search(coin.words);
    this.#book.found(
      coin.base,
      rows.filter((quote) => isOf(coin, quote)),
      now,
    );
    return unreadable;
  }

  async #prices({ ofTokens }: PoolSource): Promise<number | null> {
    const { clock } = this.#options;
    const now = clock.now();
    const batch = this.#book.next('first', Number.POSITIVE_INFINITY, now - PRICE_EVERY_MS, now);
    if (batch === null || ofTokens === undefined) return null;
    const { rows, unreadable } = await ofTokens(batch.chain, [...new Set(batch.tokens)]);
    this.#book.read(rows, now);
    return unreadable;
  }

  async #standIn({ ofPools }: PoolSource): Promise<number | null> {
    const { clock } = this.#options;
    const now = clock.now();
    const batch = this.#book.next('second', now - STAND_IN_AFTER_MS, now - PRICE_EVERY_MS, now);
    if (batch === null || ofPools === undefined) return null;
    const { rows, unreadable } = await ofPools(batch.chain, batch.pools, batch.tokens);
    this.#book.read(rows, now);
    return unreadable;
  }

  /** Coins that can be sold short come first: they need not be moved. By address where MEXC names one. */
  #next(listed: readonly Listing[], now: number): SearchedCoin | undefined {
    const coins = new Map<string, SearchedCoin>();
    for (const { venue, base, market, contracts } of listed) {
      if (venue !== 'mexc') continue;
      const known = coins.get(base);
      const address = contracts[0]?.address ?? known?.address ?? null;
      coins.set(base, { base, address, words: address ?? base, isShortable: market === 'futures' || known?.isShortable === true });
    }
    const due = [...coins.values()].filter(({ base }) => now - (this.#searchedAt.get(base) ?? Number.NEGATIVE_INFINITY) >= SEARCH_AGAIN_MS);
    return due.find(({ isShortable }) => isShortable) ?? due[0];
  }
}

interface SearchedCoin {
  readonly base: string;
  readonly address: string | null;
  readonly words: string;
  readonly isShortable: boolean;
}

/** A search finds whatever has the words somewhere. */
function isOf({ base, address }: SearchedCoin, { symbol, token }: PoolQuote): boolean {
  return address === null ? symbol === base : token.toLowerCase() === address.toLowerCase();
}

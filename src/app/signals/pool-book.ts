/** The pools that are watched, as listings with books: what both services tell of them comes together here. */
import { MAX_POOLS_ASKED, type PoolQuote } from '#core/signals/pool-source.ts';
import { depthOfPool, MIN_LIQUIDITY_USD, poolKey, poolListing } from './pool-listing.ts';
import type { FeedSink } from './venue-feed.ts';

/** Of one coin: those with the most. */
const POOLS_OF_COIN = 3;
export const MAX_POOLS = 3_000;

interface WatchedPool {
  readonly base: string;
  quote: PoolQuote;
  isQuotable: boolean;
  readAt: number;
  /** When each service was asked about it. */
  readonly askedAt: Record<Asked, number>;
}

/** Which service is asked. */
type Asked = 'first' | 'second';

/** Pools of one network to be asked about together. */
export interface PoolBatch {
  readonly chain: string;
  readonly pools: readonly string[];
  readonly tokens: readonly string[];
}

export class PoolBook {
  readonly #sink: FeedSink;
  readonly #pools = new Map<string, WatchedPool>();

  constructor(sink: FeedSink) {
    this.#sink = sink;
  }

  /** What was found of a coin; those with the most liquidity are watched from now on. */
  found(base: string, quotes: readonly PoolQuote[], at: number): void {
    const best = quotes.filter(({ liquidityUsd }) => liquidityUsd >= MIN_LIQUIDITY_USD).toSorted((one, other) => other.liquidityUsd - one.liquidityUsd);
    const chosen = new Map(best.slice(0, POOLS_OF_COIN).map((quote) => [poolKey(quote), quote]));
    let hasChanged = false;
    for (const [key, pool] of this.#pools)
      if (pool.base === base && !chosen.has(key)) {
        this.#pools.delete(key);
        hasChanged = true;
      }
    for (const [key, quote] of chosen) {
      if (this.#pools.has(key) || this.#pools.size >= MAX_POOLS) continue;
      this.#pools.set(key, { base, quote, isQuotable: quote.isConstantProduct === true, readAt: at, askedAt: { first: at, second: Number.NEGATIVE_INFINITY } });
      hasChanged = true;
    }
    if (hasChanged) this.#list();
    this.read([...chosen.values()], at);
  }

  /** New prices of pools; of one that is not watched nothing. */
  read(quotes: readonly PoolQuote[], at: number): void {
    let hasChanged = false;
    for (const quote of quotes) {
      const key = poolKey(quote);
      const pool = this.#pools.get(key);
      if (pool === undefined) continue;
      const isQuotable = quote.isConstantProduct ?? pool.isQuotable;
      hasChanged ||= isQuotable !== pool.isQuotable;
      // The second service knows a pool's price and not whose it is.
      Object.assign(pool, {
        quote: { ...quote, dex: pool.quote.dex, symbol: pool.quote.symbol, feeRate: quote.feeRate ?? pool.quote.feeRate },
        isQuotable,
        readAt: at,
      });
    }
    if (hasChanged) this.#list();
    for (const quote of quotes) this.#tell(poolKey(quote), quote, at);
  }

  /**
   * Pools of one network to ask a service about, those it was asked about longest ago first, no more than it takes; `null` where none is due:
   * not read since the one time, and not asked about since the other.
   */
  next(service: Asked, readBefore: number, askedBefore: number, at: number): PoolBatch | null {
    const due = [...this.#pools.values()].filter(({ readAt, askedAt }) => readAt < readBefore && askedAt[service] < askedBefore);
    const [oldest] = due.sort((one, other) => one.askedAt[service] - other.askedAt[service]);
    if (oldest === undefined) return null;
    const { chain } = oldest.quote.pool;
    const batch = due.filter(({ quote }) => quote.pool.chain === chain).slice(0, MAX_POOLS_ASKED);
    for (const { askedAt } of batch) askedAt[service] = at;
    return { chain, pools: batch.map(({ quote }) => quote.pool.address), tokens: batch.map(({ quote }) => quote.token) };
  }

  #tell(key: string, quote: PoolQuote, at: number): void {
    if (!this.#pools.has(key)) return;
    this.#sink.tops([{ key, bid: quote.priceUsd, bidSize: 0, ask: quote.priceUsd, askSize: 0 }], at);
    this.#sink.depth(key, depthOfPool(quote), at);
  }

  #list(): void {
    this.#sink.listings(
      'pools',
      [...this.#pools.values()].map((pool) => poolListing(pool.base, pool.quote, pool.isQuotable)),
    );
  }
}

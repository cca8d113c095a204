/** The pools that are watched, as listings with books: what both services tell of them comes together here. */
import { poolDepth } from '#core/signals/book-walk.ts';
import { type Listing, listingKey } from '#core/signals/market-scan.ts';
import { MAX_POOLS_ASKED, type PoolQuote } from '#core/signals/pool-source.ts';
import type { FeedSink } from './venue-feed.ts';

/** Pools with less are moved by anybody. */
export const MIN_LIQUIDITY_USD = 10_000;
/** Of one coin: those with the most. */
const POOLS_OF_COIN = 3;
export const MAX_POOLS = 3_000;
/** Neither service says when it saw a price: so long after it was read it counts for nothing. */
const STALE_AFTER_MS = 60_000;
/** Of a pool that does not say. */
const USUAL_FEE = 0.003;
/** What a swap costs in dollars by network, with room; of others as much as of the dearest. */
const GAS_USD: Readonly<Record<string, number>> = {
  ethereum: 5,
  bsc: 0.3,
  solana: 0.1,
  base: 0.1,
  arbitrum: 0.2,
  optimism: 0.2,
  polygon: 0.1,
  avalanche: 0.3,
  ton: 0.3,
  tron: 3,
  sui: 0.1,
};
const DEAREST_GAS_USD = 5;

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
    const chosen = new Map(best.slice(0, POOLS_OF_COIN).map((quote) => [keyOf(quote), quote]));
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
      const key = keyOf(quote);
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
    for (const quote of quotes) this.#tell(keyOf(quote), quote, at);
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

  #tell(key: string, { priceUsd, liquidityUsd }: PoolQuote, at: number): void {
    if (!this.#pools.has(key)) return;
    const half = liquidityUsd / 2;
    this.#sink.tops([{ key, bid: priceUsd, bidSize: 0, ask: priceUsd, askSize: 0 }], at);
    this.#sink.depth(key, poolDepth({ base: half / priceUsd, quote: half }), at);
  }

  #list(): void {
    this.#sink.listings(
      'pools',
      [...this.#pools].map(([key, pool]) => listingOf(key, pool)),
    );
  }
}

function keyOf({ dex: _dex, pool }: PoolQuote): string {
  return listingKey('pool', 'dex', `${pool.chain}:${pool.address.toLowerCase()}`);
}

function listingOf(key: string, { base, quote, isQuotable }: WatchedPool): Listing {
  const fee = quote.feeRate ?? USUAL_FEE;
  return {
    ...{ key, venue: quote.dex, market: 'dex', symbol: `${base}/USD`, base, quote: 'USD', multiplier: 1 },
    // Taken from what goes in: of what comes out it is a little more.
    takerFeeRate: fee / (1 - fee),
    contracts: [{ chain: quote.pool.chain, address: quote.token }],
    transfer: { canDeposit: true, canWithdraw: true, withdrawFee: null, note: '' },
    ...{ pool: quote.pool, isQuotable, fixedCost: GAS_USD[quote.pool.chain] ?? DEAREST_GAS_USD, staleAfterMs: STALE_AFTER_MS },
  };
}

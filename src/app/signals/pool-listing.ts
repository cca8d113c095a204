/** A pool as a listing with a book: what every part that reads pools makes of one. */
import { poolDepth } from '#core/signals/book-walk.ts';
import { type Depth, type Listing, listingKey } from '#core/signals/market-scan.ts';
import type { PoolQuote } from '#core/signals/pool-source.ts';

/** Pools with less are moved by anybody. */
export const MIN_LIQUIDITY_USD = 10_000;
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

export function poolKey({ pool }: PoolQuote): string {
  return listingKey('pool', 'dex', `${pool.chain}:${pool.address.toLowerCase()}`);
}

/** `isQuotable`: its depth follows from its liquidity. */
export function poolListing(base: string, quote: PoolQuote, isQuotable: boolean): Listing {
  const fee = quote.feeRate ?? USUAL_FEE;
  return {
    ...{ key: poolKey(quote), venue: quote.dex, market: 'dex', symbol: `${base}/USD`, base, quote: 'USD', multiplier: 1 },
    // Taken from what goes in: of what comes out it is a little more.
    takerFeeRate: fee / (1 - fee),
    contracts: [{ chain: quote.pool.chain, address: quote.token }],
    transfer: { canDeposit: true, canWithdraw: true, withdrawFee: null, note: '' },
    // Out of and into the pool gas is paid, which is counted by itself.
    networks: [{ chain: quote.pool.chain, canDeposit: true, canWithdraw: true, withdrawFee: '0' }],
    ...{ pool: quote.pool, isQuotable, fixedCost: GAS_USD[quote.pool.chain] ?? DEAREST_GAS_USD, staleAfterMs: STALE_AFTER_MS },
  };
}

/** Half of what is in it on each side of one curve. */
export function depthOfPool({ priceUsd, liquidityUsd }: PoolQuote): Depth {
  const half = liquidityUsd / 2;
  return poolDepth({ base: half / priceUsd, quote: half });
}

/** What services say of pools of decentralised exchanges, in our words. Types only, but for the rules of names that come from outside. */
import type { Reading } from './market-scan.ts';
import type { TokenContract } from './signal.ts';

/** One pool, from the side of the coin that was asked for. */
export interface PoolQuote {
  /** Network and address of the pool. */
  readonly pool: TokenContract;
  /** The exchange, such as `uniswap`. */
  readonly dex: string;
  /** Address of the coin on that network, and its ticker. */
  readonly token: string;
  readonly symbol: string;
  /** Of the coin. */
  readonly priceUsd: number;
  /** Of both sides together. */
  readonly liquidityUsd: number;
  /** Whether it holds both sides in equal value along one curve, so that its depth follows from its liquidity. `null` where that is not told. */
  readonly isConstantProduct: boolean | null;
  /** A share; `null` where it is not told. */
  readonly feeRate: number | null;
}

export interface PoolSource {
  readonly name: string;
  /** Pools of whatever bears this ticker or has this address. Every question may throw PortError. */
  readonly search?: (words: string) => Promise<Reading<PoolQuote>>;
  /** Pools of tokens of one network, no more than {@link MAX_POOLS_ASKED}. */
  readonly ofTokens?: (chain: string, tokens: readonly string[]) => Promise<Reading<PoolQuote>>;
  /** Pools by their addresses, no more than {@link MAX_POOLS_ASKED}; `tokens` are whose side is wanted, in the same sequence. */
  readonly ofPools?: (chain: string, pools: readonly string[], tokens: readonly string[]) => Promise<Reading<PoolQuote>>;
}

/** Both services take so many addresses at once. */
export const MAX_POOLS_ASKED = 30;

/** Names of networks, exchanges and addresses come from strangers and go into addresses of requests: anything else is refused. */
export function isSafeName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text);
}

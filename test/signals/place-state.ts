/** What a test sets of simulated places. */

export type Place = 'mexc' | 'binance' | 'bybit' | 'okx' | 'bitget' | 'dexscreener' | 'geckoterminal';

/** A coin on one market of one venue. Prices and sizes are in the venue's units, as in 1000PEPE and in contracts. */
export interface MarketState {
  readonly base: string;
  bid: number;
  ask: number;
  /** Units at each of ten levels, a thousandth apart. */
  size: number;
  taker: number;
  /** Of a perpetual. */
  contractSize: number;
  rate: number;
  hours: number;
  nextAt: number;
  index: number;
  cap: number | null;
  /** Address in lists that name one. */
  contract: string;
  chains: { chain: string; contract: string; canDeposit: boolean; canWithdraw: boolean; fee: string }[];
}

export interface PoolState {
  readonly chain: string;
  readonly pool: string;
  readonly token: string;
  readonly symbol: string;
  priceUsd: number;
  liquidityUsd: number;
  labels: string[];
  /** The other way round: the coin is what the pool is quoted in. */
  isQuote: boolean;
}

/** Where answers come from. */
export interface PlaceStates {
  readonly pools: readonly PoolState[];
  readonly now: () => number;
  marketsOf(place: Place, market: 'spot' | 'futures'): readonly MarketState[];
}

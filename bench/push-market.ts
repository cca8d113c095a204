/** The market that `bench/push.ts` makes: 300 coins at MEXC, on spot and as futures, of which a few stand aside and move. */
import { type Listing, listingKey } from '#core/signals/market-scan.ts';

export const COINS = 300;
/** Coins whose futures stand apart from spot by this, and move by a tenth of it. */
export const COINS_ASIDE = 13;
export const ASIDE = 0.02;

/** Spot and futures of each coin, next to each other. */
export function listingsOf(): readonly Listing[] {
  return Array.from({ length: COINS }, (_, coin) => (['spot', 'futures'] as const).map((market) => listingOf(market, `COIN${coin}`))).flat();
}

function listingOf(market: 'spot' | 'futures', base: string): Listing {
  const symbol = market === 'spot' ? `${base}/USDT` : `${base}/USDT:USDT`;
  const common = { key: listingKey('mexc', market, symbol), venue: 'mexc', market, symbol, base, quote: 'USDT', multiplier: 1, takerFeeRate: 0.0002 };
  return { ...common, contracts: [], transfer: null, pool: null, isQuotable: true, fixedCost: 0, staleAfterMs: 3_600_000 };
}

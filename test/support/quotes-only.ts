/** The part of a market that tests with nothing but quotes do without. */
import type { MarketData } from '#core/venue-ports.ts';

type Beyond = Pick<MarketData, 'book' | 'candles' | 'trades' | 'tickers' | 'watchTrades' | 'watchCandles' | 'watchBook'>;

/** Whoever asks for more than quotes is told so. */
export const QUOTES_ONLY: Beyond = {
  book: absent,
  candles: absent,
  trades: absent,
  tickers: absent,
  watchTrades: () => () => undefined,
  watchCandles: () => () => undefined,
  watchBook: () => () => undefined,
};

function absent(): Promise<never> {
  return Promise.reject(new Error('this market has quotes only'));
}

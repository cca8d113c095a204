/** What is traded in a simulated world. */
import type { Instrument } from '#core/instrument.ts';

export const SYMBOL = 'BTC/USDT';
export const INSTRUMENT: Instrument = {
  venue: 'simulated',
  symbol: SYMBOL,
  base: 'BTC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.1',
  sizeIncrement: '0.0001',
  minPrice: '0.1',
  maxPrice: null,
  minSize: '0.0001',
  maxSize: null,
  minNotional: '5',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

import { describe, expect, it } from 'vitest';
import { readInstruments, readOrder, readStatus } from './_binance-rows.ts';
import { UnreadableAnswer } from './_fields.ts';

const FILTERS = [
  { filterType: 'PRICE_FILTER', minPrice: '0.00000000', maxPrice: '0.00000000', tickSize: '0.00010000' },
  { filterType: 'LOT_SIZE', minQty: '0.10000000', maxQty: '900000.00000000', stepSize: '0.10000000' },
  { filterType: 'MIN_NOTIONAL', minNotional: '10.00000000' },
];
const SYMBOL = { symbol: 'WLDUSDT', status: 'BREAK', baseAsset: 'WLD', quoteAsset: 'USDT', isSpotTradingAllowed: true, filters: FILTERS };

describe('Binance’s rows', () => {
  it('reads zero in a filter as "no such rule", and a pair that does not trade as halted', () => {
    expect(readInstruments({ symbols: [SYMBOL] })).toEqual([
      {
        venue: 'binance',
        symbol: 'WLD/USDT',
        base: 'WLD',
        quote: 'USDT',
        kind: 'spot',
        settle: 'USDT',
        perpetual: null,
        priceIncrement: '0.0001',
        sizeIncrement: '0.1',
        minPrice: '0.0001',
        maxPrice: null,
        minSize: '0.1',
        maxSize: '900000',
        minNotional: '10',
        makerFeeRate: '0.001',
        takerFeeRate: '0.001',
        status: 'halted',
      },
    ]);
  });

  it('leaves out pairs that are not spot or whose filters are missing', () => {
    expect(
      readInstruments({
        symbols: [
          { ...SYMBOL, isSpotTradingAllowed: false },
          { ...SYMBOL, filters: [] },
        ],
      }),
    ).toEqual([]);
  });

  it('refuses to guess: an unknown status, side or a float in exponents is unreadable', () => {
    const order = { clientOrderId: 'a', orderId: 1, side: 'BUY', status: 'NEW', price: '1.0', origQty: '1.0', executedQty: '0.0', updateTime: 1 };
    expect(readOrder(order, 'WLD/USDT')).toMatchObject({ price: '1', filledSize: '0', status: 'open' });
    for (const change of [{ status: 'SOMETHING' }, { side: 'HOLD' }, { price: '1e-7' }, { origQty: null }, { orderId: 2 ** 60 }, { updateTime: 'now' }])
      expect(() => readOrder({ ...order, ...change }, 'WLD/USDT')).toThrow(UnreadableAnswer);
    expect(() => readInstruments('<html>')).toThrow(UnreadableAnswer);
    expect(readStatus('EXPIRED_IN_MATCH')).toBe('expired');
  });
});

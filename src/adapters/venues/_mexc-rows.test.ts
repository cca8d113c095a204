import { describe, expect, it } from 'vitest';
import { UnreadableAnswer } from './_fields.ts';
import { readFill, readInstruments, readKey, readOrder } from './_mexc-rows.ts';

const SYMBOL = {
  symbol: 'MXUSDT',
  status: '1',
  baseAsset: 'MX',
  baseAssetPrecision: '2',
  quoteAsset: 'USDT',
  quotePrecision: '4',
  quoteAssetPrecision: '4',
  isSpotTradingAllowed: true,
  quoteAmountPrecision: '1.000000000000000000',
  quoteAmountPrecisionMarket: '5.000000000000000000',
  baseSizePrecision: '0.5',
  makerCommission: '0',
  takerCommission: '0.0005',
  tradeSideType: '1',
};

const ORDER = {
  orderId: 'C02__385413065019117569043',
  clientOrderId: 'mine',
  price: '0.004327',
  origQty: '1220',
  executedQty: '20.50',
  status: 'NEW',
  type: 'LIMIT',
  side: 'SELL',
  time: '1707671871000',
  updateTime: '1707671872000',
};

describe('MEXC instruments', () => {
  it('have increments by decimals, and minimums in what the venue calls precision', () => {
    expect(readInstruments({ symbols: [SYMBOL] })).toEqual([
      {
        venue: 'mexc',
        symbol: 'MX/USDT',
        base: 'MX',
        quote: 'USDT',
        kind: 'spot',
        settle: 'USDT',
        perpetual: null,
        priceIncrement: '0.0001',
        sizeIncrement: '0.01',
        minPrice: '0.0001',
        maxPrice: null,
        minSize: '0.5',
        maxSize: null,
        minNotional: '5',
        makerFeeRate: '0',
        takerFeeRate: '0.0005',
        status: 'trading',
      },
    ]);
  });

  it.each([
    [{ baseSizePrecision: '0' }, { minSize: '0.01' }],
    [{ quoteAmountPrecisionMarket: undefined }, { minNotional: '1' }],
    [{ status: 'ENABLED', tradeSideType: undefined }, { status: 'trading' }],
    [{ status: '2' }, { status: 'halted' }],
    [{ isSpotTradingAllowed: false }, { status: 'halted' }],
    [{ tradeSideType: 3 }, { status: 'halted' }],
  ])('with %o are told with %o', (change, told) => {
    expect(readInstruments({ symbols: [{ ...SYMBOL, ...change }] })).toMatchObject([told]);
  });

  it('leave out one that cannot be read, and keep the others', () => {
    const odd = [
      { ...SYMBOL, baseAssetPrecision: '99' },
      { ...SYMBOL, makerCommission: null },
      { ...SYMBOL, baseAsset: null },
    ];
    expect(readInstruments({ symbols: [...odd, SYMBOL] })).toHaveLength(1);
    expect(() => readInstruments({ symbols: 'none' })).toThrow(UnreadableAnswer);
  });
});

describe('MEXC orders', () => {
  it.each([
    [{}, { status: 'open', clientOrderId: 'mine', side: 'sell', price: '0.004327', size: '1220', filledSize: '20.5', updatedAt: 1_707_671_872_000 }],
    [{ status: 'PARTIALLY_FILLED' }, { status: 'open' }],
    [{ status: 'CANCELED' }, { status: 'cancelled' }],
    [
      { status: 'PARTIALLY_CANCELED', type: 'IMMEDIATE_OR_CANCEL' },
      { status: 'expired', filledSize: '20.5' },
    ],
    [{ status: 'CANCELED', type: 'FILL_OR_KILL' }, { status: 'expired' }],
    [
      { status: 'FILLED', type: 'MARKET' },
      { status: 'filled', price: null },
    ],
    [
      { clientOrderId: null, updateTime: null },
      { clientOrderId: 'C02__385413065019117569043', updatedAt: 1_707_671_871_000 },
    ],
  ])('with %o are told with %o', (change, told) => {
    expect(readOrder({ ...ORDER, ...change }, 'BTC/USDT')).toMatchObject(told);
  });

  it('in a state that is not known are not told at all', () => {
    expect(() => readOrder({ ...ORDER, status: 'PENDING' }, 'BTC/USDT')).toThrow(UnreadableAnswer);
  });
});

describe('MEXC executions and keys', () => {
  it('keep the fee in the asset it was taken in, to the last digit', () => {
    const trade = { id: '683606826998018048X2', orderId: 'C02__683606826998018048119', price: '0.01419', qty: '3071.63', time: 1_778_766_804_000 };
    const rest = { commission: '0.02179321485', commissionAsset: 'USDT', isBuyer: true, isMaker: false, clientOrderId: null };
    expect(readFill({ ...trade, ...rest }, 'MPC/USDT')).toMatchObject({
      feeAmount: '0.02179321485',
      feeAsset: 'USDT',
      side: 'buy',
      clientOrderId: null,
      at: 1_778_766_804_000,
    });
  });

  it('count a refused order for funds as a right to trade, and one for want of permission as none', () => {
    const account = { canTrade: true, canWithdraw: true };
    expect(readKey([account, { code: 30004 }, []])).toEqual({ canTrade: true, canWithdraw: true, isIpRestricted: null });
    expect(readKey([account, { code: 700007 }, { code: '700007' }])).toEqual({ canTrade: false, canWithdraw: false, isIpRestricted: null });
    expect(readKey([{ canTrade: false }, {}, []])).toMatchObject({ canTrade: false });
  });
});

import { describe, expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import { readBalances, readFill, readInstruments, readKey, readOrder, readQuote } from './_bybit-rows.ts';
import { UnreadableAnswer } from './_fields.ts';

const listing = (list: readonly unknown[]): unknown => ({ retCode: 0, result: { category: 'spot', list } });

const INSTRUMENT = {
  symbol: 'WLDUSDT',
  baseCoin: 'WLD',
  quoteCoin: 'USDT',
  status: 'Trading',
  lotSizeFilter: { basePrecision: '0.01', quotePrecision: '0.0000001', minOrderQty: '0.35', maxOrderQty: '60000', minOrderAmt: '5', maxOrderAmt: '200000' },
  priceFilter: { tickSize: '0.0001' },
};

const ORDER = {
  symbol: 'WLDUSDT',
  orderId: '2300182416633263104',
  orderLinkId: 'mine',
  side: 'Buy',
  orderType: 'Limit',
  price: '1.5000',
  qty: '10.00',
  cumExecQty: '2.50',
  orderStatus: 'PartiallyFilled',
  rejectReason: 'EC_NoError',
  updatedTime: '1672364262457',
};

const EXECUTION = {
  symbol: 'WLDUSDT',
  orderId: '1',
  orderLinkId: 'mine',
  side: 'Buy',
  execId: '2210000000101610464',
  execPrice: '1.5000',
  execQty: '2.50',
  execFee: '0.0025',
  execType: 'Trade',
  execTime: '1672364262457',
  isMaker: true,
};

describe('Bybit’s instruments', () => {
  it('are read exactly; the venue lists no highest price', () => {
    expect(readInstruments(listing([INSTRUMENT]))).toEqual([
      {
        venue: 'bybit',
        symbol: 'WLD/USDT',
        base: 'WLD',
        quote: 'USDT',
        kind: 'spot',
        settle: 'USDT',
        perpetual: null,
        priceIncrement: '0.0001',
        sizeIncrement: '0.01',
        minPrice: '0.0001',
        maxPrice: null,
        minSize: '0.35',
        maxSize: '60000',
        minNotional: '5',
        makerFeeRate: '0.001',
        takerFeeRate: '0.001',
        status: 'trading',
      },
    ]);
  });

  it('that cannot be read are left out, and those that do not trade are halted', () => {
    const odd = [
      { ...INSTRUMENT, priceFilter: {} },
      { ...INSTRUMENT, lotSizeFilter: { ...INSTRUMENT.lotSizeFilter, basePrecision: '0' } },
      { ...INSTRUMENT, baseCoin: 7.5 },
    ];
    expect(readInstruments(listing(odd))).toEqual([]);
    expect(readInstruments(listing([{ ...INSTRUMENT, status: 'PreLaunch' }]))).toMatchObject([{ status: 'halted' }]);
    expect(() => readInstruments('<html>')).toThrow(UnreadableAnswer);
  });

  it('have no price where the venue writes an empty text', () => {
    expect(readQuote(listing([{ bid1Price: '', ask1Price: '1.50' }]))).toEqual({ bid: '0', ask: '1.5' });
    expect(() => readQuote(listing([]))).toThrow(UnreadableAnswer);
  });
});

describe('Bybit’s orders', () => {
  it.each([
    ['New', 'EC_NoError', 'open'],
    ['PartiallyFilled', 'EC_NoError', 'open'],
    ['Untriggered', 'EC_NoError', 'open'],
    ['Triggered', 'EC_NoError', 'open'],
    ['Filled', 'EC_NoError', 'filled'],
    ['Cancelled', 'EC_PerCancelRequest', 'cancelled'],
    ['Cancelled', 'EC_NoImmediateQtyToFill', 'expired'],
    ['Cancelled', 'EC_CancelForNoFullFill', 'expired'],
    ['PartiallyFilledCanceled', 'EC_NoImmediateQtyToFill', 'expired'],
    ['PartiallyFilledCanceled', 'EC_ReachRiskPriceLimit', 'expired'],
    ['PartiallyFilledCanceled', 'EC_PerCancelRequest', 'cancelled'],
    ['Deactivated', 'EC_NoError', 'cancelled'],
    ['Rejected', 'EC_PostOnlyWillTakeLiquidity', 'rejected'],
  ])('%s with %s is %s', (orderStatus, rejectReason, status) => {
    expect(readOrder({ ...ORDER, orderStatus, rejectReason }, 'WLD/USDT')).toMatchObject({ status, size: '10', filledSize: '2.5', price: '1.5' });
  });

  it('of the market have no price of their own, and no size when they were placed for an amount of money', () => {
    const market = { ...ORDER, orderType: 'Market', orderStatus: 'Filled' };
    expect(readOrder({ ...market, marketUnit: 'baseCoin' }, 'WLD/USDT')).toMatchObject({ price: null, size: '10', filledSize: '2.5' });
    expect(readOrder({ ...market, marketUnit: 'quoteCoin' }, 'WLD/USDT')).toMatchObject({ price: null, size: '2.5' });
    expect(readOrder({ ...market, marketUnit: '' }, 'WLD/USDT')).toMatchObject({ size: '2.5' });
    expect(readOrder({ ...market, marketUnit: '', side: 'Sell' }, 'WLD/USDT')).toMatchObject({ size: '10' });
    const ours = formatClientOrderId({ installation: 7, kind: 'bot', number: 1 }, 1, 1);
    expect(readOrder({ ...market, orderLinkId: ours }, 'WLD/USDT')).toMatchObject({ size: '10' });
  });

  it('are not guessed at', () => {
    for (const change of [{ orderStatus: 'Something' }, { side: 'BUY' }, { price: '1e-7' }, { qty: null }, { orderId: 2 ** 60 }, { updatedTime: 'now' }])
      expect(() => readOrder({ ...ORDER, ...change }, 'WLD/USDT')).toThrow(UnreadableAnswer);
  });
});

describe('Bybit’s executions', () => {
  it('name the coin of the fee in one of two fields, or leave it to the rule', () => {
    const asset = (change: object): string => readFill({ ...EXECUTION, ...change }, 'WLD/USDT').feeAsset;
    expect([asset({ feeCurrency: 'MNT' }), asset({ feeCurrency: '', feeCoin: 'MNT' })]).toEqual(['MNT', 'MNT']);
    expect([asset({}), asset({ side: 'Sell' })]).toEqual(['WLD', 'USDT']);
    expect([asset({ execFee: '-0.0025' }), asset({ side: 'Sell', execFee: '-0.0025' })]).toEqual(['USDT', 'WLD']);
  });

  it('tell a fee that was charged as positive and a rebate as negative', () => {
    expect(readFill(EXECUTION, 'WLD/USDT')).toMatchObject({ tradeId: '2210000000101610464', feeAmount: '0.0025', price: '1.5', size: '2.5', isMaker: true });
    expect(readFill({ ...EXECUTION, execFee: '-0.0025' }, 'WLD/USDT').feeAmount).toBe('-0.0025');
    expect(readFill({ ...EXECUTION, orderLinkId: '' }, 'WLD/USDT').clientOrderId).toBeNull();
  });
});

describe('Bybit’s account', () => {
  it('holds as free what no order and no position binds', () => {
    const coin = (change: object): unknown => ({ coin: 'USDT', walletBalance: '100.5', locked: '20', totalOrderIM: '', totalPositionIM: '', ...change });
    const told = (change: object): unknown => readBalances(listing([{ accountType: 'UNIFIED', coin: [coin(change)] }]));
    expect(told({})).toEqual([{ asset: 'USDT', free: '80.5', locked: '20' }]);
    expect(told({ totalOrderIM: '10', totalPositionIM: '30.25' })).toEqual([{ asset: 'USDT', free: '40.25', locked: '60.25' }]);
    expect(told({ walletBalance: '-5', locked: '0' })).toEqual([]);
    expect(readBalances(listing([]))).toEqual([]);
  });

  it('may be traded by a key that is not for reading only, on a unified account, for spot', () => {
    const key = { readOnly: 0, uta: 1, permissions: { Spot: ['SpotTrade'], Wallet: [] }, ips: ['1.2.3.4'] };
    const report = (change: object): unknown => readKey([{ result: { ...key, ...change } }]);
    expect(report({})).toEqual({ canTrade: true, canWithdraw: false, canTradePerpetuals: false, isIpRestricted: true });
    expect(report({ readOnly: 1 })).toMatchObject({ canTrade: false });
    expect(report({ uta: 0 })).toMatchObject({ canTrade: false });
    expect(report({ permissions: { Spot: [], Wallet: ['Withdraw'] } })).toMatchObject({ canTrade: false, canWithdraw: true });
    expect([report({ ips: ['*'] }), report({ ips: [] })]).toMatchObject([{ isIpRestricted: false }, { isIpRestricted: false }]);
    expect(() => report({ readOnly: 'no' })).toThrow(UnreadableAnswer);
  });
});

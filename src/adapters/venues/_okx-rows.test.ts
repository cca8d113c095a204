import { describe, expect, it } from 'vitest';
import { UnreadableAnswer } from './_fields.ts';
import { becomeOf, readBalances, readFill, readInstruments, readKey, readOrder, readPushedFill, readQuote, readStop } from './_okx-rows.ts';

const envelope = (data: readonly unknown[]): unknown => ({ code: '0', msg: '', data });

const INSTRUMENT = {
  instType: 'SPOT',
  instId: 'WLD-USDT',
  baseCcy: 'WLD',
  quoteCcy: 'USDT',
  tickSz: '0.0001',
  lotSz: '0.01',
  minSz: '1',
  maxLmtSz: '900000',
  state: 'suspend',
};

const ORDER = {
  instId: 'WLD-USDT',
  ordId: '2300182416633263104',
  clOrdId: 'mine',
  algoClOrdId: '',
  side: 'buy',
  ordType: 'limit',
  px: '1.5000',
  sz: '10.00',
  accFillSz: '2.50',
  state: 'partially_filled',
  cancelSource: '',
  tgtCcy: '',
  uTime: '1672364262457',
};

const PUSHED = { ...ORDER, tradeId: '77', fillPx: '1.4', fillSz: '2.5', fillFee: '-0.0025', fillFeeCcy: 'WLD', fillTime: '1672364262400', execType: 'T' };

const FILL = {
  instId: 'WLD-USDT',
  tradeId: '77',
  ordId: '2300182416633263104',
  clOrdId: 'mine',
  billId: '9',
  side: 'sell',
  fillPx: '1.4',
  fillSz: '2.5',
  fee: '0.0007',
  feeCcy: 'USDT',
  execType: 'M',
  fillTime: '1672364262400',
  ts: '1672364262405',
};

describe('OKX’s rows', () => {
  it('reads a suspended instrument as halted, and leaves out what has no rules yet or is not spot', () => {
    const unlisted = { ...INSTRUMENT, instId: 'NEW-USDT', tickSz: '', lotSz: '', minSz: '', state: 'preopen' };
    expect(readInstruments(envelope([INSTRUMENT, unlisted, { ...INSTRUMENT, instType: 'SWAP' }]))).toEqual([
      {
        venue: 'okx',
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
        minSize: '1',
        maxSize: '900000',
        minNotional: '0',
        makerFeeRate: '0.0008',
        takerFeeRate: '0.001',
        status: 'halted',
      },
    ]);
  });

  it.each([
    [{ state: 'live', accFillSz: '0' }, 'open', '0'],
    [{}, 'open', '2.5'],
    [{ state: 'filled', accFillSz: '10' }, 'filled', '10'],
    [{ state: 'canceled', cancelSource: '1' }, 'cancelled', '2.5'],
    [{ state: 'canceled', cancelSource: '20' }, 'cancelled', '2.5'],
    [{ state: 'mmp_canceled' }, 'cancelled', '2.5'],
    [{ state: 'canceled', ordType: 'post_only', cancelSource: '31', accFillSz: '' }, 'rejected', '0'],
    [{ state: 'canceled', ordType: 'post_only', cancelSource: '1' }, 'cancelled', '2.5'],
    [{ state: 'canceled', ordType: 'ioc', cancelSource: '14' }, 'expired', '2.5'],
    [{ state: 'canceled', ordType: 'fok', cancelSource: '13' }, 'expired', '2.5'],
    [{ state: 'canceled', ordType: 'market', cancelSource: '14' }, 'expired', '2.5'],
  ] as const)('reads %o as %s with %s filled', (change, status, filledSize) => {
    expect(readOrder({ ...ORDER, ...change }, 'WLD/USDT')).toMatchObject({ clientOrderId: 'mine', status, filledSize, price: '1.5' });
  });

  it('takes a market order by amount of money for the size it filled, since it names no other', () => {
    const byAmount = { ...ORDER, ordType: 'market', tgtCcy: 'quote_ccy', px: '', sz: '100' };
    expect(readOrder(byAmount, 'WLD/USDT')).toMatchObject({ size: '2.5', price: null });
    expect(readOrder({ ...byAmount, tgtCcy: 'base_ccy' }, 'WLD/USDT')).toMatchObject({ size: '100' });
  });

  it('goes by the stop’s id, then by the venue’s, where an order has no own', () => {
    expect(readOrder({ ...ORDER, clOrdId: '', algoClOrdId: 'stop' }, 'WLD/USDT').clientOrderId).toBe('stop');
    expect(readOrder({ ...ORDER, clOrdId: '' }, 'WLD/USDT').clientOrderId).toBe('2300182416633263104');
  });

  it('reads a charged fee as positive and a rebate as negative, pushed and listed', () => {
    expect(readPushedFill(PUSHED, 'WLD/USDT')).toMatchObject({ feeAmount: '0.0025', feeAsset: 'WLD', isMaker: false, at: 1672364262400 });
    expect(readFill(FILL, 'WLD/USDT', null)).toMatchObject({ feeAmount: '-0.0007', feeAsset: 'USDT', isMaker: true, at: 1672364262400, clientOrderId: null });
    expect(readPushedFill({ ...PUSHED, fillFee: '0', fillFeeCcy: '' }, 'WLD/USDT')).toMatchObject({ feeAmount: '0', feeAsset: 'WLD' });
  });

  it('takes a pushed order for an execution only while it executes: the end of one may repeat the last', () => {
    expect(readPushedFill({ ...PUSHED, state: 'canceled' }, 'WLD/USDT')).toBeNull();
    expect(readPushedFill({ ...PUSHED, state: 'live', tradeId: '', fillPx: '' }, 'WLD/USDT')).toBeNull();
  });

  it('reads a stop that failed when it triggered as rejected', () => {
    const stop = { algoId: '5', algoClOrdId: 'stop', side: 'sell', slOrdPx: '-1', sz: '10', state: 'order_failed', uTime: '1' };
    expect(readStop(stop, 'WLD/USDT')).toMatchObject({ clientOrderId: 'stop', venueOrderId: '5', status: 'rejected', price: null, filledSize: '0' });
    expect(() => readStop({ ...stop, state: 'partially_effective' }, 'WLD/USDT')).toThrow(UnreadableAnswer);
  });

  it('reads an empty side of the book as no price, and balances by what is free and what is bound', () => {
    expect(readQuote(envelope([{ bidPx: '', askPx: '1.50' }]))).toEqual({ bid: '0', ask: '1.5' });
    const details = [
      { ccy: 'USDT', availBal: '90.10', frozenBal: '9.90' },
      { ccy: 'WLD', availBal: '', frozenBal: '0' },
    ];
    expect(readBalances(envelope([{ details }]))).toEqual([{ asset: 'USDT', free: '90.1', locked: '9.9' }]);
  });

  it.each([
    ['read_only', '', { canTrade: false, canWithdraw: false, isIpRestricted: false }],
    ['read_only,trade', '203.0.113.7', { canTrade: true, canWithdraw: false, isIpRestricted: true }],
    ['read_only,withdraw,trade', '203.0.113.7,203.0.113.8', { canTrade: true, canWithdraw: true, isIpRestricted: true }],
  ])('reads the rights %s with addresses "%s"', (perm, ip, expected) => {
    expect(readKey([envelope([{ perm, ip, acctLv: '1', posMode: 'net_mode' }])])).toEqual({ ...expected, canTradePerpetuals: false });
  });

  it('takes accounts in spot or futures mode only, since elsewhere a spot order may borrow', () => {
    const inMode = (acctLv: string) => () => readKey([envelope([{ perm: 'read_only,trade', ip: '', acctLv }])]);
    expect(inMode('2')).not.toThrow();
    for (const acctLv of ['3', '4', '9']) expect(inMode(acctLv)).toThrow(expect.objectContaining({ name: 'PortError', code: 'account_mode_unsupported' }));
  });

  it('does not guess which of several orders a stop has become', () => {
    const stop = { state: 'effective', ordId: '2', ordIdList: ['1', '2'] };
    expect(() => becomeOf(stop)).toThrow(UnreadableAnswer);
    expect([becomeOf({ ...stop, ordIdList: ['2'] }), becomeOf({ ...stop, state: 'live', ordId: '' })]).toEqual(['2', null]);
  });

  it('refuses to guess', () => {
    for (const change of [{ state: 'something' }, { side: 'hold' }, { px: '1e-7' }, { sz: null }, { sz: '' }, { ordId: 2 ** 60 }, { uTime: 'now' }])
      expect(() => readOrder({ ...ORDER, ...change }, 'WLD/USDT')).toThrow(UnreadableAnswer);
    expect(() => readPushedFill({ ...PUSHED, execType: '' }, 'WLD/USDT')).toThrow(UnreadableAnswer);
    for (const body of ['<html>', null, { code: '0' }, envelope([{ ...ORDER }, { ...ORDER }])]) expect(() => readQuote(body)).toThrow(UnreadableAnswer);
  });
});

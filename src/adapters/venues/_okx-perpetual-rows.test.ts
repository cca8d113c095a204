import { describe, expect, it } from 'vitest';
import type { OutboundOrder } from '#core/venue-ports.ts';
import { UnreadableAnswer } from './_fields.ts';
import { Contracts, marketId, rowInBase, symbolNamed } from './_okx-kind.ts';
import { checkMode, isUsdtSwap, readContracts, readFundingRate, readPayment, readPerpetualFeeRates, readPosition } from './_okx-perpetual-rows.ts';
import { readFill, readPushedFill } from './_okx-rows.ts';

const envelope = (row: unknown): unknown => ({ code: '0', msg: '', data: [row] });

const CONTRACT = {
  instType: 'SWAP',
  instId: 'ETH-USDT-SWAP',
  ctType: 'linear',
  ctVal: '0.1',
  ctMult: '1',
  ctValCcy: 'ETH',
  settleCcy: 'USDT',
  lever: '100',
  lotSz: '0.01',
  minSz: '0.02',
  maxLmtSz: '90000',
  tickSz: '0.01',
  state: 'live',
};
const RATE = { instId: 'ETH-USDT-SWAP', fundingTime: '1700000000000', nextFundingTime: '1700014400000' };

function known(): Contracts {
  const contracts = new Contracts();
  contracts.learn(readContracts([CONTRACT], [RATE]));
  return contracts;
}

const order = (change: Partial<OutboundOrder>): OutboundOrder => ({ symbol: 'ETH/USDT:USDT', size: '0.02', ...change }) as OutboundOrder;

describe('OKX’s contracts', () => {
  it('are read in base coin, with the interval that the list of rates tells', () => {
    expect(readContracts([CONTRACT], [RATE])).toMatchObject([
      {
        symbol: 'ETH/USDT:USDT',
        sizeIncrement: '0.001',
        minSize: '0.002',
        maxSize: '9000',
        settle: 'USDT',
        perpetual: { contractSize: '0.1', fundingIntervalMs: 4 * 3_600_000, maxLeverage: 100 },
      },
    ]);
    expect(readContracts([{ ...CONTRACT, ctMult: '10' }], [])).toMatchObject([
      { sizeIncrement: '0.01', perpetual: { contractSize: '1', fundingIntervalMs: 8 * 3_600_000 } },
    ]);
  });

  it('are none of ours when they are margined in coins, in USDC, or have no rules yet', () => {
    const inverse = { ...CONTRACT, instId: 'ETH-USD-SWAP', ctType: 'inverse', ctValCcy: 'USD', settleCcy: 'ETH' };
    const usdc = { ...CONTRACT, instId: 'ETH-USDC-SWAP', settleCcy: 'USDC' };
    expect(readContracts([inverse, usdc, { ...CONTRACT, lotSz: '' }, { ...CONTRACT, instType: 'FUTURES' }], [])).toEqual([]);
    expect(['ETH-USDT-SWAP', 'ETH-USD-SWAP', 'ETH-USDC-SWAP', 'ETH-USDT'].map(isUsdtSwap)).toEqual([true, false, false, false]);
  });

  it('are refused to be read when they do not count their base coin', () => {
    expect(() => readContracts([{ ...CONTRACT, ctValCcy: 'USDT' }], [])).toThrow(UnreadableAnswer);
  });

  it('have names that lead both ways', () => {
    for (const symbol of ['BTC/USDT', 'BTC/USDT:USDT']) expect(symbolNamed(marketId(symbol))).toBe(symbol);
  });

  it('turn sizes of rows into base coin, and leave what is empty', () => {
    const row = { instId: 'ETH-USDT-SWAP', sz: '1.5', accFillSz: '0.01', fillSz: '', px: '2000' };
    expect(rowInBase(known(), row)).toEqual({ ...row, sz: '0.15', accFillSz: '0.001' });
    expect(() => rowInBase(known(), { ...row, instId: 'BTC-USDT-SWAP' })).toThrow(UnreadableAnswer);
  });

  it('turn sizes into contracts exactly, or not at all', () => {
    expect(known().inContracts('ETH/USDT:USDT', '0.123')).toBe('1.23');
    expect(known().refuse(order({}))).toBeNull();
    for (const size of ['0.0005', '0.0015', '0', '-0.01', 'x', '']) expect(known().refuse(order({ size }))).toMatchObject({ code: 'not_whole_contracts' });
    expect(known().refuse(order({ symbol: 'BTC/USDT:USDT' }))).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
  });
});

describe('OKX’s rows of perpetuals', () => {
  const held = {
    instId: 'ETH-USDT-SWAP',
    posSide: 'net',
    pos: '-1.5',
    avgPx: '2000.5',
    markPx: '2001',
    liqPx: '',
    upl: '-0.075',
    lever: '5',
    mgnMode: 'cross',
  };

  it('tell a position signed, in base coin', () => {
    expect(readPosition(known(), held)).toEqual({
      symbol: 'ETH/USDT:USDT',
      size: '-0.15',
      entryPrice: '2000.5',
      markPrice: '2001',
      liquidationPrice: null,
      unrealisedProfit: '-0.075',
      leverage: 5,
      marginMode: 'cross',
    });
    expect(() => readPosition(known(), { ...held, posSide: 'short' })).toThrow(expect.objectContaining({ code: 'account_mode_unsupported' }));
    expect(() => readPosition(known(), { ...held, mgnMode: 'cash' })).toThrow(UnreadableAnswer);
  });

  it('tell what an account must be set to', () => {
    expect(() => checkMode(envelope({ acctLv: '2', posMode: 'net_mode' }))).not.toThrow();
    for (const config of [
      { acctLv: '1', posMode: 'net_mode' },
      { acctLv: '2', posMode: 'long_short_mode' },
    ])
      expect(() => checkMode(envelope(config))).toThrow(expect.objectContaining({ name: 'PortError', code: 'account_mode_unsupported' }));
  });

  it('tell a payment from where it was paid: the wallet, or the margin of the position', () => {
    const bill = { billId: '9', ccy: 'USDT', balChg: '-0.5', posBalChg: '0', ts: '1700000000000' };
    expect(readPayment(bill, 'ETH/USDT:USDT')).toMatchObject({ paymentId: '9', amount: '-0.5', asset: 'USDT', rate: null });
    expect(readPayment({ ...bill, balChg: '0', posBalChg: '0.25' }, 'ETH/USDT:USDT')).toMatchObject({ amount: '0.25' });
  });

  it('tell the next settlement, and rates from the fields of USDT margin', () => {
    const rate = { fundingRate: '-0.0001', fundingTime: '1700000000000' };
    expect(readFundingRate(rate, { markPx: '2001' }, { idxPx: '2000' })).toEqual({
      rate: '-0.0001',
      nextAt: 1_700_000_000_000,
      markPrice: '2001',
      indexPrice: '2000',
    });
    const fees = { maker: '-0.0002', taker: '-0.0003', makerU: '0.0001', takerU: '-0.0005' };
    expect(readPerpetualFeeRates(envelope(fees))).toEqual({ maker: '-0.0001', taker: '0.0005' });
  });

  it('tell executions by which the venue itself closes a position', () => {
    const fill = { tradeId: '1', ordId: '2', side: 'sell', fillPx: '1', fillSz: '1', fee: '-0.1', feeCcy: '', execType: 'T', fillTime: '1', ts: '1' };
    const listed = (subType: string) => readFill({ ...fill, subType }, 'ETH/USDT:USDT', null);
    expect(['1', '2', '100', '107', '127'].map((subType) => listed(subType).isLiquidation)).toEqual([undefined, undefined, true, true, true]);
    expect(listed('2').feeAsset).toBe('USDT');
    const pushed = { ...fill, clOrdId: '', algoClOrdId: '', state: 'filled', fillFee: '-0.1', fillFeeCcy: 'USDT' };
    const told = (category: string) => readPushedFill({ ...pushed, category }, 'ETH/USDT:USDT')?.isLiquidation;
    expect(['normal', 'full_liquidation', 'partial_liquidation', 'adl'].map(told)).toEqual([undefined, true, true, true]);
  });
});

import { describe, expect, it } from 'vitest';
import { openOrders } from './_bitget-lists.ts';
import { marketId, readBalances, readFill, readFound, readInstruments, readKey, readOrder } from './_bitget-rows.ts';
import { bitgetQuotes, bitgetStream, spotNews } from './_bitget-streams.ts';
import { UnreadableAnswer } from './_fields.ts';

const wrapped = (data: unknown): unknown => ({ code: '00000', msg: 'success', requestTime: 1, data });
const SYMBOL_ROW = {
  symbol: 'BTCUSDT',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  minTradeAmount: '0',
  maxTradeAmount: '900000000000000000000',
  takerFeeRate: '0.002',
  makerFeeRate: '0.001',
  pricePrecision: '2',
  quantityPrecision: '6',
  status: 'online',
  minTradeUSDT: '1',
};
const ORDER = {
  symbol: 'BTCUSDT',
  orderId: '1300000000000000001',
  clientOid: 'mine',
  price: '59000.0000',
  size: '0.0010000000000000',
  orderType: 'limit',
  side: 'buy',
  status: 'partially_filled',
  priceAvg: '58999.5',
  baseVolume: '0.0004000000000000',
  cTime: '1900000000000',
  uTime: '1900000000001',
};
const FILL = { symbol: 'BTCUSDT', orderId: '7', tradeId: '8', side: 'buy', priceAvg: '13000', size: '0.0007', tradeScope: 'taker', cTime: '1900000000000' };
const feeOf = (feeDetail: unknown): string => readFill({ ...FILL, feeDetail }, 'BTC/USDT').feeAmount;

const spotStream = bitgetStream('SPOT', spotNews);
const spotQuotes = bitgetQuotes('SPOT', marketId);

describe('Bitget’s rows', () => {
  it('read digits as increments, senseless limits as none, and the least value only where it is in dollars', () => {
    const rows = [
      SYMBOL_ROW,
      { ...SYMBOL_ROW, symbol: 'ETHBTC', baseCoin: 'ETH', quoteCoin: 'BTC', pricePrecision: '0', maxTradeAmount: '10000', status: 'gray' },
    ];
    expect(readInstruments(wrapped(rows))).toMatchObject([
      {
        symbol: 'BTC/USDT',
        priceIncrement: '0.01',
        sizeIncrement: '0.000001',
        minSize: '0.000001',
        maxSize: null,
        maxPrice: null,
        minNotional: '1',
        status: 'trading',
      },
      { symbol: 'ETH/BTC', priceIncrement: '1', maxSize: '10000', minNotional: '0', status: 'halted' },
    ]);
  });

  it('leave out a symbol that cannot be read, unless none can', () => {
    const odd = { ...SYMBOL_ROW, symbol: 'ODDUSDT', baseCoin: 'ODD', pricePrecision: 'many' };
    expect(readInstruments(wrapped([odd, SYMBOL_ROW])).map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
    expect(readInstruments(wrapped([]))).toEqual([]);
    expect(() => readInstruments(wrapped([odd]))).toThrow('no instrument can be read');
  });

  it('read the price of an order by the name it has there, and its size in the base coin', () => {
    expect(readFound(wrapped([ORDER]), 'BTC/USDT')).toEqual({
      clientOrderId: 'mine',
      venueOrderId: '1300000000000000001',
      symbol: 'BTC/USDT',
      side: 'buy',
      status: 'open',
      price: '59000',
      size: '0.001',
      filledSize: '0.0004',
      updatedAt: 1_900_000_000_001,
    });
    expect(readOrder({ ...ORDER, uTime: '', symbol: 'btcusdt' }, 'BTC/USDT', 'priceAvg')).toMatchObject({
      price: '58999.5',
      updatedAt: 1_900_000_000_000,
    });
    expect(readFound(wrapped([{ ...ORDER, orderType: 'market', price: '', size: '600.01' }]), 'BTC/USDT')).toMatchObject({ price: null, size: '0.0004' });
  });

  it('refuse to guess: another instrument, an unknown status or side, an exponent', () => {
    for (const change of [{ symbol: 'ETHUSDT' }, { status: 'something' }, { side: 'hold' }, { price: '1e-7' }, { size: null }, { uTime: 'now' }])
      expect(() => readFound(wrapped([{ ...ORDER, ...change }]), 'BTC/USDT')).toThrow(UnreadableAnswer);
    expect(() => readFound(wrapped([]), 'BTC/USDT')).toThrow(UnreadableAnswer);
    expect(() => readInstruments('<html>')).toThrow(UnreadableAnswer);
  });

  it('read a fee as what was paid, whatever sign it is written with', () => {
    expect(feeOf({ deduction: 'no', feeCoin: 'BTC', totalDeductionFee: '', totalFee: '-0.0000007' })).toBe('0.0000007');
    expect(feeOf([{ deduction: 'no', feeCoin: 'BTC', totalDeductionFee: '0', totalFee: '0.0000007' }])).toBe('0.0000007');
    expect(feeOf({ deduction: 'yes', feeCoin: 'BGB', totalDeductionFee: '-0.0041', totalFee: '0.0041' })).toBe('0.0041');
    expect(readFill({ ...FILL, feeDetail: [{ feeCoin: null, totalFee: null }] }, 'BTC/USDT')).toMatchObject({
      feeAsset: 'USDT',
      feeAmount: '0',
      isMaker: false,
    });
  });

  it('are not read for ever when a venue turns no pages', async () => {
    const page = Array.from({ length: 100 }, (_, index) => ({ ...ORDER, orderId: String(5000 - index) }));
    await expect(openOrders(async () => wrapped(page), 'BTC/USDT')).rejects.toThrow('do not go on');
  });

  it('count what orders freeze and what is locked as one', () => {
    const coin = { coin: 'usdt', available: '10.50', frozen: '1.5', locked: '2', limitAvailable: '0' };
    expect(readBalances(wrapped([coin, { ...coin, coin: 'BTC', available: '0', frozen: '0', locked: '0' }]))).toEqual([
      { asset: 'USDT', free: '10.5', locked: '3.5' },
    ]);
  });

  it('read the rights of keys old and new', () => {
    const key = (authorities: readonly string[], ips: string): unknown => wrapped({ userId: '1', ips, authorities });
    expect(readKey([key(['stow', 'coow'], '')])).toMatchObject({ canTrade: true, canTradePerpetuals: true });
    expect(readKey([key(['stor', 'stow', 'wtow'], '10.0.0.1')])).toEqual({
      canTrade: true,
      canTradePerpetuals: false,
      canWithdraw: false,
      isIpRestricted: true,
    });
    expect(readKey([key(['stor', 'stow', 'wwow'], '')])).toEqual({ canTrade: true, canTradePerpetuals: false, canWithdraw: true, isIpRestricted: false });
    expect(readKey([key(['trade', 'readonly', 'withdraw'], '')])).toMatchObject({ canTrade: true, canWithdraw: true });
    expect(readKey([key(['stor', 'coow'], '')])).toMatchObject({ canTrade: false });
    expect(() => readKey([wrapped({ userId: '1' })])).toThrow(UnreadableAnswer);
  });
});

describe('Bitget’s frames', () => {
  const row = { instId: 'BTCUSDT', orderId: '1', clientOid: 'mine', orderType: 'limit', force: 'gtc', side: 'buy', status: 'live', cTime: '1', uTime: '2' };
  const frame = (more: Record<string, unknown>): unknown => ({
    action: 'snapshot',
    arg: { instType: 'SPOT', channel: 'orders', instId: 'default' },
    data: [{ ...row, ...more }],
  });
  const read = (message: unknown) => spotStream.read(message, (id) => (id === 'BTCUSDT' ? 'BTC/USDT' : null));

  it('take the size that is in the base coin and the cumulative filled size', () => {
    const filled = { tradeId: '9', fillPrice: '58999', baseVolume: '0.0005', fillTime: '2', fillFee: '-0.0000005', fillFeeCoin: 'BTC', tradeScope: 'M' };
    const sizes = { price: '59000', size: '59', newSize: '0.001', notional: '59', accBaseVolume: '0.001', status: 'filled' };
    expect(read(frame({ ...sizes, ...filled }))).toMatchObject({
      type: 'news',
      news: [
        { type: 'fill', fill: { tradeId: '9', clientOrderId: 'mine', size: '0.0005', price: '58999', feeAmount: '0.0000005', isMaker: true } },
        { type: 'order', order: { status: 'filled', size: '0.001', filledSize: '0.001', price: '59000' } },
      ],
    });
  });

  it('are a login that is answered with a subscription, a refusal that ends the connection, or nothing', () => {
    expect(read({ event: 'login', code: 0 })).toMatchObject({ type: 'reply', frames: [{ op: 'subscribe', args: [{ channel: 'orders', instId: 'default' }] }] });
    expect(read({ event: 'subscribe', arg: {} })).toEqual({ type: 'ready' });
    expect(read({ event: 'error', code: 30005, msg: 'error' })).toEqual({ type: 'drop', reason: 'refused: 30005' });
    expect(read('pong')).toEqual({ type: 'news', news: [] });
    expect(read({ ...(frame({}) as object), data: [{ ...row, instId: 'NOPE' }] })).toEqual({ type: 'news', news: [] });
  });

  it('ask for so many books in one frame that it stays below the venue’s limit of bytes', () => {
    const frames = spotQuotes.subscribe(Array.from({ length: 1000 }, (_, index) => `LONGCOINNAME${index}USDT`));
    expect(frames).toHaveLength(20);
    for (const each of frames) expect(JSON.stringify(each).length).toBeLessThan(4096);
  });

  it('quote nothing from a book with an empty side', () => {
    const book = (bids: unknown, asks: unknown): unknown => ({
      action: 'snapshot',
      arg: { channel: 'books1', instId: 'BTCUSDT' },
      data: [{ bids, asks, ts: '1' }],
    });
    expect(spotQuotes.read(book([['59999.90', '1']], [['60000.10', '1']]))).toEqual({ marketId: 'BTCUSDT', bid: '59999.9', ask: '60000.1' });
    expect(spotQuotes.read(book([], [['60000.10', '1']]))).toBeNull();
    expect(spotQuotes.read('pong')).toBeNull();
  });
});

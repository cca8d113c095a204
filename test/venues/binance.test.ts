import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type BinanceOptions, ccxtOptions, startBinance } from './binance.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(options: BinanceOptions = {}): Promise<VenueServer> {
  const server = await startBinance({ seed: 7, ...options });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.binance>;

function client(server: VenueServer, more: Record<string, unknown> = {}): Client {
  const made = new ccxt.pro.binance({ ...ccxtOptions(server), ...more });
  opened.push({ close: () => made.close() });
  return made;
}

/** The code of the venue's last answer, for a call that must fail. */
async function refusal(binance: Client, call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => `accepted: ${JSON.stringify(value)}`,
    (error: unknown) => /"code":(-?\d+)/.exec(String(binance.last_http_response))?.[1] ?? String(error),
  );
}

describe('unmodified ccxt over REST', () => {
  it('loads markets, reads balances, places, finds, lists and cancels', async () => {
    const server = await venue();
    const binance = client(server);
    const markets = await binance.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BNB/USDT', 'BTC/USDT', 'ETH/BTC', 'ETH/USDT']);
    expect(markets['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 }, limits: { cost: { min: 5 } }, active: true });
    expect((await binance.fetchBalance())['USDT']).toEqual({ free: 100_000, used: 0, total: 100_000 });
    const placed = await binance.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'mine1' });
    expect(placed).toMatchObject({ id: '1', clientOrderId: 'mine1', status: 'open', price: 50_000, amount: 0.01, filled: 0 });
    expect(await binance.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine1' })).toMatchObject({ id: '1', status: 'open' });
    expect((await binance.fetchBalance())['USDT']).toEqual({ free: 99_500, used: 500, total: 100_000 });
    expect(await binance.fetchOpenOrders('BTC/USDT')).toHaveLength(1);
    expect(await binance.cancelOrder('1', 'BTC/USDT')).toMatchObject({ status: 'canceled' });
    expect(await binance.fetchOrder('1', 'BTC/USDT')).toMatchObject({ status: 'canceled', clientOrderId: 'mine1' });
    expect((await binance.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0 });
  });

  it('executes a market order and lists its trades with the fee in the received coin', async () => {
    const server = await venue();
    const binance = client(server);
    const placed = await binance.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId: 'now' });
    expect(placed).toMatchObject({ status: 'closed', filled: 0.01, average: 60_000.01 });
    const trades = await binance.fetchMyTrades('BTC/USDT');
    expect(trades).toMatchObject([
      { id: '1', order: '1', side: 'buy', price: 60_000.01, amount: 0.01, takerOrMaker: 'taker', fee: { currency: 'BTC', cost: 0.00001 } },
    ]);
    expect(server.truth.balances()['BTC']).toEqual({ free: '2.00999', locked: '0' });
    expect(await binance.fetchOrders('BTC/USDT')).toMatchObject([{ clientOrderId: 'now', status: 'closed' }]);
  });

  it('serves public data that ccxt can read', async () => {
    const server = await venue();
    const binance = client(server, { apiKey: undefined, secret: undefined });
    expect(await binance.fetchTicker('BTC/USDT')).toMatchObject({ bid: 59_999.99, ask: 60_000.01, last: 60_000 });
    expect(await binance.fetchBidsAsks(['BTC/USDT'])).toMatchObject({ 'BTC/USDT': { bid: 59_999.99, ask: 60_000.01 } });
    expect((await binance.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
    const candles = await binance.fetchOHLCV('BTC/USDT', '5m', undefined, 20);
    expect(candles).toHaveLength(20);
    expect((candles[1]?.[0] ?? 0) - (candles[0]?.[0] ?? 0)).toBe(300_000);
    expect(Math.abs(((await binance.fetchTime()) ?? 0) - Date.now())).toBeLessThan(2_000);
  });

  it('loads with every default of ccxt left as it is', async () => {
    const server = await venue();
    const binance = client(server, { options: {} });
    await binance.loadMarkets();
    expect(binance.currencies['BTC']).toBeDefined();
    expect(await binance.fetchTradingFees()).toMatchObject({ 'BTC/USDT': { maker: 0.001, taker: 0.001 } });
  });

  it('tells what a key may do', async () => {
    const server = await venue({ keys: [{ ...KEY, canWithdraw: true, isIpRestricted: false }] });
    const told: unknown = await client(server).sapiGetAccountApiRestrictions();
    expect(told).toMatchObject({ enableWithdrawals: true, ipRestrict: false, enableSpotAndMarginTrading: true, enableReading: true });
  });

  it('accepts the same client id again once the first order is over, as Binance does', async () => {
    const server = await venue();
    const binance = client(server);
    const place = (): Promise<unknown> => binance.createOrder('BTC/USDT', 'market', 'buy', 0.001, undefined, { clientOrderId: 'again' });
    await place();
    await place();
    expect(server.truth.duplicates()).toEqual([{ account: 'main', clientOrderId: 'again', count: 2 }]);
  });
});

describe('refusals with Binance codes', () => {
  it.each([
    ['-2010', { price: '50000', quantity: '9' }],
    ['-1013', { price: '50000', quantity: '0.00001' }],
    ['-1013', { price: '50000.005', quantity: '0.01' }],
    ['-1013', { price: '50000', quantity: '0.000015' }],
    ['-1111', { price: '50000', quantity: '0.000000001' }],
    ['-1013', { price: '400000', quantity: '0.01' }],
    ['-1100', { price: '1e400', quantity: '0.01' }],
    ['-1100', { price: '50000', quantity: '-1' }],
    ['-1100', { price: '50000', quantity: '0.01', newClientOrderId: 'no spaces' }],
    ['-1102', { quantity: '0.01' }],
    ['-1121', { price: '50000', quantity: '0.01', symbol: 'NOPE' }],
    ['-1116', { price: '50000', quantity: '0.01', type: 'TAKE_PROFIT' }],
    ['-2010', { price: '70000', quantity: '0.01', type: 'LIMIT_MAKER', timeInForce: undefined }],
  ])('refuses an order with %s: %o', async (code, more) => {
    const server = await venue();
    const binance = client(server);
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', newClientOrderId: 'x1', ...more };
    expect(await refusal(binance, binance.privatePostOrder(Object.fromEntries(Object.entries(order).filter(([, value]) => value !== undefined))))).toBe(code);
    expect(server.truth.orders()).toEqual([]);
    expect(server.world.refused.map((each) => each.code)).toEqual([code]);
  });

  it('tells unknown orders apart: -2011 on cancel, -2013 on query, and -2010 for an open duplicate', async () => {
    const server = await venue();
    const binance = client(server);
    expect(await refusal(binance, binance.cancelOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('-2011');
    expect(await refusal(binance, binance.fetchOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('-2013');
    await binance.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'dup' });
    expect(await refusal(binance, binance.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'dup' }))).toBe('-2010');
  });

  it('checks key, signature and permission', async () => {
    const server = await venue({ keys: [KEY, { ...KEY, apiKey: 'reading-only-key-reading-only-key', account: 'other', canTrade: false }] });
    const asked = (more: Record<string, unknown>): Promise<string> => {
      const binance = client(server, more);
      return refusal(binance, binance.fetchBalance());
    };
    expect(await asked({ apiKey: 'short' })).toBe('-2014');
    expect(await asked({ apiKey: `${KEY.apiKey}1` })).toBe('-2015');
    expect(await asked({ secret: 'wrong' })).toBe('-1022');
    const reader = client(server, { apiKey: 'reading-only-key-reading-only-key' });
    expect(await refusal(reader, reader.privatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' }))).toBe('-2015');
  });

  it('refuses a request from outside the receive window with -1021, ahead or behind', async () => {
    const server = await venue();
    const binance = client(server);
    server.world.skewMs = -2_000;
    expect(await refusal(binance, binance.fetchBalance())).toBe('-1021');
    server.world.skewMs = 20_000;
    expect(await refusal(binance, binance.fetchBalance())).toBe('-1021');
    await binance.loadTimeDifference();
    expect(await refusal(binance, binance.privateGetAccount({ timestamp: Date.now() + 20_000 }))).toContain('accepted');
  });
});

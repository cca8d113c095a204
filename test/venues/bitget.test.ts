import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type BitgetOptions, bitgetCcxtOptions, startBitget } from './bitget.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(options: BitgetOptions = {}): Promise<VenueServer> {
  const server = await startBitget({ seed: 7, ...options });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.bitget>;

function client(server: VenueServer, more: Record<string, unknown> = {}): Client {
  const made = new ccxt.pro.bitget({ ...bitgetCcxtOptions(server), ...more });
  opened.push({ close: () => made.close() });
  return made;
}

/** The code of the venue's last answer, for a call that must fail. */
async function refusal(bitget: Client, call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => `accepted: ${JSON.stringify(value)}`,
    (error: unknown) => /"code":"(\d+)"/.exec(String(bitget.last_http_response))?.[1] ?? String(error),
  );
}

const CLIENT_ID = { clientOrderId: 'mine1' };

describe('unmodified ccxt over REST', () => {
  it('loads markets, reads balances, places, finds, lists and cancels', async () => {
    const server = await venue();
    const bitget = client(server);
    const markets = await bitget.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BNB/USDT', 'BTC/USDT', 'BTC/USDT:USDT', 'ETH/BTC', 'ETH/USDT', 'ETH/USDT:USDT']);
    expect(markets['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 }, limits: { cost: { min: 5 } }, active: true });
    expect((await bitget.fetchBalance())['USDT']).toEqual({ free: 100_000, used: 0, total: 100_000 });
    const placed = await bitget.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, CLIENT_ID);
    expect(placed).toMatchObject({ id: '1300000000000000001', clientOrderId: 'mine1' });
    expect(await bitget.fetchOrder('', 'BTC/USDT', CLIENT_ID)).toMatchObject({ id: placed.id, status: 'open', price: 50_000, amount: 0.01, filled: 0 });
    expect((await bitget.fetchBalance())['USDT']).toEqual({ free: 99_500, used: 500, total: 100_000 });
    expect(await bitget.fetchOpenOrders('BTC/USDT')).toMatchObject([{ clientOrderId: 'mine1', price: 50_000, average: undefined }]);
    await bitget.cancelOrder('', 'BTC/USDT', CLIENT_ID);
    expect(await bitget.fetchOrder('1300000000000000001', 'BTC/USDT')).toMatchObject({ status: 'canceled', clientOrderId: 'mine1' });
    expect((await bitget.fetchBalance())['USDT']).toEqual({ free: 100_000, used: 0, total: 100_000 });
    expect(await bitget.fetchCanceledOrders('BTC/USDT')).toHaveLength(1);
  });

  it('takes an amount of money for market buys and a size for market sales, and lists trades with the fee paid', async () => {
    const server = await venue();
    const bitget = client(server);
    await bitget.createOrder('BTC/USDT', 'market', 'buy', 600.01, undefined, { cost: 600.01, clientOrderId: 'money' });
    await bitget.createOrder('BTC/USDT', 'market', 'sell', 0.005, undefined, { clientOrderId: 'size' });
    expect(server.truth.orders().map(({ side, size, status }) => `${side} ${size} ${status}`)).toEqual(['buy 0.01 filled', 'sell 0.005 filled']);
    expect(await bitget.fetchOrder('', 'BTC/USDT', { clientOrderId: 'money' })).toMatchObject({ status: 'closed', filled: 0.01, average: 60_000.01 });
    expect(await bitget.fetchMyTrades('BTC/USDT')).toMatchObject([
      { id: '1', order: '1300000000000000001', side: 'buy', price: 60_000.01, amount: 0.01, takerOrMaker: 'taker', fee: { currency: 'BTC', cost: 0.00001 } },
      { id: '2', side: 'sell', amount: 0.005, fee: { currency: 'USDT' } },
    ]);
  });

  it('accepts a post-only order that would take, and ends it without a trade', async () => {
    const server = await venue();
    const bitget = client(server);
    await bitget.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 61_000, { ...CLIENT_ID, postOnly: true });
    expect(await bitget.fetchOrder('', 'BTC/USDT', CLIENT_ID)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('serves public data that ccxt can read', async () => {
    const server = await venue();
    const bitget = client(server, { apiKey: undefined, secret: undefined, password: undefined });
    expect(await bitget.fetchTicker('BTC/USDT')).toMatchObject({ bid: 59_999.99, ask: 60_000.01, last: 60_000 });
    expect((await bitget.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
    const candles = await bitget.fetchOHLCV('BTC/USDT', '5m', undefined, 20);
    expect(candles).toHaveLength(20);
    expect((candles[1]?.[0] ?? 0) - (candles[0]?.[0] ?? 0)).toBe(300_000);
    expect(Math.abs(((await bitget.fetchTime()) ?? 0) - Date.now())).toBeLessThan(2_000);
  });
});

describe('refusals with Bitget codes', () => {
  const ORDER = { symbol: 'BTCUSDT', side: 'buy', orderType: 'limit', force: 'gtc', price: '50000', size: '0.01', clientOid: 'x1' };
  it.each([
    ['43012', { size: '9' }],
    ['45110', { size: '0.00005' }],
    ['40808', { price: '50000.005' }],
    ['40808', { size: '0.000015' }],
    ['43009', { price: '64000' }],
    ['43008', { side: 'sell', price: '50000' }],
    ['40017', { price: '1e400' }],
    ['40017', { size: '-1' }],
    ['40017', { force: 'whenever' }],
    ['40017', { orderType: 'stop' }],
    ['43011', { clientOid: 'at@home' }],
    ['40304', { clientOid: 'x'.repeat(51) }],
    ['40019', { price: undefined }],
    ['40034', { symbol: 'NOPE' }],
    ['40078', { requestTime: '1600000000000', receiveWindow: '5000' }],
    ['40079', { requestTime: '1600000000000', receiveWindow: '90000' }],
  ])('refuses an order with %s: %o', async (code, more) => {
    const server = await venue();
    const bitget = client(server);
    expect(await refusal(bitget, bitget.privateSpotPostV2SpotTradePlaceOrder({ ...ORDER, ...more }))).toBe(code);
    expect(server.truth.orders()).toEqual([]);
    expect(server.world.refused.map((each) => each.code)).toEqual([code]);
  });

  it('refuses a second open order of one client id, and takes it again once the first is over', async () => {
    const server = await venue();
    const bitget = client(server);
    await bitget.privateSpotPostV2SpotTradePlaceOrder(ORDER);
    expect(await refusal(bitget, bitget.privateSpotPostV2SpotTradePlaceOrder(ORDER))).toBe('40786');
    await bitget.privateSpotPostV2SpotTradeCancelOrder({ symbol: 'BTCUSDT', clientOid: 'x1' });
    expect(await refusal(bitget, bitget.privateSpotPostV2SpotTradeCancelOrder({ symbol: 'BTCUSDT', clientOid: 'x1' }))).toBe('43001');
    await bitget.privateSpotPostV2SpotTradePlaceOrder(ORDER);
    expect(server.truth.duplicates()).toEqual([{ account: 'main', clientOrderId: 'x1', count: 2 }]);
  });

  it('checks key, passphrase, signature and permission', async () => {
    const server = await venue({ keys: [KEY, { ...KEY, apiKey: 'reads', account: 'other', canTrade: false }] });
    const asked = (more: Record<string, unknown>): Promise<string> => {
      const bitget = client(server, more);
      return refusal(bitget, bitget.privateSpotGetV2SpotAccountAssets({ coin: 'USDT', assetType: 'all' }));
    };
    expect(await asked({ apiKey: `${KEY.apiKey}1` })).toBe('40006');
    expect(await asked({ password: 'wrong' })).toBe('40012');
    expect(await asked({ secret: 'wrong' })).toBe('40009');
    expect(await asked({})).toContain('accepted');
    const reader = client(server, { apiKey: 'reads' });
    expect(await refusal(reader, reader.privateSpotPostV2SpotTradePlaceOrder(ORDER))).toBe('40014');
  });

  it('refuses a request whose time is half a minute off, either way', async () => {
    const server = await venue();
    const bitget = client(server);
    for (const skewMs of [31_000, -31_000]) {
      server.world.skewMs = skewMs;
      expect(await refusal(bitget, bitget.privateSpotGetV2SpotAccountAssets())).toBe('40008');
    }
    server.world.skewMs = 29_000;
    expect(await refusal(bitget, bitget.privateSpotGetV2SpotAccountAssets())).toContain('accepted');
  });

  it('grants each endpoint so many requests a second', async () => {
    let now = 1_900_000_000_000;
    const server = await venue({ now: () => now });
    const bitget = client(server);
    const ask = (): Promise<string> => refusal(bitget, bitget.publicSpotGetV2SpotMarketTickers({ symbol: 'BTCUSDT' }));
    for (let index = 0; index < 20; index += 1) expect(await ask()).toContain('accepted');
    expect(await ask()).toBe('429');
    now += 1_000;
    expect(await ask()).toContain('accepted');
  });

  it('knows an order by the client’s id for two hours, and by its own for good', async () => {
    let now = 1_900_000_000_000;
    const server = await venue({ now: () => now });
    const { venueOrderId } = server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000', clientOrderId: 'old' });
    const bitget = client(server);
    bitget.nonce = () => now;
    const found = async (by: Record<string, string>): Promise<unknown> => (await bitget.privateSpotGetV2SpotTradeOrderInfo(by))['data'];
    now += 7_200_000;
    expect(await found({ clientOid: 'old' })).toHaveLength(1);
    now += 1;
    expect(await found({ clientOid: 'old' })).toEqual([]);
    expect(await found({ orderId: String(1_300_000_000_000_000_000n + BigInt(venueOrderId)) })).toHaveLength(1);
  });
});

it('answers late, not never, to a query that names no market', async () => {
  let now = 1_900_000_000_000;
  const server = await venue({ now: () => now });
  server.faults.add({ where: 'before', operation: 'findOrder', kind: 'notFound', maxAgeMs: 1_000, count: null });
  server.truth.placeByHand({ symbol: 'ETH/USDT', side: 'buy', size: '0.1', price: '2500', clientOrderId: 'young' });
  const bitget = client(server);
  bitget.nonce = () => now;
  const found = async (): Promise<unknown> => (await bitget.privateSpotGetV2SpotTradeOrderInfo({ clientOid: 'young' }))['data'];
  expect(await found()).toEqual([]);
  now += 1_001;
  expect(await found()).toHaveLength(1);
});

describe('unmodified ccxt over WebSocket', () => {
  it('watches own orders and trades; what ccxt calls filled is the last execution alone', async () => {
    const server = await venue();
    const bitget = client(server);
    await bitget.loadMarkets();
    const orders = bitget.watchOrders('BTC/USDT');
    const trades = bitget.watchMyTrades('BTC/USDT');
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(2);
    await bitget.createOrder('BTC/USDT', 'limit', 'buy', 0.003, 59_000, CLIENT_ID);
    expect(await orders).toMatchObject([{ clientOrderId: 'mine1', status: 'open', amount: 0.003, filled: 0 }]);
    for (const lots of [100, 200]) {
      const told = bitget.watchOrders('BTC/USDT');
      server.world.exchange.setQuote('BTC/USDT', 5_899_800, 5_899_900, Date.now(), lots);
      server.world.flush();
      expect((await told).at(-1)).toMatchObject({ filled: lots / 100_000, status: lots === 100 ? 'open' : 'closed' });
    }
    expect((await trades).at(-1)).toMatchObject({ price: 59_000, takerOrMaker: 'maker', fee: { currency: 'BTC' } });
  });

  it('watches balances, best prices, tickers, candles and public trades', async () => {
    const server = await venue();
    const bitget = client(server);
    await bitget.loadMarkets();
    expect((await bitget.watchBalance())['USDT']).toMatchObject({ free: 100_000 });
    expect(await bitget.watchBidsAsks(['BTC/USDT'])).toMatchObject({ 'BTC/USDT': { bid: 59_999.99, ask: 60_000.01 } });
    const ticker = bitget.watchTicker('BTC/USDT');
    const candles = bitget.watchOHLCV('BTC/USDT', '1m');
    const trades = bitget.watchTrades('BTC/USDT');
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(4);
    server.world.setPrice('BTC/USDT', '60100');
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01' });
    expect((await ticker).last).toBeGreaterThanOrEqual(60_000);
    expect((await candles).at(-1)?.[4]).toBeGreaterThanOrEqual(60_000);
    expect(await trades).toMatchObject([{ side: 'buy', amount: 0.01 }]);
  });

  it('keeps an order book whose checksum ccxt finds right', async () => {
    const server = await venue({ walk: { liquidityLots: [100, 5_000] } });
    const bitget = client(server);
    await bitget.loadMarkets();
    await bitget.watchOrderBook('BTC/USDT');
    for (const price of ['60000.05', '59999.5', '60300']) {
      const next = bitget.watchOrderBook('BTC/USDT');
      server.world.setPrice('BTC/USDT', price);
      const { bids, asks } = await next;
      expect([bids[0]?.[0], asks[0]?.[0]]).toEqual([Number(price) - 0.01, Number(price) + 0.01].map((value) => Number(value.toFixed(2))));
    }
  });

  it.each([
    [30011, { apiKey: 'unknown' }],
    [30012, { password: 'wrong' }],
    [30015, { secret: 'wrong' }],
  ])('refuses a login with %i', async (code, more) => {
    const bitget = client(await venue(), more);
    // Markets come first, for which keys that are wrong are of no use.
    const markets = await client(await venue()).loadMarkets();
    bitget.setMarkets(markets);
    await expect(bitget.watchOrders('BTC/USDT')).rejects.toThrow(String(code));
  });

  it('refuses private channels without a login, unknown channels, and frames that are too long', async () => {
    const server = await venue();
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v2/ws/private`);
    opened.push({ close: async () => socket.close() });
    const heard: string[] = [];
    socket.onmessage = ({ data }) => heard.push(String(data));
    await new Promise((resolve) => (socket.onopen = resolve));
    const frames = [
      { instType: 'SPOT', channel: 'orders', instId: 'default' },
      { instType: 'SPOT', channel: 'ticker', instId: 'BTCUSDT' },
    ].map((argument) => JSON.stringify({ op: 'subscribe', args: [argument] }));
    for (const frame of [...frames, 'ping', 'x'.repeat(5_000)]) socket.send(frame);
    await expect.poll(() => heard.length, { interval: 5 }).toBe(4);
    expect(heard.map((text) => (text === 'pong' ? text : (JSON.parse(text) as { code: number }).code))).toEqual([30_004, 30_001, 'pong', 30_002]);
  });
});

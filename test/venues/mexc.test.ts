import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import { KEY } from './_world.ts';
import { ccxtOptions, type MexcOptions, type MexcServer, startMexc } from './mexc.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(options: MexcOptions = {}): Promise<MexcServer> {
  const server = await startMexc({ seed: 7, keys: [{ ...KEY, canWithdraw: true }], ...options });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.mexc>;

function client(server: MexcServer, more: Record<string, unknown> = {}): Client {
  const made = new ccxt.pro.mexc({ ...ccxtOptions(server), ...more });
  opened.push({ close: () => made.close() });
  return made;
}

/** The code of the venue's last answer, for a call that must fail. */
async function refusal(mexc: Client, call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => `accepted: ${JSON.stringify(value)}`,
    (error: unknown) => /"code":(-?\d+)/.exec(String(mexc.last_http_response))?.[1] ?? String(error),
  );
}

describe('unmodified ccxt over REST', () => {
  it('loads markets with every default left as it is, reads balances, places, finds, lists and cancels', async () => {
    const server = await venue();
    const mexc = client(server);
    const markets = await mexc.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BNB/USDT', 'BTC/USDT', 'ETH/BTC', 'ETH/USDT']);
    expect(markets['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 }, limits: { cost: { min: 5 } }, active: true });
    expect((await mexc.fetchBalance())['USDT']).toEqual({ free: 100_000, used: 0, total: 100_000 });
    const placed = await mexc.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'mine1' });
    expect(placed).toMatchObject({ id: 'C02__1', side: 'buy', price: 50_000, amount: 0.01 });
    expect(placed.status).toBeUndefined();
    expect(await mexc.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine1' })).toMatchObject({ id: 'C02__1', status: 'open', clientOrderId: 'mine1' });
    expect((await mexc.fetchBalance())['USDT']).toEqual({ free: 99_499.4999, used: 500.5001, total: 100_000 });
    expect(await mexc.fetchOpenOrders('BTC/USDT')).toHaveLength(1);
    await mexc.cancelOrder('C02__1', 'BTC/USDT');
    expect(await mexc.fetchOrder('C02__1', 'BTC/USDT')).toMatchObject({ status: 'canceled', clientOrderId: 'mine1' });
    expect((await mexc.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0 });
  });

  it('takes the fee of both sides in the quote asset, and lists trades with times in whole seconds, newest first', async () => {
    const server = await venue();
    const mexc = client(server);
    await mexc.createOrder('BTC/USDT', 'market', 'buy', 0.01, 60_000, { clientOrderId: 'now' });
    await mexc.createOrder('BTC/USDT', 'market', 'sell', 0.005);
    const trades = await mexc.fetchMyTrades('BTC/USDT');
    expect(trades.map((trade) => [trade.side, trade.fee?.currency])).toEqual([
      ['buy', 'USDT'],
      ['sell', 'USDT'],
    ]);
    const raw = (await mexc.spotPrivateGetMyTrades({ symbol: 'BTCUSDT' })) as { readonly time: string; readonly isBuyer: boolean; readonly id: string }[];
    expect(raw.map(({ time }) => Number(time) % 1_000)).toEqual([0, 0]);
    expect(raw.map(({ id, isBuyer }) => `${id} ${isBuyer}`)).toEqual(['2X1 false', '1X1 true']);
  });

  it('serves public data that ccxt can read', async () => {
    const mexc = client(await venue(), { apiKey: undefined, secret: undefined });
    expect(await mexc.fetchTicker('BTC/USDT')).toMatchObject({ bid: 59_999.99, ask: 60_000.01, last: 60_000 });
    expect(await mexc.fetchBidsAsks(['BTC/USDT', 'ETH/USDT'])).toMatchObject({ 'BTC/USDT': { bid: 59_999.99, ask: 60_000.01 } });
    expect((await mexc.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
    const candles = await mexc.fetchOHLCV('BTC/USDT', '5m', undefined, 20);
    expect(candles).toHaveLength(20);
    expect((candles[1]?.[0] ?? 0) - (candles[0]?.[0] ?? 0)).toBe(300_000);
    expect(Math.abs(((await mexc.fetchTime()) ?? 0) - Date.now())).toBeLessThan(2_000);
  });

  it('cannot load markets with a key that may not look at withdrawals, and is bricked by it', async () => {
    const mexc = client(await venue({ keys: [KEY] }));
    await expect(mexc.loadMarkets()).rejects.toThrow('700007');
    await expect(mexc.fetchBalance()).rejects.toThrow('700007');
  });
});

describe('what ccxt does at MEXC, and we must not', () => {
  it('sends a plain order in place of a stop', async () => {
    const server = await venue();
    await client(server).createOrder('BTC/USDT', 'limit', 'buy', 0.001, 62_000, { triggerPrice: 61_000 });
    expect(server.truth.fills()).toHaveLength(1);
  });

  it('writes its own time and window over those it is given', async () => {
    const server = await venue();
    await client(server).spotPrivateGetAccount({ timestamp: 1, recvWindow: 60_000 });
    expect(server.log.list('balances')[0]?.parameters).toMatch(/^timestamp=1[0-9]{12}&recvWindow=5000/);
  });

  it('takes a page for an order', async () => {
    const server = await venue();
    const mexc = client(server);
    await mexc.loadMarkets();
    server.faults.add({ where: 'after', kind: 'junk', operation: 'placeOrder' });
    const placed = await mexc.createOrder('BTC/USDT', 'limit', 'buy', 0.001, 50_000);
    expect(placed.id).toContain('<!DOCTYPE html>');
  });

  it('accepts the same client id again once the first order is over', async () => {
    const server = await venue();
    const mexc = client(server);
    for (let time = 0; time < 2; time += 1) await mexc.createOrder('BTC/USDT', 'market', 'sell', 0.001, undefined, { clientOrderId: 'again' });
    expect(server.truth.duplicates()).toEqual([{ account: 'main', clientOrderId: 'again', count: 2 }]);
  });
});

describe('refusals with MEXC codes', () => {
  it.each([
    ['30004', { price: '50000', quantity: '9' }],
    ['30002', { price: '50000', quantity: '0.00001' }],
    ['400', { price: '50000.005', quantity: '0.01' }],
    ['400', { price: '50000', quantity: '0.000015' }],
    ['30003', { price: '50000', quantity: '900' }],
    ['30010', { price: '0', quantity: '0.01' }],
    ['10102', { price: '50000', quantity: '0' }],
    ['700008', { price: '1e400', quantity: '0.01' }],
    ['700008', { price: '50000', quantity: '-1' }],
    ['700008', { price: '50000', quantity: '0.01', newClientOrderId: 'no spaces' }],
    ['44444', { quantity: '0.01' }],
    ['44444', { type: 'MARKET', quantity: '0.01' }],
    ['10007', { price: '50000', quantity: '0.01', symbol: 'NOPE' }],
    ['30041', { price: '50000', quantity: '0.01', type: 'STOP_LIMIT' }],
  ])('refuses an order with %s: %o', async (code, more) => {
    const server = await venue();
    const mexc = client(server);
    expect(await refusal(mexc, mexc.spotPrivatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', newClientOrderId: 'x1', ...more }))).toBe(code);
    expect(server.truth.orders()).toEqual([]);
    expect(server.world.refused.map((each) => each.code)).toEqual([code]);
  });

  it('tells unknown orders apart: -2011 on cancel, -2013 on query', async () => {
    const mexc = client(await venue());
    expect(await refusal(mexc, mexc.cancelOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('-2011');
    expect(await refusal(mexc, mexc.fetchOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('-2013');
  });

  it('takes a post-only order that would trade, and ends it without a trade', async () => {
    const server = await venue();
    await client(server).createOrder('BTC/USDT', 'limit', 'buy', 0.001, 61_000, { postOnly: true, clientOrderId: 'maker' });
    expect(server.truth.fills()).toEqual([]);
    expect(server.truth.orders()).toMatchObject([{ clientOrderId: 'maker', status: 'expired' }]);
  });

  it('checks key, signature, permission and time', async () => {
    const server = await venue({ keys: [KEY, { ...KEY, apiKey: 'reading-only', account: 'other', canTrade: false }] });
    const asked = (more: Record<string, unknown>): Promise<string> => {
      const mexc = client(server, more);
      return refusal(mexc, mexc.spotPrivateGetAccount());
    };
    expect(await asked({ apiKey: 'unknown' })).toBe('10072');
    expect(await asked({ secret: 'wrong' })).toBe('700002');
    expect(await asked({ options: { recvWindow: 60_001 } })).toBe('700005');
    const reader = client(server, { apiKey: 'reading-only' });
    expect(await refusal(reader, reader.spotPrivatePostOrderTest({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', price: '1', quantity: '1' }))).toBe('700007');
    for (const skewMs of [-2_000, 7_000]) {
      server.world.skewMs = skewMs;
      expect(await asked({})).toBe('700003');
    }
  });

  it('refuses past the limit of an endpoint with 429 and Retry-After, bans who goes on, and leaves other endpoints open', async () => {
    let now = 1_800_000_004_000;
    const server = await venue({ limits: { weightPer10s: 20, strikesToBan: 1, banSeconds: 120 }, now: () => now });
    const ask = async (path: string): Promise<[number, string | null]> => {
      const answer = await fetch(`${server.url}/api/v3/${path}`);
      return [answer.status, answer.headers.get('retry-after')];
    };
    expect([await ask('exchangeInfo'), await ask('exchangeInfo')]).toEqual([
      [200, null],
      [200, null],
    ]);
    expect(await ask('exchangeInfo')).toEqual([429, '6']);
    expect(await ask('time')).toEqual([200, null]);
    expect(await ask('exchangeInfo')).toEqual([418, '120']);
    now += 120_000;
    expect(await ask('time')).toEqual([200, null]);
  });
});

describe('unmodified ccxt over WebSocket, with the package that it needs for it', () => {
  it('watches orders and own trades', async () => {
    const server = await venue();
    const mexc = client(server);
    await mexc.loadMarkets();
    const [orders, trades] = [mexc.watchOrders('BTC/USDT'), mexc.watchMyTrades('BTC/USDT')];
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(2);
    await mexc.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 60_100, { clientOrderId: 'mine' });
    expect(await trades).toMatchObject([
      { id: '1X1', order: 'C02__1', side: 'buy', price: 60_000.01, amount: 0.01, fee: { currency: 'USDT', cost: 0.6000001 } },
    ]);
    expect(await orders).toMatchObject([{ id: 'C02__1', clientOrderId: 'mine', side: 'buy', amount: 0.01 }]);
    await expect.poll(() => mexc.orders?.[0]?.status, { interval: 5 }).toBe('closed');
  });

  it('watches balances, best prices, trades, candles and the order book', async () => {
    const server = await venue();
    const mexc = client(server);
    await mexc.loadMarkets();
    const balance = mexc.watchBalance();
    const [ticker, trades, candles] = [mexc.watchTicker('BTC/USDT'), mexc.watchTrades('BTC/USDT'), mexc.watchOHLCV('BTC/USDT', '1m')];
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(4);
    server.world.setPrice('BTC/USDT', '60100');
    expect(await ticker).toMatchObject({ bid: 60_099.99, ask: 60_100.01 });
    expect((await candles).at(-1)?.[4]).toBe(60_100);
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01' });
    expect(await trades).toMatchObject([{ price: 60_100.01, amount: 0.01, side: 'buy' }]);
    await balance;
    await expect.poll(() => mexc.balance['spot']?.['BTC']?.free, { interval: 5 }).toBe(2.01);
  });

  it('never resolves best prices under their own name', async () => {
    const server = await venue();
    const mexc = client(server);
    await mexc.loadMarkets();
    let isResolved = false;
    mexc.watchBidsAsks(['BTC/USDT']).then(
      () => (isResolved = true),
      () => undefined,
    );
    const ticker = mexc.watchTicker('ETH/USDT');
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(2);
    server.world.setPrice('BTC/USDT', '60100');
    server.world.setPrice('ETH/USDT', '3100');
    await ticker;
    expect(isResolved).toBe(false);
  });
});

/** What a bare connection is told in answer to its messages. */
async function told(server: MexcServer, query: string, messages: readonly unknown[]): Promise<string[]> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws${query}`);
  opened.push({ close: async () => socket.close() });
  const answers: string[] = [];
  socket.onmessage = ({ data }) => answers.push(String(data));
  await new Promise((resolve) => (socket.onopen = resolve));
  for (const message of messages) socket.send(JSON.stringify(message));
  await expect.poll(() => answers.length, { interval: 5 }).toBe(messages.length);
  return answers.map((answer) => (answer.startsWith('{') ? String((JSON.parse(answer) as { readonly msg: unknown }).msg) : answer));
}

describe('the stream protocol', () => {
  const ticker = (id: string): string => `spot@public.aggre.bookTicker.v3.api.pb@100ms@${id}`;
  const subscribe = (...params: string[]): unknown => ({ method: 'SUBSCRIPTION', params });

  it('acknowledges by the name of the channel, pongs, and refuses with code 0', async () => {
    const server = await venue();
    const answers = await told(server, '', [
      { method: 'PING' },
      subscribe(ticker('BTCUSDT')),
      subscribe(ticker('NOPE')),
      subscribe('spot@private.orders.v3.api.pb'),
    ]);
    expect(answers.slice(0, 2)).toEqual(['PONG', ticker('BTCUSDT')]);
    expect(answers.slice(2).map((answer) => answer.startsWith('Not Subscribed successfully!'))).toEqual([true, true]);
  });

  it('carries thirty subscriptions and no more', async () => {
    const server = await venue();
    const kinds = ['bookTicker', 'deals', 'depth'].flatMap((kind) => ['10ms', '100ms'].map((speed) => `aggre.${kind}.v3.api.pb@${speed}`));
    const channels = kinds.flatMap((kind) => ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'ETHBTC'].map((id) => `spot@public.${kind}@${id}`));
    const candles = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'ETHBTC'].map((id) => `spot@public.kline.v3.api.pb@${id}@Min1`);
    const key = server.listenKeys.create('main');
    const own = ['orders', 'deals', 'account'].map((kind) => `spot@private.${kind}.v3.api.pb`);
    const answers = await told(
      server,
      `?listenKey=${key}`,
      [...channels, ...candles, ...own].map((channel) => subscribe(channel)),
    );
    expect(answers.findIndex((answer) => answer.startsWith('Not Subscribed'))).toBe(30);
  });

  it('knows listen keys: an hour each, sixty an account, none that is not its own', async () => {
    let now = 1_800_000_000_000;
    const { listenKeys } = await venue({ now: () => now });
    const key = listenKeys.create('main');
    expect(listenKeys.accountOf(key)).toBe('main');
    expect(() => listenKeys.renew('other', key)).toThrow('input param');
    now += 3_599_999;
    listenKeys.renew('main', key);
    now += 3_599_999;
    expect(listenKeys.accountOf(key)).toBe('main');
    now += 1;
    expect(listenKeys.accountOf(key)).toBeNull();
    for (let count = 0; count < 60; count += 1) listenKeys.create('main');
    expect(() => listenKeys.create('main')).toThrow('too many');
  });

  it('answers a key that it does not know with a text', async () => {
    expect(await told(await venue(), '?listenKey=unknown', [{ method: 'PING' }])).toEqual(['Invalid listen key']);
  });
});

import { createHmac } from 'node:crypto';
import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type BybitOptions, bybitCcxtOptions, startBybit } from './bybit.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(options: BybitOptions = {}): Promise<VenueServer> {
  const server = await startBybit({ seed: 7, ...options });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.bybit>;

function client(server: VenueServer, more: Record<string, unknown> = {}): Client {
  const made = new ccxt.pro.bybit({ ...bybitCcxtOptions(server), options: { defaultType: 'spot' }, ...more });
  opened.push({ close: () => made.close() });
  return made;
}

/** The code of the venue's last answer, for a call that must fail. */
async function refusal(bybit: Client, call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => `accepted: ${JSON.stringify(value)}`,
    (error: unknown) => /"retCode":(-?\d+)/.exec(String(bybit.last_http_response))?.[1] ?? String(error),
  );
}

/** Waits until ccxt waits for a frame under this name, so that nothing is pushed too early. */
async function waiting(bybit: Client, name: string): Promise<void> {
  await expect.poll(() => Object.values(bybit.clients).some((each) => name in each.futures && each.isConnected), { interval: 5 }).toBe(true);
}

async function subscribed(server: VenueServer, count: number): Promise<void> {
  await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(count);
}

const find = (bybit: Client, orderLinkId: string): Promise<unknown> => bybit.fetchOrder('', 'BTC/USDT', { orderLinkId, acknowledged: true });

describe('unmodified ccxt over REST', () => {
  it('loads markets with all its defaults, reads balances, places, finds, lists and cancels', async () => {
    const server = await venue();
    const bybit = client(server);
    const markets = await bybit.loadMarkets();
    expect(
      Object.keys(markets)
        .filter((symbol) => !symbol.includes(':'))
        .sort(),
    ).toEqual(['BNB/USDT', 'BTC/USDT', 'ETH/BTC', 'ETH/USDT']);
    expect(markets['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 }, limits: { cost: { min: 5 } }, active: true });
    expect((await bybit.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0, total: 100_000 });
    expect(await bybit.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'mine1' })).toMatchObject({ id: '1', clientOrderId: 'mine1' });
    expect(await find(bybit, 'mine1')).toMatchObject({ id: '1', status: 'open', price: 50_000, amount: 0.01, filled: 0 });
    expect((await bybit.fetchBalance())['USDT']).toMatchObject({ free: 99_500, used: 500, total: 100_000 });
    expect(await bybit.fetchOpenOrders('BTC/USDT')).toHaveLength(1);
    expect(await bybit.cancelOrder('1', 'BTC/USDT')).toMatchObject({ id: '1', clientOrderId: 'mine1' });
    expect(await find(bybit, 'mine1')).toMatchObject({ status: 'canceled', clientOrderId: 'mine1' });
    expect((await bybit.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0 });
  });

  it('executes a market order by base size and lists its trades with the fee in the received coin', async () => {
    const server = await venue();
    const bybit = client(server);
    await bybit.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId: 'now' });
    expect(await find(bybit, 'now')).toMatchObject({ status: 'closed', filled: 0.01, average: 60_000.01 });
    expect(await bybit.fetchMyTrades('BTC/USDT')).toMatchObject([
      { id: '1', order: '1', side: 'buy', price: 60_000.01, amount: 0.01, takerOrMaker: 'taker', fee: { currency: 'BTC', cost: 0.00001 } },
    ]);
    expect(await bybit.fetchClosedOrders('BTC/USDT')).toMatchObject([{ clientOrderId: 'now', status: 'closed' }]);
  });

  it('serves public data that ccxt can read', async () => {
    const bybit = client(await venue(), { apiKey: undefined, secret: undefined });
    expect(await bybit.fetchTicker('BTC/USDT')).toMatchObject({ bid: 59_999.99, ask: 60_000.01, last: 60_000 });
    expect((await bybit.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
    const candles = await bybit.fetchOHLCV('BTC/USDT', '5m', undefined, 20);
    expect(candles).toHaveLength(20);
    expect((candles[1]?.[0] ?? 0) - (candles[0]?.[0] ?? 0)).toBe(300_000);
    expect(Math.abs(((await bybit.fetchTime()) ?? 0) - Date.now())).toBeLessThan(2_000);
  });

  it('tells the fees and what a key may do', async () => {
    const bybit = client(await venue({ keys: [{ ...KEY, canWithdraw: true, isIpRestricted: false }] }));
    expect(await bybit.fetchTradingFee('BTC/USDT')).toMatchObject({ maker: 0.001, taker: 0.001 });
    expect(await bybit.privateGetV5UserQueryApi()).toMatchObject({
      result: { readOnly: 0, ips: ['*'], permissions: { Wallet: ['AccountTransfer', 'Withdraw'] } },
    });
  });

  it('never takes a client id twice, whatever became of the first order', async () => {
    const server = await venue();
    const bybit = client(server);
    const place = (): Promise<unknown> => bybit.createOrder('BTC/USDT', 'market', 'buy', 0.001, undefined, { clientOrderId: 'again' });
    await place();
    expect(await refusal(bybit, place())).toBe('170141');
    expect(server.truth.duplicates()).toEqual([]);
  });
});

describe('what this venue does otherwise', () => {
  it('answers with the newest open order when ccxt is asked for one by its own name for client ids', async () => {
    const bybit = client(await venue());
    await bybit.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'first' });
    await bybit.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 51_000, { clientOrderId: 'second' });
    expect(await bybit.fetchOrder('', 'BTC/USDT', { clientOrderId: 'first', acknowledged: true })).toMatchObject({ clientOrderId: 'second' });
    expect(await find(bybit, 'first')).toMatchObject({ clientOrderId: 'first' });
  });

  it('takes a post-only order that would trade at once, and rejects it after', async () => {
    const bybit = client(await venue());
    await bybit.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 61_000, { clientOrderId: 'maker', postOnly: true });
    expect(await find(bybit, 'maker')).toMatchObject({ status: 'rejected', filled: 0, info: { rejectReason: 'EC_PostOnlyWillTakeLiquidity' } });
  });

  it('keeps stops in a list of their own: the common cancel does not know them', async () => {
    const server = await venue();
    const bybit = client(server);
    await bybit.createOrder('BTC/USDT', 'market', 'sell', 0.01, undefined, { clientOrderId: 'stop', triggerPrice: 59_000 });
    expect(await find(bybit, 'stop')).toMatchObject({ status: 'open', info: { orderStatus: 'Untriggered' } });
    expect(await refusal(bybit, bybit.cancelOrder('1', 'BTC/USDT'))).toBe('170213');
    await bybit.cancelOrder('1', 'BTC/USDT', { trigger: true });
    expect(await find(bybit, 'stop')).toMatchObject({ status: 'canceled', info: { orderStatus: 'Deactivated' } });
  });

  it('takes a trigger price without the filter for nothing: the order trades at once', async () => {
    const server = await venue();
    const bybit = client(server);
    const order = { category: 'spot', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0.01', triggerPrice: '59000', orderLinkId: 'a' };
    await bybit.privatePostV5OrderCreate(order);
    expect(server.truth.fills()).toHaveLength(1);
  });

  it('takes a market buy without a unit for an amount of money, and shows the ended order in neither of two lists of ccxt', async () => {
    const server = await venue({ walk: { liquidityLots: [100, 100] } });
    const bybit = client(server);
    const order = { category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '120', orderLinkId: 'money' };
    await bybit.privatePostV5OrderCreate(order);
    expect(server.truth.orders()).toMatchObject([{ size: '0.00199', filledSize: '0.001' }]);
    expect(await find(bybit, 'money')).toMatchObject({ info: { orderStatus: 'PartiallyFilledCanceled' } });
    expect([await bybit.fetchClosedOrders('BTC/USDT'), await bybit.fetchCanceledOrders('BTC/USDT')]).toEqual([[], []]);
  });

  it('knows an ended order only in its history once the list of the present has forgotten it', async () => {
    const bybit = client(await venue({ recentLimit: 0 }));
    await bybit.createOrder('BTC/USDT', 'market', 'buy', 0.001, undefined, { clientOrderId: 'gone' });
    await expect(find(bybit, 'gone')).rejects.toThrow('was not found');
    expect(await bybit.privateGetV5OrderHistory({ category: 'spot', orderLinkId: 'gone' })).toMatchObject({ result: { list: [{ orderStatus: 'Filled' }] } });
  });
});

describe('refusals with Bybit codes', () => {
  it.each([
    ['170131', { price: '50000', qty: '9' }],
    ['170140', { price: '50000', qty: '0.00001' }],
    ['170134', { price: '50000.005', qty: '0.01' }],
    ['170133', { price: '0', qty: '0.01' }],
    ['170137', { price: '50000', qty: '0.000015' }],
    ['170136', { price: '50000', qty: '0' }],
    ['170135', { price: '50000', qty: '9001' }],
    ['170193', { price: '70000', qty: '0.01' }],
    ['10001', { price: '1e400', qty: '0.01' }],
    ['10001', { price: '50000', qty: '-1' }],
    ['10001', { price: 50_000, qty: '0.01' }],
    ['10001', { price: '50000', qty: '0.01', orderLinkId: 'no spaces' }],
    ['10001', { qty: '0.01' }],
    ['170121', { price: '50000', qty: '0.01', symbol: 'NOPE' }],
    ['170115', { price: '50000', qty: '0.01', timeInForce: 'GTD' }],
    ['170116', { price: '50000', qty: '0.01', orderType: 'Stop' }],
    ['170117', { price: '50000', qty: '0.01', side: 'BUY' }],
    ['170202', { price: '50000', qty: '0.01', orderFilter: 'tpsl' }],
  ])('refuses an order with %s: %o', async (code, more) => {
    const server = await venue();
    const bybit = client(server);
    const order = { category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', timeInForce: 'GTC', orderLinkId: 'x1', ...more };
    expect(await refusal(bybit, bybit.privatePostV5OrderCreate(order))).toBe(code);
    expect(server.truth.orders()).toEqual([]);
    expect(server.world.refused.map((each) => each.code)).toEqual([code]);
  });

  it('checks key, signature, permission and time', async () => {
    const server = await venue({ keys: [KEY, { ...KEY, apiKey: 'reading-only', account: 'other', canTrade: false }] });
    const asked = (more: Record<string, unknown>): Promise<string> => {
      const bybit = client(server, more);
      return refusal(bybit, bybit.privateGetV5AccountWalletBalance({ accountType: 'UNIFIED' }));
    };
    expect([await asked({ apiKey: 'unknown' }), await asked({ secret: 'wrong' })]).toEqual(['10003', '10004']);
    const reader = client(server, { apiKey: 'reading-only' });
    const order = { category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.01', marketUnit: 'baseCoin' };
    expect(await refusal(reader, reader.privatePostV5OrderCreate(order))).toBe('10005');
    server.world.skewMs = -2_000;
    expect(await asked({})).toBe('10002');
    server.world.skewMs = 20_000;
    expect(await asked({})).toBe('10002');
  });

  it('pages lists by a cursor that must come back as it was written', async () => {
    const server = await venue();
    for (let index = 0; index < 5; index += 1) server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.001', price: String(50_000 + index) });
    const bybit = client(server);
    const list = async (more: Record<string, unknown>): Promise<{ readonly list: readonly unknown[]; readonly nextPageCursor: string }> =>
      (await bybit.privateGetV5OrderRealtime({ category: 'spot', symbol: 'BTCUSDT', limit: 2, ...more }))['result'];
    const first = await list({});
    const second = await list({ cursor: first.nextPageCursor });
    const third = await list({ cursor: second.nextPageCursor });
    expect([first.list.length, second.list.length, third.list.length, third.nextPageCursor]).toEqual([2, 2, 1, '']);
    expect(await refusal(bybit, list({ cursor: encodeURIComponent(first.nextPageCursor) }))).toBe('10001');
  });
});

describe('limits', () => {
  it('shuts out an address that asks too often, for ten minutes', async () => {
    let now = 1_800_000_010_000;
    const server = await venue({ limits: { requestsPer5s: 2 }, now: () => now });
    const ask = async (): Promise<[number, string]> => {
      const answer = await fetch(`${server.url}/v5/market/time`);
      return [answer.status, (await answer.text()).slice(0, 10)];
    };
    expect([await ask(), await ask(), await ask()]).toEqual([
      [200, '{"retCode"'],
      [200, '{"retCode"'],
      [403, '403, acces'],
    ]);
    now += 599_000;
    expect((await ask())[0]).toBe(403);
    now += 1_000;
    expect((await ask())[0]).toBe(200);
  });

  it('counts requests of an account by endpoint, tells what is left, and refuses with 10006', async () => {
    const server = await venue({ limits: { accountFactor: 0.1 }, now: () => 1_800_000_000_000 });
    const bybit = client(server, { nonce: () => 1_800_000_000_000 });
    const order = (orderLinkId: string) => ({
      category: 'spot',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.001',
      price: '50000',
      orderLinkId,
    });
    await bybit.privatePostV5OrderCreate(order('a'));
    expect(bybit.last_response_headers).toMatchObject({ 'X-Bapi-Limit': '2', 'X-Bapi-Limit-Status': '1' });
    await bybit.privatePostV5OrderCreate(order('b'));
    expect(await refusal(bybit, bybit.privatePostV5OrderCreate(order('c')))).toBe('10006');
    expect(bybit.last_response_headers).toMatchObject({ 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': '1800000001000' });
  });
});

describe('unmodified ccxt over WebSocket', () => {
  it('hears of an order from acceptance to its fill, with the trade and the balance', async () => {
    const server = await venue();
    const bybit = client(server);
    await bybit.loadMarkets();
    const placed = bybit.watchOrders('BTC/USDT');
    await subscribed(server, 1);
    await bybit.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 59_000, { clientOrderId: 'mine' });
    expect(await placed).toMatchObject([{ id: '1', clientOrderId: 'mine', status: 'open', filled: 0, price: 59_000 }]);
    const filled = bybit.watchOrders('BTC/USDT');
    const traded = bybit.watchMyTrades('BTC/USDT');
    const balance = bybit.watchBalance();
    await subscribed(server, 3);
    await waiting(bybit, 'balances:unified');
    server.world.setPrice('BTC/USDT', '58900');
    expect(await filled).toMatchObject([{ clientOrderId: 'mine', status: 'closed', filled: 0.01 }]);
    expect(await traded).toMatchObject([{ id: '1', order: '1', price: 59_000, amount: 0.01, takerOrMaker: 'maker', fee: { cost: 0.00001, currency: 'BTC' } }]);
    expect(await balance).toMatchObject({ BTC: { total: 2.00999 }, USDT: { total: 99_410 } });
  });

  it('pushes best prices, tickers, candles, trades and the order book in step', async () => {
    const server = await venue();
    const bybit = client(server);
    await bybit.loadMarkets();
    // What a subscription begins with answers the first wait.
    await Promise.all([bybit.watchBidsAsks(['BTC/USDT']), bybit.watchTicker('ETH/USDT'), bybit.watchOrderBook('BTC/USDT', 50)]);
    const watched = [bybit.watchBidsAsks(['BTC/USDT']), bybit.watchTicker('ETH/USDT'), bybit.watchOHLCV('BTC/USDT', '1m')] as const;
    const trades = bybit.watchTrades('BTC/USDT');
    await subscribed(server, 5);
    server.world.setPrice('BTC/USDT', '60100');
    server.world.setPrice('ETH/USDT', '3010');
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01' });
    expect(await watched[0]).toMatchObject({ 'BTC/USDT': { bid: 60_099.99, ask: 60_100.01 } });
    expect(await watched[1]).toMatchObject({ last: 3_010 });
    expect((await watched[2]).at(-1)?.[4]).toBe(60_100);
    expect(await trades).toMatchObject([{ side: 'buy', amount: 0.01 }]);
    const book = bybit.watchOrderBook('BTC/USDT', 50);
    server.world.setPrice('BTC/USDT', '60100.10');
    const { bids, asks } = await book;
    expect([bids[0]?.[0], asks[0]?.[0]]).toEqual([60_100.09, 60_100.11]);
  });
});

describe('the grammar of the streams', () => {
  async function talk(server: VenueServer, path: string, requests: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
    opened.push({ close: async () => socket.terminate() });
    const frames: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
    await new Promise((resolve) => socket.once('open', resolve));
    for (const request of requests) socket.send(JSON.stringify(request));
    socket.send(JSON.stringify({ op: 'ping' }));
    await expect.poll(() => frames.some(({ op, ret_msg: text }) => op === 'pong' || text === 'pong'), { interval: 5 }).toBe(true);
    return frames;
  }

  it('refuses a whole subscription for one topic it does not know, and for more than ten', async () => {
    const server = await venue();
    const topics = Array.from({ length: 11 }, () => 'orderbook.1.BTCUSDT');
    const frames = await talk(server, '/v5/public/spot', [
      { op: 'subscribe', req_id: 'a', args: ['orderbook.1.BTCUSDT', 'orderbook.1.NOPE'] },
      { op: 'subscribe', req_id: 'b', args: topics },
      { op: 'nonsense', req_id: 'c' },
    ]);
    expect(frames.slice(0, 3)).toMatchObject([
      { success: false, req_id: 'a' },
      { success: false, req_id: 'b', ret_msg: 'args size >10' },
      { success: false, req_id: 'c' },
    ]);
    expect(server.streams.subscriptions).toBe(0);
  });

  it('tells private topics to nobody without a login, and none of them twice', async () => {
    const server = await venue();
    const proof = createHmac('sha256', KEY.secret)
      .update(`GET/realtime${Date.now() + 9_000}`)
      .digest('hex');
    const frames = await talk(server, '/v5/private', [
      { op: 'subscribe', args: ['order'] },
      { op: 'auth', args: [KEY.apiKey, Date.now() + 9_000, `${proof.slice(0, -1)}x`] },
      { op: 'auth', args: ['unknown', Date.now() + 9_000, proof] },
      { op: 'auth', args: [KEY.apiKey, Date.now() - 1, proof] },
    ]);
    expect(frames.slice(0, 4).map(({ op, success }) => `${String(op)} ${String(success)}`)).toEqual([
      'subscribe false',
      'auth false',
      'auth false',
      'auth false',
    ]);
    const expires = Date.now() + 9_000;
    const right = createHmac('sha256', KEY.secret).update(`GET/realtime${expires}`).digest('hex');
    const others = await talk(server, '/v5/private', [
      { op: 'auth', args: [KEY.apiKey, expires, right] },
      { op: 'subscribe', args: ['order', 'execution'] },
      { op: 'subscribe', args: ['execution.spot'] },
      { op: 'subscribe', args: ['nonsense'] },
    ]);
    expect(others.slice(0, 4).map(({ success }) => success)).toEqual([true, true, false, false]);
    expect(server.streams.subscriptions).toBe(2);
  });
});

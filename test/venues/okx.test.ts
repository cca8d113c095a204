import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type OkxOptions, okxCcxtOptions, startOkx } from './okx.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(options: OkxOptions = {}): Promise<VenueServer> {
  const server = await startOkx({ seed: 7, ...options });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.okx>;

function client(server: VenueServer, more: Record<string, unknown> = {}): Client {
  const made = new ccxt.pro.okx({ ...okxCcxtOptions(server), ...more });
  opened.push({ close: () => made.close() });
  return made;
}

/** The code of the venue's last answer, beside the order or on the whole, for a call that must fail. */
async function refusal(okx: Client, call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => `accepted: ${JSON.stringify(value)}`,
    (error: unknown) => {
      const text = String(okx.last_http_response);
      return (/"sCode":"(\d+)"/.exec(text) ?? /"code":"(\d+)"/.exec(text))?.[1] ?? String(error);
    },
  );
}

describe('unmodified ccxt over REST', () => {
  it('loads markets, reads balances, places, finds, lists and cancels', async () => {
    const server = await venue();
    const okx = client(server);
    const markets = await okx.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BNB/USDT', 'BTC/USDT', 'BTC/USDT:USDT', 'ETH/BTC', 'ETH/USDT', 'ETH/USDT:USDT']);
    expect(markets['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 }, limits: { amount: { min: 0.0001 } }, active: true });
    expect((await okx.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0, total: 100_000 });
    const placed = await okx.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'mine1' });
    expect(placed).toMatchObject({ id: '2000000000000000001', clientOrderId: 'mine1' });
    expect(await okx.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine1' })).toMatchObject({
      id: placed.id,
      status: 'open',
      price: 50_000,
      amount: 0.01,
      filled: 0,
    });
    expect((await okx.fetchBalance())['USDT']).toMatchObject({ free: 99_500, used: 500, total: 100_000 });
    expect(await okx.fetchOpenOrders('BTC/USDT')).toHaveLength(1);
    await okx.cancelOrder(placed.id ?? '', 'BTC/USDT');
    expect(await okx.fetchOrder(placed.id ?? '', 'BTC/USDT')).toMatchObject({ status: 'canceled', clientOrderId: 'mine1' });
    expect((await okx.fetchBalance())['USDT']).toMatchObject({ free: 100_000, used: 0 });
    expect(await okx.fetchCanceledOrders('BTC/USDT')).toHaveLength(1);
  });

  it('executes market orders by size or by amount, and lists their trades with the fee', async () => {
    const server = await venue();
    const okx = client(server);
    await okx.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId: 'bySize' });
    await okx.createMarketBuyOrderWithCost('BTC/USDT', 600.0001, { clientOrderId: 'byAmount' });
    expect(server.truth.orders().map(({ clientOrderId, size, status }) => [clientOrderId, size, status])).toEqual([
      ['bySize', '0.01', 'filled'],
      ['byAmount', '0.00999', 'filled'],
    ]);
    expect((await okx.fetchMyTrades('BTC/USDT'))[0]).toMatchObject({
      id: '1',
      order: '2000000000000000001',
      side: 'buy',
      price: 60_000.01,
      amount: 0.01,
      takerOrMaker: 'taker',
      fee: { currency: 'BTC', cost: 0.00001 },
    });
  });

  it('serves public data that ccxt can read', async () => {
    const okx = client(await venue(), { apiKey: undefined, secret: undefined, password: undefined });
    expect(await okx.fetchTicker('BTC/USDT')).toMatchObject({ bid: 59_999.99, ask: 60_000.01, last: 60_000 });
    expect(Object.keys(await okx.fetchTickers())).toHaveLength(4);
    expect((await okx.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
    const candles = await okx.fetchOHLCV('BTC/USDT', '5m', undefined, 20);
    expect(candles).toHaveLength(20);
    expect((candles[1]?.[0] ?? 0) - (candles[0]?.[0] ?? 0)).toBe(300_000);
    expect(Math.abs(((await okx.fetchTime()) ?? 0) - Date.now())).toBeLessThan(2_000);
  });

  it('keeps stops as orders of another kind until they trigger', async () => {
    const server = await venue();
    const okx = client(server);
    const stop = await okx.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 60_900, { stopLossPrice: 60_500, algoClOrdId: 'stop1', tdMode: 'cash' });
    expect(stop).toMatchObject({ id: '1500000000000000001' });
    expect(await okx.fetchOpenOrders('BTC/USDT')).toEqual([]);
    expect(await okx.fetchOpenOrders('BTC/USDT', undefined, undefined, { trigger: true, ordType: 'conditional' })).toHaveLength(1);
    server.world.setPrice('BTC/USDT', '60600');
    expect(await okx.fetchOrder(stop.id ?? '', 'BTC/USDT', { trigger: true })).toMatchObject({
      status: 'closed',
      info: { state: 'effective', ordId: '2000000000000000001' },
    });
    expect(await okx.fetchOrder('2000000000000000001', 'BTC/USDT')).toMatchObject({
      status: 'closed',
      filled: 0.01,
      info: { algoClOrdId: 'stop1', clOrdId: '' },
    });
  });

  it('tells what a key may do', async () => {
    const server = await venue({ keys: [{ ...KEY, canWithdraw: true, isIpRestricted: false }] });
    expect(await client(server).privateGetAccountConfig()).toMatchObject({ data: [{ perm: 'read_only,trade,withdraw', ip: '' }] });
  });
});

describe('unmodified ccxt over WebSocket', () => {
  it('logs in and hears of orders, trades and balances', async () => {
    const server = await venue();
    const okx = client(server);
    await okx.loadMarkets();
    const orders = okx.watchOrders('BTC/USDT');
    const trades = okx.watchMyTrades('BTC/USDT');
    await okx.watchBalance();
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(3);
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', clientOrderId: 'hand' });
    expect((await orders).at(-1)).toMatchObject({ clientOrderId: 'hand' });
    expect((await trades).at(-1)).toMatchObject({ id: '1', amount: 0.01, price: 60_000.01, takerOrMaker: 'taker' });
    await expect.poll(() => okx.balance['BTC']?.total, { interval: 5 }).toBe(2.00999);
  });

  it('hears quotes, books, candles and public trades', async () => {
    const server = await venue();
    const okx = client(server);
    await okx.loadMarkets();
    expect(await okx.watchBidsAsks(['BTC/USDT'])).toMatchObject({ 'BTC/USDT': { bid: 59_999.99, ask: 60_000.01 } });
    expect(await okx.watchTicker('BTC/USDT')).toMatchObject({ last: 60_000 });
    expect((await okx.watchOrderBook('BTC/USDT')).asks[0]).toEqual([60_000.01, 10]);
    const next = okx.watchOrderBook('BTC/USDT');
    server.world.setPrice('BTC/USDT', '60000.50');
    expect((await next).asks[0]).toEqual([60_000.51, 10]);
    expect((await okx.watchOHLCV('BTC/USDT', '1m')).at(-1)?.[4]).toBe(60_000.5);
    const trades = okx.watchTrades('BTC/USDT');
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(5);
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01' });
    expect((await trades).at(-1)).toMatchObject({ side: 'buy', amount: 0.01 });
  });

  it.each([
    ['60005', { apiKey: 'nobody' }],
    ['60007', { secret: 'wrong' }],
    ['60024', { password: 'wrong' }],
  ])('refuses a login with %s', async (code, more) => {
    const server = await venue();
    const okx = client(server);
    await okx.loadMarkets();
    Object.assign(okx, more);
    await expect(okx.watchOrders()).rejects.toThrow(code);
  });
});

describe('refusals with OKX codes', () => {
  it.each([
    ['51008', { px: '50000', sz: '9' }],
    ['51020', { px: '50000', sz: '0.00001' }],
    ['51150', { px: '50000.005', sz: '0.01' }],
    ['51121', { px: '50000', sz: '0.000105' }],
    ['51006', { px: '400000', sz: '0.01' }],
    ['51000', { px: '1e400', sz: '0.01' }],
    ['51000', { px: '50000', sz: '-1' }],
    ['51000', { px: '50000', sz: '0.01', clOrdId: 'no-dashes' }],
    ['50014', { sz: '0.01' }],
    ['51001', { px: '50000', sz: '0.01', instId: 'NO-PE' }],
    ['51000', { px: '50000', sz: '0.01', ordType: 'nonsense' }],
  ])('refuses an order with %s: %o', async (code, more) => {
    const server = await venue();
    const okx = client(server);
    const order = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', clOrdId: 'x1', ...more };
    expect(await refusal(okx, okx.privatePostTradeOrder(order))).toBe(code);
    expect(server.truth.orders()).toEqual([]);
    expect(server.world.refused.map((each) => each.code)).toEqual([code]);
  });

  it('tells unknown orders apart: 51400 on cancel, 51603 on query, and 51016 for the id of an order that is pending', async () => {
    const server = await venue();
    const okx = client(server);
    expect(await refusal(okx, okx.cancelOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('51400');
    expect(await refusal(okx, okx.fetchOrder('', 'BTC/USDT', { clientOrderId: 'none' }))).toBe('51603');
    const rest = (): Promise<unknown> => okx.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'dup' });
    await rest();
    expect(await refusal(okx, rest())).toBe('51016');
  });

  it('accepts the same client id again once the first order is over, as OKX does', async () => {
    const server = await venue();
    const okx = client(server);
    const buy = (): Promise<unknown> => okx.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId: 'again' });
    await buy();
    await buy();
    expect(server.truth.duplicates()).toEqual([{ account: 'main', clientOrderId: 'again', count: 2 }]);
  });

  it('makes a market buy smaller when the account cannot pay it, without a word', async () => {
    const server = await venue();
    await client(server).createOrder('BTC/USDT', 'market', 'buy', 5, undefined, { clientOrderId: 'greedy' });
    expect(server.truth.orders()).toMatchObject([{ clientOrderId: 'greedy', size: '1.66666', filledSize: '1.66666', status: 'filled' }]);
  });

  it('accepts a post-only order that would take and cancels it at once', async () => {
    const server = await venue();
    const okx = client(server);
    const { id } = await okx.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 70_000, { clientOrderId: 'taker', postOnly: true });
    expect(await okx.fetchOrder(id ?? '', 'BTC/USDT')).toMatchObject({ status: 'canceled', filled: 0, info: { cancelSource: '31' } });
  });

  it('checks key, passphrase, signature, permission and time', async () => {
    const server = await venue({ keys: [KEY, { ...KEY, apiKey: 'reading-only', account: 'other', canTrade: false }] });
    const asked = (more: Record<string, unknown>): Promise<string> => {
      const okx = client(server, more);
      return refusal(okx, okx.privateGetAccountBalance());
    };
    expect(await asked({ apiKey: `${KEY.apiKey}1` })).toBe('50111');
    expect(await asked({ secret: 'wrong' })).toBe('50113');
    expect(await asked({ password: 'wrong' })).toBe('50105');
    const reader = client(server, { apiKey: 'reading-only' });
    expect(await refusal(reader, reader.privatePostTradeOrder({ instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'market', sz: '60' }))).toBe('50120');
    server.world.skewMs = 30_500;
    expect(await asked({})).toBe('50102');
    server.world.skewMs = -30_500;
    expect(await asked({})).toBe('50102');
    server.world.skewMs = 0;
    const late = client(server, { headers: { expTime: String(Date.now() - 1) } });
    expect(await refusal(late, late.createOrder('BTC/USDT', 'market', 'buy', 0.01))).toBe('51054');
    expect(server.truth.orders()).toEqual([]);
  });

  it('refuses past the limit of an endpoint with 429 and 50011', async () => {
    const server = await venue({ now: () => 1_800_000_000_000 });
    const ask = async (): Promise<number> => (await fetch(`${server.url}/api/v5/public/time`)).status;
    const statuses = [];
    for (let index = 0; index < 11; index += 1) statuses.push(await ask());
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });
});

import { createHmac } from 'node:crypto';
import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { ccxtOptions, startBinance } from './binance.ts';

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function venue(): Promise<VenueServer> {
  const server = await startBinance({ seed: 7 });
  opened.push(server);
  return server;
}

type Client = InstanceType<typeof ccxt.pro.binance>;

function client(server: VenueServer): Client {
  const made = new ccxt.pro.binance(ccxtOptions(server));
  opened.push({ close: () => made.close() });
  return made;
}

/** Waits until ccxt waits for a frame under this name, so that nothing is pushed too early. */
async function waiting(binance: Client, name: string): Promise<void> {
  await expect.poll(() => Object.values(binance.clients).some((each) => name in each.futures && each.isConnected), { interval: 5 }).toBe(true);
}

describe('unmodified ccxt over WebSocket', () => {
  it('hears of an order from acceptance to its fill, with the trade and the balance', async () => {
    const server = await venue();
    const binance = client(server);
    await binance.loadMarkets();
    const placed = binance.watchOrders('BTC/USDT');
    await waiting(binance, 'orders:BTC/USDT');
    await binance.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 59_000, { clientOrderId: 'mine' });
    expect(await placed).toMatchObject([{ id: '1', clientOrderId: 'mine', status: 'open', filled: 0, price: 59_000 }]);
    const filled = binance.watchOrders('BTC/USDT');
    const traded = binance.watchMyTrades('BTC/USDT');
    const balance = binance.watchBalance();
    await waiting(binance, 'myTrades:BTC/USDT');
    await waiting(binance, 'spot:balance');
    server.world.setPrice('BTC/USDT', '58900');
    expect(await filled).toMatchObject([{ clientOrderId: 'mine', status: 'closed', filled: 0.01 }]);
    expect(await traded).toMatchObject([{ id: '1', order: '1', price: 59_000, amount: 0.01, takerOrMaker: 'maker', fee: { cost: 0.00001, currency: 'BTC' } }]);
    expect(await balance).toMatchObject({ BTC: { free: 2.00999, used: 0 }, USDT: { free: 99_410, used: 0 } });
  });

  it('names the order, not the cancel, when an order is cancelled', async () => {
    const server = await venue();
    const binance = client(server);
    await binance.loadMarkets();
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000', clientOrderId: 'human' });
    const watched = binance.watchOrders();
    await waiting(binance, 'orders');
    expect(server.truth.cancelByHand('BTC/USDT', '1')).toBe(true);
    expect(await watched).toMatchObject([{ clientOrderId: 'human', status: 'canceled' }]);
  });

  it('pushes best prices, tickers, candles and the order book', async () => {
    const server = await venue();
    const binance = client(server);
    await binance.loadMarkets();
    const watched = [binance.watchBidsAsks(['BTC/USDT']), binance.watchTicker('ETH/USDT'), binance.watchOHLCV('BTC/USDT', '1m')] as const;
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(3);
    server.world.setPrice('BTC/USDT', '60100');
    server.world.setPrice('ETH/USDT', '3010');
    expect(await watched[0]).toMatchObject({ 'BTC/USDT': { bid: 60_099.99, ask: 60_100.01 } });
    expect(await watched[1]).toMatchObject({ last: 3_010 });
    expect((await watched[2]).at(-1)?.[4]).toBe(60_100);
  });

  it('keeps an order book in step by its differences', async () => {
    const server = await venue();
    const binance = client(server);
    await binance.loadMarkets();
    const first = binance.watchOrderBook('BTC/USDT');
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(1);
    server.world.setPrice('BTC/USDT', '60000.05');
    await expect.poll(() => server.log.list('book').some((entry) => entry.fate === 'answered'), { interval: 5 }).toBe(true);
    server.world.setPrice('BTC/USDT', '60000.10');
    await first;
    const next = binance.watchOrderBook('BTC/USDT');
    server.world.setPrice('BTC/USDT', '59999.50');
    const { bids, asks } = await next;
    expect([bids[0]?.[0], asks[0]?.[0]]).toEqual([59_999.49, 59_999.51]);
  });
});

/** A bare client of the user data stream: what it received, in the sequence it did. */
async function userStream(
  server: VenueServer,
  secret: string = KEY.secret,
): Promise<{ readonly socket: WebSocket; readonly frames: Record<string, unknown>[]; readonly state: { isClosed: boolean } }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws-api/v3`);
  const frames: Record<string, unknown>[] = [];
  const state = { isClosed: false };
  opened.push({ close: async () => socket.terminate() });
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  socket.on('close', () => (state.isClosed = true));
  socket.on('error', () => (state.isClosed = true));
  await new Promise((resolve) => {
    socket.once('open', resolve);
    socket.once('close', resolve);
  });
  if (!state.isClosed) {
    const parameters = { apiKey: KEY.apiKey, timestamp: Date.now() };
    const signature = createHmac('sha256', secret).update(`apiKey=${parameters.apiKey}&timestamp=${parameters.timestamp}`).digest('hex');
    socket.send(JSON.stringify({ id: 'sub', method: 'userDataStream.subscribe.signature', params: { ...parameters, signature } }));
    await expect.poll(() => frames.length, { interval: 5 }).toBe(1);
  }
  return { socket, frames, state };
}

/** What happened to whom, of the order reports received. */
function reports(frames: readonly Record<string, unknown>[]): string[] {
  const events = frames.map((frame) => frame['event'] as Record<string, unknown> | undefined).filter((event) => event?.['e'] === 'executionReport');
  return events.map((event) => `${String(event?.['c'])} ${String(event?.['x'])}`);
}

function buyTwice(server: VenueServer): void {
  for (const clientOrderId of ['a', 'b']) server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000', clientOrderId });
}

describe('stream faults', () => {
  it('refuses a subscription with a wrong signature', async () => {
    const { frames } = await userStream(await venue(), 'wrong');
    expect(frames).toMatchObject([{ id: 'sub', status: 400, error: { code: -1022 } }]);
  });

  it.each([
    ['loses', { kind: 'lose' }, ['b NEW']],
    ['duplicates', { kind: 'duplicate' }, ['a NEW', 'a NEW', 'b NEW']],
    ['reorders', { kind: 'reorder' }, ['b NEW', 'a NEW']],
    ['meets only the order that is named', { kind: 'lose', clientOrderId: 'b' }, ['a NEW']],
    ['lets some pass before it strikes', { kind: 'duplicate', skip: 1 }, ['a NEW', 'b NEW', 'b NEW']],
  ] as const)('%s order reports', async (_name, fault, expected) => {
    const server = await venue();
    const { frames } = await userStream(server);
    server.faults.add({ where: 'stream', operation: 'order', ...fault });
    server.faults.add({ where: 'stream', operation: 'balances', kind: 'lose', count: null });
    buyTwice(server);
    await expect.poll(() => reports(frames), { interval: 5 }).toEqual(expected);
  });

  it('drops the connection, and sends nothing of the meantime later', async () => {
    const server = await venue();
    const first = await userStream(server);
    expect(server.streams.drop('private')).toBe(1);
    await expect.poll(() => first.state.isClosed, { interval: 5 }).toBe(true);
    buyTwice(server);
    const second = await userStream(server);
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000', clientOrderId: 'c' });
    await expect.poll(() => reports(second.frames), { interval: 5 }).toEqual(['c NEW']);
    expect(reports(first.frames)).toEqual([]);
  });

  it('drops at the frame of a fault', async () => {
    const server = await venue();
    const { state, frames } = await userStream(server);
    server.faults.add({ where: 'stream', kind: 'drop', operation: 'order', clientOrderId: 'b' });
    buyTwice(server);
    await expect.poll(() => state.isClosed, { interval: 5 }).toBe(true);
    expect(reports(frames)).toEqual(['a NEW']);
  });

  it('refuses connections while told to', async () => {
    const server = await venue();
    server.faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: null });
    expect((await userStream(server)).state.isClosed).toBe(true);
    server.faults.clear();
    expect((await userStream(server)).state.isClosed).toBe(false);
  });

  it('goes half-open: no frame and no pong, and the socket stays up', async () => {
    const server = await venue();
    const { socket, frames, state } = await userStream(server);
    let pongs = 0;
    socket.on('pong', () => (pongs += 1));
    socket.ping();
    await expect.poll(() => pongs, { interval: 5 }).toBe(1);
    server.faults.add({ where: 'stream', kind: 'silent', stream: 'private' });
    buyTwice(server);
    socket.ping();
    // A second connection that is served shows that the first was passed over, not merely slow.
    const other = await userStream(server);
    server.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000', clientOrderId: 'c' });
    await expect.poll(() => reports(other.frames), { interval: 5 }).toEqual(['c NEW']);
    expect([reports(frames), pongs, state.isClosed]).toEqual([[], 1, false]);
  });
});

/** Unmodified ccxt trades perpetuals on the simulated venues that have them: the protocol is what the library expects of the real ones. */
import { Agent } from 'node:http';
import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { binanceUrls, startBinance } from './binance.ts';
import { bybitCcxtOptions, startBybit } from './bybit.ts';

const SYMBOL = 'BTC/USDT:USDT';
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function binance() {
  const server = await startBinance({ seed: 7 });
  // Snapshots that nobody waits for would be refused when the client is closed.
  const quietly = { watchPositions: { fetchPositionsSnapshot: false }, watchBalance: { fetchBalanceSnapshot: false, awaitBalanceSnapshot: false } };
  const options = { defaultType: 'swap', fetchCurrencies: false, fetchMarkets: { types: ['linear'] }, ...quietly };
  const settings = {
    apiKey: KEY.apiKey,
    secret: KEY.secret,
    urls: binanceUrls(server.url),
    httpAgent: new Agent(),
    enableRateLimit: false,
    timeout: PATIENCE_MS,
  };
  const client = new ccxt.pro.binance({ ...settings, options });
  opened.push(server, client);
  return { server, client };
}

async function bybit() {
  const server = await startBybit({ seed: 7 });
  const client = new ccxt.pro.bybit({ ...bybitCcxtOptions(server), options: { defaultType: 'swap', fetchMarkets: { types: ['linear'] } } });
  opened.push(server, client);
  return { server, client };
}

type Client = Awaited<ReturnType<typeof binance>>['client'] | Awaited<ReturnType<typeof bybit>>['client'];

/** Waits until ccxt waits for a frame under such a name, so that nothing is pushed too early. */
async function waiting(client: Client, name: string): Promise<void> {
  const isWaiting = (): boolean =>
    Object.values(client.clients).some((each) => each.isConnected && Object.keys(each.futures).some((key) => key.includes(name)));
  await expect.poll(isWaiting, { interval: 5 }).toBe(true);
}

async function tradesOverRest(server: VenueServer, client: Client): Promise<void> {
  const markets = await client.loadMarkets();
  expect(markets[SYMBOL]).toMatchObject({ swap: true, linear: true, settle: 'USDT', contractSize: 1, precision: { price: 0.1, amount: 0.001 } });
  expect((await client.fetchTicker(SYMBOL)).last).toBe(60_000);
  expect((await client.fetchFundingRate(SYMBOL)).markPrice).toBe(60_000);
  expect((await client.fetchBalance())['USDT']).toMatchObject({ total: 100_000 });
  await client.setLeverage(10, SYMBOL);
  const resting = await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, 59_000, { clientOrderId: 'mine1' });
  expect(resting.id).toBe('1');
  expect((await client.fetchOpenOrders(SYMBOL)).map(({ clientOrderId, amount }) => [clientOrderId, amount])).toEqual([['mine1', 0.01]]);
  await client.cancelOrder('1', SYMBOL);
  await client.createOrder(SYMBOL, 'market', 'sell', 0.02);
  const [position] = await client.fetchPositions([SYMBOL]);
  expect(position).toMatchObject({ symbol: SYMBOL, side: 'short', contracts: 0.02 });
  expect((await client.fetchMyTrades(SYMBOL)).map(({ side, amount, fee }) => [side, amount, fee?.currency])).toEqual([['sell', 0.02, 'USDT']]);
  await client.createOrder(SYMBOL, 'market', 'buy', 0.02, undefined, { reduceOnly: true });
  expect(server.world.exchange.perpetuals.position('main', SYMBOL).size).toBe('0');
}

describe('unmodified ccxt and perpetuals', () => {
  it('trade at Binance', async () => {
    const { server, client } = await binance();
    await tradesOverRest(server, client);
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { triggerPrice: 58_000, clientOrderId: 'stop1' });
    expect(stop.id).toBe('3000000004');
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    expect((await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).map(({ clientOrderId }) => clientOrderId)).toEqual(['stop1']);
  });

  it('trade at Bybit', async () => {
    const { server, client } = await bybit();
    await tradesOverRest(server, client);
    await client.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { triggerPrice: 58_000, triggerDirection: 'descending', clientOrderId: 'stop1' });
    expect((await client.fetchOpenOrders(SYMBOL)).map(({ clientOrderId, triggerPrice }) => [clientOrderId, triggerPrice])).toEqual([['stop1', 58_000]]);
  });

  it.each([
    ['Binance', binance],
    ['Bybit', bybit],
  ] as const)('hear of orders and prices at %s', async (_name, open) => {
    const { server, client } = await open();
    await client.loadMarkets();
    const orders = client.watchOrders(SYMBOL);
    await expect.poll(() => server.streams.subscriptionsOf('private'), { interval: 5 }).toBeGreaterThan(0);
    await waiting(client, 'order');
    await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, 59_000, { clientOrderId: 'mine1' });
    expect((await orders)[0]).toMatchObject({ clientOrderId: 'mine1', symbol: SYMBOL, status: 'open', amount: 0.01 });
    const book = client.watchOrderBook(SYMBOL, 50);
    await expect.poll(() => server.streams.subscriptionsOf('public'), { interval: 5 }).toBe(1);
    const moving = setInterval(() => server.world.setPrice(SYMBOL, String(60_000 + Math.random() * 10)), 20);
    opened.push({ close: async () => clearInterval(moving) });
    expect((await book).bids[0]?.[0]).toBeGreaterThan(59_000);
  });
});

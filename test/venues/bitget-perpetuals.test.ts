import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type BitgetOptions, bitgetCcxtOptions, startBitget } from './bitget.ts';

const SYMBOL = 'BTC/USDT:USDT';
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

type Client = InstanceType<typeof ccxt.pro.bitget>;

async function opening(options: BitgetOptions = {}): Promise<{ readonly server: VenueServer; readonly bitget: Client }> {
  const server = await startBitget({ seed: 7, ...options });
  opened.push(server);
  const bitget = new ccxt.pro.bitget({ ...bitgetCcxtOptions(server), options: { defaultType: 'swap' } });
  if (options.now !== undefined) bitget.milliseconds = options.now;
  opened.push({ close: () => bitget.close() });
  await bitget.loadMarkets();
  return { server, bitget };
}

function codeOf(bitget: Client): string | undefined {
  return /"code":"(\d+)"/.exec(String(bitget.last_http_response))?.[1];
}

describe('perpetuals at the simulated Bitget, by unmodified ccxt', () => {
  it('turn into positions at the leverage that was set, in a wallet of their own', async () => {
    const { server, bitget } = await opening();
    expect(bitget.market(SYMBOL)).toMatchObject({ linear: true, settle: 'USDT', precision: { amount: 0.001, price: 0.1 }, limits: { amount: { min: 0.001 } } });
    await bitget.setMarginMode('isolated', SYMBOL);
    await bitget.setLeverage(5, SYMBOL);
    const placed = await bitget.createOrder(SYMBOL, 'limit', 'buy', 0.03, 59_000, { clientOid: 'mine1', marginMode: 'isolated' });
    expect(await bitget.fetchOrder(placed.id ?? '', SYMBOL)).toMatchObject({ status: 'open', amount: 0.03, clientOrderId: 'mine1' });
    expect(await bitget.fetchOpenOrders(SYMBOL)).toHaveLength(1);
    await bitget.cancelOrder(placed.id ?? '', SYMBOL);
    await bitget.createOrder(SYMBOL, 'market', 'sell', 0.03, undefined, { clientOid: 'mine2', marginMode: 'isolated' });
    expect(await bitget.fetchPositions([SYMBOL])).toMatchObject([{ side: 'short', contracts: 0.03, leverage: 5, marginMode: 'isolated', hedged: false }]);
    expect(await bitget.fetchMyTrades(SYMBOL)).toMatchObject([{ amount: 0.03, fee: { currency: 'USDT', cost: 0.9 } }]);
    expect(server.truth.balances()['USDT']).toEqual({ free: '100000', locked: '0' });
    expect((await bitget.fetchBalance())['USDT']?.free).toBeLessThan(100_000);
  });

  it('reduce only where that is asked', async () => {
    const { server, bitget } = await opening();
    await expect(bitget.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true })).rejects.toThrow();
    expect(codeOf(bitget)).toBe('22002');
    await bitget.createOrder(SYMBOL, 'market', 'buy', 0.02);
    await bitget.createOrder(SYMBOL, 'market', 'sell', 0.02, undefined, { reduceOnly: true });
    expect(server.world.exchange.perpetuals.position(KEY.account, SYMBOL).lots).toBe(0);
  });

  it('tell mark price, book and funding, and list each payment once', async () => {
    let now = Date.UTC(2026, 0, 1, 7, 59);
    const { server, bitget } = await opening({ now: () => now });
    server.world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    expect(await bitget.fetchFundingRate(SYMBOL)).toMatchObject({ fundingRate: 0.0001, fundingTimestamp: Date.UTC(2026, 0, 1, 8) });
    expect(await bitget.fetchTicker(SYMBOL)).toMatchObject({ bid: 59_999.9, markPrice: 60_000 });
    expect((await bitget.fetchOrderBook(SYMBOL, 5)).asks).toHaveLength(5);
    await bitget.createOrder(SYMBOL, 'market', 'buy', 0.1);
    now += 120_000;
    server.world.setPrice(SYMBOL, '60000');
    expect(await bitget.fetchFundingHistory(SYMBOL)).toMatchObject([{ symbol: SYMBOL, code: 'USDT', amount: -0.6, timestamp: Date.UTC(2026, 0, 1, 8) }]);
  });

  it('push orders with their executions', async () => {
    const { server, bitget } = await opening();
    const orders = bitget.watchOrders(SYMBOL);
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(1);
    server.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.02', clientOrderId: 'hand' });
    expect((await orders).at(-1)).toMatchObject({ symbol: SYMBOL, amount: 0.02, clientOrderId: 'hand' });
    expect((await bitget.watchTicker(SYMBOL)).last).toBe(60_000);
  });

  it('are refused to keys without that right, and in hedge mode to orders that do not open or close', async () => {
    const { server, bitget } = await opening({ keys: [{ ...KEY, canTradePerpetuals: false }] });
    await expect(bitget.createOrder(SYMBOL, 'market', 'buy', 0.01)).rejects.toThrow();
    expect(codeOf(bitget)).toBe('40014');
    server.world.keys.set(KEY.apiKey, KEY);
    server.world.hedged.add(KEY.account);
    await expect(bitget.createOrder(SYMBOL, 'market', 'buy', 0.01)).rejects.toThrow();
    expect(codeOf(bitget)).toBe('40774');
  });
});

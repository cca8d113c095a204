import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import type { VenueServer } from './_server.ts';
import { KEY } from './_world.ts';
import { type OkxOptions, okxCcxtOptions, startOkx } from './okx.ts';

const SYMBOL = 'BTC/USDT:USDT';
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

type Client = InstanceType<typeof ccxt.pro.okx>;

async function opening(options: OkxOptions = {}): Promise<{ readonly server: VenueServer; readonly okx: Client }> {
  const server = await startOkx({ seed: 7, ...options });
  opened.push(server);
  const okx = new ccxt.pro.okx({ ...okxCcxtOptions(server), options: { defaultType: 'swap' } });
  if (options.now !== undefined) okx.milliseconds = options.now;
  opened.push({ close: () => okx.close() });
  await okx.loadMarkets();
  return { server, okx };
}

function codeOf(okx: Client): string | undefined {
  const text = String(okx.last_http_response);
  return (/"sCode":"(\d+)"/.exec(text) ?? /"code":"(\d+)"/.exec(text))?.[1];
}

describe('perpetuals at the simulated OKX, by unmodified ccxt', () => {
  it('are counted in contracts, and turn into positions at the leverage that was set', async () => {
    const { server, okx } = await opening();
    expect(okx.market(SYMBOL)).toMatchObject({ contractSize: 0.01, linear: true, settle: 'USDT', limits: { leverage: { max: 100 } } });
    await okx.setLeverage(5, SYMBOL, { marginMode: 'isolated' });
    expect(await okx.fetchLeverage(SYMBOL, { marginMode: 'isolated' })).toMatchObject({ longLeverage: 5, marginMode: 'isolated' });
    const placed = await okx.createOrder(SYMBOL, 'limit', 'buy', 3, 50_000, { clientOrderId: 'mine1', marginMode: 'isolated' });
    expect(await okx.fetchOrder(placed.id ?? '', SYMBOL)).toMatchObject({ status: 'open', amount: 3, clientOrderId: 'mine1' });
    expect(server.truth.openOrders()).toMatchObject([{ symbol: SYMBOL, size: '0.03' }]);
    await okx.cancelOrder(placed.id ?? '', SYMBOL);
    await okx.createOrder(SYMBOL, 'market', 'sell', 3, undefined, { clientOrderId: 'mine2', marginMode: 'isolated' });
    expect(await okx.fetchPositions([SYMBOL])).toMatchObject([{ side: 'short', contracts: 3, leverage: 5, marginMode: 'isolated', entryPrice: 59_999.9 }]);
    expect(await okx.fetchMyTrades(SYMBOL)).toMatchObject([{ amount: 3, fee: { currency: 'USDT', cost: 0.9 } }]);
  });

  it('reduce only where that is asked, with stops that do', async () => {
    const { server, okx } = await opening();
    await expect(okx.createOrder(SYMBOL, 'market', 'sell', 1, undefined, { reduceOnly: true, marginMode: 'isolated' })).rejects.toThrow();
    expect(codeOf(okx)).toBe('51169');
    await okx.createOrder(SYMBOL, 'market', 'buy', 2, undefined, { marginMode: 'isolated' });
    await okx.createOrder(SYMBOL, 'market', 'sell', 2, undefined, { stopLossPrice: 59_000, reduceOnly: true, marginMode: 'isolated', algoClOrdId: 'stop1' });
    server.world.setPrice(SYMBOL, '58900');
    expect(server.world.exchange.perpetuals.position(KEY.account, SYMBOL).lots).toBe(0);
  });

  it('tell mark price, index and funding, and list each payment once', async () => {
    let now = Date.UTC(2026, 0, 1, 7, 59);
    const { server, okx } = await opening({ now: () => now });
    server.world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    expect(await okx.fetchFundingRate(SYMBOL)).toMatchObject({ fundingRate: 0.0001, fundingTimestamp: Date.UTC(2026, 0, 1, 8) });
    expect(await okx.fetchMarkPrice(SYMBOL, { instType: 'SWAP' })).toMatchObject({ markPrice: 60_000 });
    await okx.createOrder(SYMBOL, 'market', 'buy', 10, undefined, { marginMode: 'isolated' });
    now += 120_000;
    server.world.setPrice(SYMBOL, '60000');
    expect(await okx.fetchFundingHistory(SYMBOL)).toMatchObject([{ symbol: SYMBOL, code: 'USDT', amount: -0.6, timestamp: Date.UTC(2026, 0, 1, 8) }]);
  });

  it('push orders, executions and positions', async () => {
    const { server, okx } = await opening();
    const trades = okx.watchMyTrades(SYMBOL);
    const positions = okx.watchPositions([SYMBOL]);
    await expect.poll(() => server.streams.subscriptions, { interval: 5 }).toBe(2);
    server.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.02', clientOrderId: 'hand' });
    expect((await trades).at(-1)).toMatchObject({ symbol: SYMBOL, amount: 2, side: 'buy' });
    expect((await positions).at(-1)).toMatchObject({ contracts: 2, side: 'long' });
  });

  it('are refused to accounts in spot mode, and to orders that name no side in hedge mode', async () => {
    const { server, okx } = await opening({ keys: [{ ...KEY, canTradePerpetuals: false }] });
    await expect(okx.createOrder(SYMBOL, 'market', 'buy', 1)).rejects.toThrow();
    expect(codeOf(okx)).toBe('51010');
    server.world.addKey(KEY);
    server.world.hedged.add(KEY.account);
    await expect(okx.createOrder(SYMBOL, 'market', 'buy', 1)).rejects.toThrow();
    expect(codeOf(okx)).toBe('51000');
  });
});

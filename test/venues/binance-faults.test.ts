import { spawn } from 'node:child_process';
import { once } from 'node:events';
import ccxt from 'ccxt';
import { afterEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '#test/support/until.ts';
import { type Fault, Faults } from './_faults.ts';
import { seeded } from './_random.ts';
import type { VenueServer } from './_server.ts';
import { type BinanceOptions, ccxtOptions, startBinance } from './binance.ts';

/** Time enough for a request to arrive, though the machine has other things to do. */
const WITHHELD_MS = 1_000;

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

async function client(server: VenueServer, more: Record<string, unknown> = {}): Promise<Client> {
  const made = new ccxt.pro.binance({ ...ccxtOptions(server), ...more });
  opened.push({ close: () => made.close() });
  await made.loadMarkets();
  return made;
}

/** Buys far from the market under a name, for which a client that is withheld an answer waits a second; the answer is the error's class name or `accepted`. */
async function buy(binance: Client, clientOrderId: string, isWithheld = false): Promise<string> {
  binance.timeout = isWithheld ? WITHHELD_MS : PATIENCE_MS;
  return binance.createOrder('BTC/USDT', 'limit', 'buy', 0.001, 50_000, { clientOrderId }).then(
    () => 'accepted',
    (error: unknown) => (error as Error).constructor.name,
  );
}

function accepted(server: VenueServer): string[] {
  return server.truth.orders().map((order) => order.clientOrderId);
}

describe('what goes wrong after the venue has accepted', () => {
  it.each([
    ['an answer withheld', { kind: 'hang' }, 'RequestTimeout'],
    ['a reset connection', { kind: 'reset' }, 'NetworkError'],
    ['a 502', { kind: 'status', status: 502 }, 'ExchangeNotAvailable'],
    ['-1007', { kind: 'stateUnknown' }, 'RequestTimeout'],
    ['a body cut half way', { kind: 'cut' }, 'SocketError'],
    ['a page in place of the answer', { kind: 'junk' }, 'TypeError'],
  ] as const)('after %s the order exists exactly once and is found by its client id', async (_name, fault, thrown) => {
    const server = await venue();
    const binance = await client(server);
    server.faults.add({ where: 'after', operation: 'placeOrder', ...fault });
    expect(await buy(binance, 'mine', fault.kind === 'hang')).toBe(thrown);
    expect(accepted(server)).toEqual(['mine']);
    expect(await binance.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine' })).toMatchObject({ status: 'open' });
    expect(server.log.list('placeOrder')).toMatchObject([{ clientOrderId: 'mine', fate: 'withheld', fault: `after:${fault.kind}`, status: 200 }]);
    expect(await buy(binance, 'next')).toBe('accepted');
  });
});

describe('what goes wrong before the venue acts', () => {
  it.each([
    ['a reset connection', { kind: 'reset' }, 'NetworkError'],
    ['a 500', { kind: 'status', status: 500 }, 'OperationFailed'],
    ['maintenance', { kind: 'maintenance' }, 'OnMaintenance'],
    ['a 429', { kind: 'rateLimited' }, 'DDoSProtection'],
    ['a 418', { kind: 'banned' }, 'DDoSProtection'],
  ] as const)('after %s there is no order', async (_name, fault, thrown) => {
    const server = await venue();
    const binance = await client(server);
    server.faults.add({ where: 'before', operation: 'placeOrder', ...fault });
    expect(await buy(binance, 'mine')).toBe(thrown);
    expect(accepted(server)).toEqual([]);
    expect(server.log.list('placeOrder')).toMatchObject([{ fate: 'unprocessed', fault: `before:${fault.kind}` }]);
  });

  it('a query lags behind for as long as it was told to, however often it is asked', async () => {
    const server = await venue();
    const binance = await client(server);
    await buy(binance, 'mine');
    server.faults.add({ where: 'before', operation: 'findOrder', kind: 'notFound', maxAgeMs: 1_000, count: null });
    const find = (): Promise<unknown> => binance.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine' });
    await expect(find()).rejects.toThrow('Order does not exist');
    server.world.skewMs = 2_000;
    await expect(find()).resolves.toMatchObject({ status: 'open' });
  });

  it('a query may lag behind: not found first, found after', async () => {
    const server = await venue();
    const binance = await client(server);
    await buy(binance, 'mine');
    server.faults.add({ where: 'before', operation: 'findOrder', kind: 'notFound' });
    const find = (): Promise<string> =>
      binance.fetchOrder('', 'BTC/USDT', { clientOrderId: 'mine' }).then(
        (order) => String(order.status),
        (error: unknown) => (error as Error).constructor.name,
      );
    expect([await find(), await find()]).toEqual(['OrderNotFound', 'open']);
  });

  it('a held request is accepted late when it is released inside its window', async () => {
    const server = await venue();
    const binance = await client(server);
    server.faults.add({ where: 'before', operation: 'placeOrder', kind: 'hang' });
    expect(await buy(binance, 'late', true)).toBe('RequestTimeout');
    expect(accepted(server)).toEqual([]);
    expect(server.release()).toBe(1);
    expect(accepted(server)).toEqual(['late']);
  });

  it('a held request is refused with -1021 when its window has passed', async () => {
    const server = await venue();
    const binance = await client(server);
    server.faults.add({ where: 'before', operation: 'placeOrder', kind: 'hang' });
    expect(await buy(binance, 'late', true)).toBe('RequestTimeout');
    server.world.skewMs = 11_000;
    server.release();
    expect(accepted(server)).toEqual([]);
    expect(server.world.refused).toMatchObject([{ clientOrderId: 'late', code: '-1021' }]);
  });

  it('a slow request is served in the end', async () => {
    const server = await venue();
    const binance = await client(server);
    server.faults.add({ where: 'before', operation: 'placeOrder', kind: 'latency', ms: 20 });
    expect(await buy(binance, 'slow')).toBe('accepted');
    expect(server.log.list('placeOrder')).toMatchObject([{ fate: 'answered', fault: 'before:latency', status: 200 }]);
  });
});

describe('limits', () => {
  it('tells the weight used, refuses past the limit with 429 and Retry-After, and bans who goes on', async () => {
    let now = 1_800_000_010_000;
    const server = await venue({ limits: { weightPerMinute: 40, strikesToBan: 1, banSeconds: 120 }, now: () => now });
    const ask = async (): Promise<[number, string | null, string | null]> => {
      const answer = await fetch(`${server.url}/api/v3/exchangeInfo`);
      return [answer.status, answer.headers.get('x-mbx-used-weight-1m'), answer.headers.get('retry-after')];
    };
    expect(await ask()).toEqual([200, '20', null]);
    expect(await ask()).toEqual([200, '40', null]);
    expect(await ask()).toEqual([429, '60', '50']);
    expect(await ask()).toEqual([418, '80', '120']);
    now += 60_000;
    expect(await ask()).toEqual([418, '0', '60']);
    now += 60_000;
    expect(await ask()).toEqual([200, '20', null]);
  });

  it('counts orders of an account and refuses past the limit with -1015', async () => {
    const server = await venue({ limits: { ordersPer10s: 2 }, now: () => 1_800_000_000_000 });
    const binance = await client(server, { nonce: () => 1_800_000_000_000 });
    expect([await buy(binance, 'a'), await buy(binance, 'b'), await buy(binance, 'c')]).toEqual(['accepted', 'accepted', 'DDoSProtection']);
    expect(server.world.refused).toMatchObject([{ clientOrderId: 'c', code: '-1015' }]);
    expect(binance.last_response_headers).toMatchObject({ 'X-Mbx-Order-Count-10s': '2' });
  });
});

describe('faults as data', () => {
  const subject = { operation: 'placeOrder', symbol: 'BTC/USDT', clientOrderId: 'a', account: 'main' };

  it('strike as often as their count says, and for ever with null', () => {
    const faults = new Faults(seeded(1));
    faults.add({ where: 'before', kind: 'reset', count: 2 });
    expect([1, 2, 3].map(() => faults.strike('before', subject)?.kind)).toEqual(['reset', 'reset', undefined]);
    faults.add({ where: 'before', kind: 'reset', count: null });
    expect([1, 2, 3].map(() => faults.strike('before', subject)?.kind)).toEqual(['reset', 'reset', 'reset']);
    faults.clear();
    expect(faults.strike('before', subject)).toBeNull();
  });

  it('meet only what they name', () => {
    const faults = new Faults(seeded(1));
    faults.add({ where: 'after', kind: 'hang', symbol: 'ETH/USDT' });
    faults.add({ where: 'after', kind: 'hang', clientOrderId: 'b' });
    faults.add({ where: 'after', kind: 'hang', account: 'other' });
    faults.add({ where: 'after', kind: 'hang', operation: 'cancelOrder' });
    expect(faults.strike('after', subject)).toBeNull();
    expect(faults.strike('after', { ...subject, clientOrderId: 'b' })?.clientOrderId).toBe('b');
  });

  it('strike by chance the same way for the same seed', () => {
    const strikes = (seed: number): string => {
      const faults = new Faults(seeded(seed));
      faults.add({ where: 'before', kind: 'reset', count: null, probability: 0.5 });
      return Array.from({ length: 40 }, () => (faults.strike('before', subject) === null ? '.' : 'x')).join('');
    };
    expect(strikes(3)).toBe(strikes(3));
    expect(strikes(3)).not.toBe(strikes(4));
    expect(strikes(3)).toMatch(/x.*\.|\..*x/);
  });

  it('are refused when there is no such fault', () => {
    expect(() => new Faults(seeded(1)).add({ where: 'stream', kind: 'hang' } as unknown as Fault)).toThrow('there is no fault hang at stream');
  });
});

describe('the world behind the venue', () => {
  it('walks the same way for the same seed and stays within its band', async () => {
    const prices = async (seed: number): Promise<string[]> => {
      const server = await venue({ seed, walk: { stepShare: 0.01, bandShare: 0.05 } });
      return Array.from({ length: 300 }, () => {
        server.world.advance();
        return server.world.scale('BTC/USDT').price(server.world.path('BTC/USDT').lastTicks);
      });
    };
    const [one, same, other] = [await prices(5), await prices(5), await prices(6)];
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
    const reach = one.map((price) => Math.abs(Number(price) / 60_000 - 1));
    expect(Math.max(...reach)).toBeLessThan(0.07);
    expect(Math.max(...reach)).toBeGreaterThan(0.02);
  });

  it('lives as a process of its own, driven and questioned through its truth door', async () => {
    const child = spawn('node_modules/.bin/node', ['test/venues/main.ts', '--seed', '7', '--walk-ms', '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
    opened.push({ close: () => (child.exitCode === null && child.kill('SIGKILL') ? once(child, 'exit') : Promise.resolve()) });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, ready } = JSON.parse(line.toString()) as { readonly url: string; readonly ready: boolean };
    expect(ready).toBe(true);
    const tell = async (name: string): Promise<unknown> => (await fetch(`${url}/__truth/${name}`)).json();
    const act = async (name: string, body: unknown, method = 'POST'): Promise<unknown> =>
      (await fetch(`${url}/__truth/${name}`, { method, body: JSON.stringify(body) })).json();
    const first = JSON.stringify(await tell('prices'));
    await expect.poll(async () => JSON.stringify(await tell('prices')), { interval: 5 }).not.toBe(first);
    await act('walk', { ms: 0 });
    await act('price', { symbol: 'BTC/USDT', price: '61000' });
    expect(await act('order', { symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '60500' })).toMatchObject({ clientOrderId: 'web_1', status: 'open' });
    await act('price', { symbol: 'BTC/USDT', price: '60400' });
    expect(await tell('fills')).toMatchObject([{ clientOrderId: 'web_1', price: '60500', size: '0.01', isMaker: true }]);
    expect(await act('deposit', { asset: 'USDT', amount: '5' })).toEqual({ done: true });
    expect(await tell('balances')).toMatchObject({ USDT: { free: '99400' }, BTC: { free: '2.00999' } });
    expect(await tell('duplicates')).toEqual([]);
    await act('faults', { where: 'before', kind: 'maintenance', operation: 'time' });
    expect((await fetch(`${url}/api/v3/time`)).status).toBe(503);
    expect(await tell('requests')).toMatchObject([{ operation: 'time', fate: 'unprocessed', fault: 'before:maintenance' }]);
    expect(await act('faults', { where: 'before', kind: 'nonsense' })).toMatchObject({ error: 'RangeError: there is no fault nonsense at before' });
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});

/**
 * The API in one process and the bots in another, on one database: a wish reaches the other process over the bus at once,
 * and by the sweep where the bus is dead.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SWEEP_MS } from '#app/fleet/supervisor.ts';
import { ApiClient } from '#test/crash/api-client.ts';
import { type ArgosyProcess, startArgosy } from '#test/support/argosy-process.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { startRedis } from '#test/support/redis.ts';
import { until } from '#test/support/until.ts';

const BUS_UP = 'the bus is up';
const TEST_MS = 180_000;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Installation {
  readonly api: ApiClient;
  readonly processes: readonly ArgosyProcess[];
  readonly accountId: string;
  readonly botId: string;
}

async function install(environment: Readonly<Record<string, string>>): Promise<Installation> {
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const start = async (roles: string): Promise<ArgosyProcess> => {
    const argosy = await startArgosy({ DATABASE_URL: database.url, ARGOSY_ROLES: roles, ...environment });
    cleanUps.push(() => argosy.stop());
    return argosy;
  };
  // One after the other, so that only one of them brings the schema up.
  const processes = [await start('api'), await start('bots')];
  const api = new ApiClient(processes[0]?.root ?? '');
  await api.enter('owner@example.org', 'correct horse battery staple');
  const { id: accountId } = await api.post<{ id: string }>('/accounts', { name: 'Play money', exchange: 'paper' });
  const { bid } = await api.get<{ bid: string }>('/market/ticker?exchange=paper&symbol=BTC%2FUSDT');
  const config = {
    lower_price: (Number(bid) * 0.8).toFixed(2),
    upper_price: (Number(bid) * 1.2).toFixed(2),
    levels: 4,
    spacing: 'arithmetic',
    investment: '1000',
  };
  const bot = { name: 'Grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: accountId, config };
  const { id: botId } = await api.post<{ id: string }>('/bots', bot);
  return { api, processes, accountId, botId };
}

/** Starts and stops the bot, each at once after the last was done: how long each wish took. */
async function wishes({ api, botId }: Installation): Promise<readonly number[]> {
  const took: number[] = [];
  for (const [wish, status] of [
    ['start', 'running'],
    ['stop', 'stopped'],
  ] as const) {
    const askedAt = performance.now();
    await api.post(`/bots/${botId}/${wish}`);
    await until(async () => (await api.get<{ status: string }>(`/bots/${botId}`)).status === status, `the bot is ${status}`);
    took.push(performance.now() - askedAt);
  }
  return took;
}

/** Without a bus each wish waits for a whole sweep after the one before; one that did not shows the bus, however busy the machine. */
async function wakes(installation: Installation): Promise<void> {
  await wishes(installation);
  await until(async () => (await wishes(installation)).some((took) => took < SWEEP_MS / 2), 'a wish is done before the sweep');
}

async function busesUp({ processes }: Installation, times: number): Promise<void> {
  await until(
    () => processes.every(({ messages }) => messages.filter((message) => message === BUS_UP).length >= times),
    `the bus of both processes has come up ${times} times`,
  );
}

/** An order placed by hand through the API, carried out by the other process. */
async function buy({ api, accountId }: Installation): Promise<void> {
  const order = { account_id: accountId, symbol: 'BTC/USDT', side: 'buy', type: 'market', quantity: '0.001' };
  const { id } = await api.post<{ id: string }>('/orders', order);
  await until(async () => (await api.get<{ status: string }>(`/orders/${id}`)).status === 'filled', 'the order is filled');
}

describe('two processes', () => {
  it('wake each other through PostgreSQL', { timeout: TEST_MS }, async () => {
    const installation = await install({});
    await busesUp(installation, 1);
    await wakes(installation);
    await buy(installation);
  });

  it('wake each other through Redis, go on without it, and wake each other again when it is back', { timeout: TEST_MS }, async () => {
    const redis = await startRedis();
    cleanUps.push(() => redis.kill());
    const installation = await install({ REDIS_URL: redis.url });
    await busesUp(installation, 1);
    await wakes(installation);
    await buy(installation);
    await redis.kill();
    const alone = [...(await wishes(installation)), ...(await wishes(installation))];
    // It is the sweep that carries them now, which shows that it was not before.
    expect(Math.max(...alone)).toBeGreaterThan(SWEEP_MS / 2);
    await buy(installation);
    await redis.start();
    await busesUp(installation, 2);
    await wakes(installation);
  });
});

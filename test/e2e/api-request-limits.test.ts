/** How many requests are answered: by address without a token, by user and plan with one, counted once for all processes on one Redis. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import { REST_MS, redisRequestCounter } from '#adapters/request-counts/redis.ts';
import { addressGroup, WINDOW_MS } from '#edges/http/request-limits.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { startRedis, type TestRedis } from '#test/support/redis.ts';
import { type Api, ask, openApi } from './_api.ts';

let database: TestStore;

beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const narrow = (change: Parameters<typeof openApi>[1] = {}): Promise<Api> =>
  openApi(database.store, {
    limits: { login: { perAddress: 1_000, perEmail: 10, hashesAtOnce: 16 }, requestsPerMinute: { address: 60, anonymous: 20, free: 3, vip: 6 } },
    ...change,
  });
const from = (api: Api, remoteAddress: string, headers: Readonly<Record<string, string>> = {}) =>
  api.server.inject({ url: '/api/v1/strategies', remoteAddress, headers });

describe('the number of requests in a minute', () => {
  it('is a user’s, whatever the session and address, and begins anew', async () => {
    const api = await narrow();
    const user = await api.user('ada@limits.example');
    const again = await ask(api.server, 'POST', '/auth/login', { email: user.email, password: 'correct horse battery' });
    const tokens = [user.accessToken, again.body.access_token];
    const statuses = [];
    for (const index of [0, 1, 0, 1]) statuses.push((await from(api, `198.51.100.${index}`, { authorization: `Bearer ${tokens[index]}` })).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429]);
    await api.clock.advance(WINDOW_MS);
    expect((await user.call('GET', '/strategies')).status).toBe(200);
  });

  it('grows with the plan at once, and does not begin anew with it', async () => {
    const api = await narrow();
    const user = await api.user('bob@limits.example');
    for (let call = 0; call < 3; call += 1) expect((await user.call('GET', '/strategies')).status).toBe(200);
    expect((await user.call('GET', '/strategies')).status).toBe(429);
    await database.query(`update subscriptions set plan = 'vip' where user_id = $1`, [user.id]);
    api.bus.publish('plan_changed', { userId: user.id });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await user.call('GET', '/strategies')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('of those without a valid token is their address’s, and guessing tokens is counted', async () => {
    const api = await narrow();
    const statuses = new Set<number>();
    for (let call = 0; call < 20; call += 1) statuses.add((await from(api, '198.51.100.7', { authorization: `Bearer a.b.${call}` })).statusCode);
    expect([...statuses]).toEqual([401]);
    expect((await from(api, '198.51.100.7')).statusCode).toBe(429);
    expect((await from(api, '198.51.100.8')).statusCode).toBe(401);
    expect((await api.server.inject({ url: '/health/live', remoteAddress: '198.51.100.7' })).statusCode).toBe(200);
  });

  it('of all behind one address has an end too', async () => {
    const api = await narrow();
    const users = [];
    for (let index = 0; index < 30; index += 1) {
      users.push(await api.user(`crowd${index}@limits.example`));
      if (index % 9 === 0) await api.clock.advance(WINDOW_MS);
    }
    await api.clock.advance(WINDOW_MS);
    const statuses = [];
    for (const { accessToken } of [...users, ...users, ...users])
      statuses.push((await from(api, '192.0.2.1', { authorization: `Bearer ${accessToken}` })).statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(statuses.at(-1)).toBe(429);
  });

  it('is that of whom a trusted proxy names, and of nobody whom others name', async () => {
    const callers = (api: Api, proxy: string) =>
      Promise.all(['203.0.113.1', '203.0.113.2'].map((caller) => from(api, proxy, { 'x-forwarded-for': `198.51.100.99, ${caller}` })));
    const trusting = await narrow({ trustedProxies: ['10.0.0.0/8'] });
    const remaining = async (api: Api, proxy: string): Promise<unknown[]> =>
      (await callers(api, proxy)).map(({ headers }) => Number(headers['ratelimit-remaining']));
    expect(await remaining(trusting, '10.1.2.3')).toEqual([19, 19]);
    expect((await remaining(trusting, '192.0.2.9')).sort()).toEqual([18, 19]);
    expect((await remaining(await narrow(), '10.1.2.3')).sort()).toEqual([18, 19]);
  });

  it('stands in the headers, in both forms, with the time to wait', async () => {
    const api = await narrow();
    const user = await api.user('eve@limits.example');
    await api.clock.advance(WINDOW_MS);
    const first = await user.call('GET', '/strategies');
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"address";q=60;w=60, "free";q=3;w=60',
      ratelimit: '"address";r=59;t=60, "free";r=2;t=60',
      'ratelimit-limit': '3',
      'ratelimit-remaining': '2',
      'ratelimit-reset': '60',
    });
    await user.call('GET', '/strategies');
    await user.call('GET', '/strategies');
    await api.clock.advance(18_500);
    const refused = await user.call('GET', '/strategies');
    expect(refused.headers).toMatchObject({ 'retry-after': '42', ratelimit: '"address";r=56;t=42, "free";r=0;t=42' });
    expect(refused.problem).toMatchObject({ code: 'rate_limited', status: 429 });
  });
});

describe('an address', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is counted as %s', (ip, group) => {
    expect(addressGroup(ip)).toBe(group);
  });
});

describe('a counter in memory', () => {
  it('forgets the oldest window when there are too many keys', async () => {
    const counter = memoryCounter(new ManualClock(), 2);
    for (const key of ['a', 'a', 'b', 'c']) await counter.count(key, 1_000);
    expect((await counter.count('b', 1_000)).used).toBe(2);
    expect((await counter.count('a', 1_000)).used).toBe(1);
  });
});

describe('a counter on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.kill());

  it('is one for all processes of an installation, and none for another', async () => {
    const clock = new ManualClock();
    const [one, two, other] = ['argosy:1', 'argosy:1', 'argosy:2'].map((name) => redisRequestCounter({ url: redis.url, name, clock }));
    if (one === undefined || two === undefined || other === undefined) throw new Error('three counters');
    await expect.poll(async () => (await counted(one, clock)) && (await counted(two, clock)) && (await counted(other, clock))).toBe(true);
    expect((await one.count('user ada', 60_000)).used).toBe(1);
    const second = await two.count('user ada', 60_000);
    expect(second.used).toBe(2);
    expect(second.resetMs).toBeGreaterThan(0);
    expect(second.resetMs).toBeLessThanOrEqual(60_000);
    expect((await other.count('user ada', 60_000)).used).toBe(1);
    await redis.kill();
    expect((await one.count('user ada', 60_000)).used, 'it goes on alone').toBe(1);
    expect((await one.count('user ada', 60_000)).used).toBe(2);
    await Promise.all([one, two, other].map((counter) => counter.close()));
  });
});

/** Whether the server is asked by now: its windows do not depend on our clock, those of the memory do. */
async function counted(counter: ReturnType<typeof redisRequestCounter>, clock: ManualClock): Promise<boolean> {
  await clock.advance(REST_MS);
  const { resetMs } = await counter.count('warm-up', 500_000);
  await clock.advance(REST_MS);
  const later = await counter.count('warm-up', 500_000);
  return later.resetMs > resetMs - REST_MS;
}

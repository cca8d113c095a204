import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { redisCounter } from '#adapters/budgets/redis-counter.ts';
import { redisBus } from '#adapters/bus/redis.ts';
import { systemClock } from '#adapters/clock.ts';
import { FaultProxy } from '#test/chaos/proxy.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { startRedis, type TestRedis } from '#test/support/redis.ts';
import { until } from '#test/support/until.ts';
import { type BusRig, busConformance, busNetworkConformance } from './bus.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.kill());

let count = 0;

async function rig(): Promise<BusRig> {
  count += 1;
  const name = `argosy-${count}`;
  return {
    open: async (world) => {
      const proxy = await FaultProxy.open({ host: '127.0.0.1', port: Number(new URL(redis.url).port) }, Math.random);
      return { bus: redisBus({ ...world, name, url: proxy.url.replace('http:', 'redis:') }), proxy };
    },
    close: async () => undefined,
  };
}

busConformance('Redis', rig);
busNetworkConformance('Redis', rig);

it('installations on one server do not hear each other, and a killed server that comes back empty is a gap', async () => {
  const buses = ['one', 'one', 'other'].map((name) => redisBus({ url: redis.url, name, clock: systemClock, log: quietLog() }));
  onTestFinished(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
  });
  await Promise.all(buses.map((bus) => bus.ready()));
  const heard: string[] = [];
  for (const [index, bus] of buses.entries())
    bus.subscribe(
      'orders',
      () => heard.push(`${index}`),
      () => heard.push(`gap ${index}`),
    );
  buses[0]?.publish('orders', {});
  await until(() => heard.length === 2, 'both of this installation have heard');
  expect(heard.sort()).toEqual(['0', '1']);
  await redis.kill();
  await until(() => buses.every((bus) => !bus.isUp()), 'all have noticed');
  buses[0]?.publish('orders', {});
  await redis.start();
  await until(() => ['gap 0', 'gap 1', 'gap 2'].every((gap) => heard.includes(gap)), 'all were told of the gap');
  heard.splice(0);
  buses[1]?.publish('orders', {});
  await until(() => heard.includes('0'), 'messages pass again');
});

it('a password of Redis is used, and told to nobody when it is wrong', async () => {
  const guarded = await startRedis();
  const client = new Redis(guarded.url);
  await client.config('SET', 'requirepass', 'right-canary');
  client.disconnect();
  const address = (password: string): string => guarded.url.replace('//', `//:${password}@`);
  const lines: KeptLine[] = [];
  const world = { name: 'guarded', clock: systemClock, log: quietLog(lines) };
  const [right, wrong] = [redisBus({ ...world, url: address('right-canary') }), redisBus({ ...world, url: address('wrong-canary') })];
  const counter = redisCounter({ url: address('wrong-canary'), name: 'guarded' });
  onTestFinished(async () => {
    await Promise.all([right.close(), wrong.close(), counter.close()]);
    await guarded.kill();
  });
  await right.ready();
  await until(() => lines.some(({ message }) => message.startsWith('the bus is down')), 'the refusal is told');
  const refusal = await counter.take('venue', 1_000, 1, 1).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Error);
  expect(wrong.isUp()).toBe(false);
  expect(JSON.stringify(lines)).toContain('WRONGPASS');
  expect(JSON.stringify(lines)).not.toContain('canary');
});

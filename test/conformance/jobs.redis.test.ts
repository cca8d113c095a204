import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { redisBus } from '#adapters/bus/redis.ts';
import { systemClock } from '#adapters/clock.ts';
import { redisJobs } from '#adapters/jobs/redis.ts';
import { type Doomed, startDoomed } from '#test/support/doomed.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { startRedis, type TestRedis } from '#test/support/redis.ts';
import { until } from '#test/support/until.ts';
import { jobsConformance, LOCK_MS } from './jobs.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.kill());

let count = 0;

jobsConformance('Redis', async () => {
  count += 1;
  const name = `argosy-${count}`;
  const doomed: Doomed[] = [];
  return {
    bus: memoryBus(quietLog()),
    open: (world) => redisJobs({ ...world, url: redis.url, name }),
    doomedWorker: (lockMs, onTaken) => {
      const worker = startDoomed('job-worker.ts', ['redis', redis.url, name, String(lockMs)], onTaken);
      doomed.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(doomed.map((worker) => worker.kill()));
    },
  };
});

describe('jobs on a Redis that fails', () => {
  it('say so at once while it is gone, and workers and schedules go on when it comes back empty', async () => {
    const bus = redisBus({ url: redis.url, name: 'failing', clock: systemClock, log: quietLog() });
    const jobs = redisJobs({ bus, clock: systemClock, log: quietLog(), lockMs: LOCK_MS, url: redis.url, name: 'failing' });
    onTestFinished(async () => {
      await jobs.close();
      await bus.close();
    });
    await bus.ready();
    const done: string[] = [];
    jobs.work('tasks', async ({ kind }) => {
      done.push(kind);
      return {};
    });
    await jobs.schedule('tasks', { name: 'sweep', repeat: { everyMs: 200 }, job: { kind: 'sweep', data: {} } });
    await until(() => done.length > 1, 'it repeats');
    await redis.kill();
    await until(() => !bus.isUp(), 'the bus has noticed');
    await expect(jobs.enqueue('tasks', { kind: 'lost', data: {} })).rejects.toMatchObject({ code: 'store_unavailable', outcome: 'unknown' });
    await redis.start();
    await until(async () => (await jobs.enqueue('tasks', { kind: 'kept', data: {} }).catch(() => null)) !== null, 'jobs are kept again');
    await until(() => done.includes('kept'), 'the worker goes on');
    const before = done.length;
    await until(() => done.slice(before).includes('sweep'), 'the schedule is back');
  });

  it('are forgotten by FLUSHALL while the worker goes on', async () => {
    const jobs = redisJobs({ bus: memoryBus(quietLog()), clock: systemClock, log: quietLog(), lockMs: LOCK_MS, url: redis.url, name: 'flushed' });
    const client = new Redis(redis.url);
    onTestFinished(async () => {
      await jobs.close();
      client.disconnect();
    });
    const done: string[] = [];
    jobs.work('tasks', async ({ kind }) => {
      done.push(kind);
      return {};
    });
    await jobs.enqueue('tasks', { kind: 'before', data: {} });
    await until(() => done.includes('before'), 'it works');
    const { id } = await jobs.enqueue('tasks', { kind: 'delayed', data: {}, delayMs: 60_000 });
    await client.flushall();
    expect(await jobs.get('tasks', id)).toBeNull();
    await jobs.enqueue('tasks', { kind: 'after', data: {} });
    await until(() => done.includes('after'), 'the worker goes on');
    expect(done).toEqual(['before', 'after']);
  });
});

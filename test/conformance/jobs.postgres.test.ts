import { expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { postgresJobs } from '#adapters/jobs/postgres.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { type Doomed, startDoomed } from '#test/support/doomed.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { severingProxy } from '#test/support/severing-proxy.ts';
import { until } from '#test/support/until.ts';
import { jobsConformance, LOCK_MS } from './jobs.ts';

jobsConformance('PostgreSQL', async () => {
  const database = await createTestDatabase();
  const doomed: Doomed[] = [];
  return {
    bus: memoryBus(quietLog()),
    open: (world) => postgresJobs({ ...world, url: database.url }),
    doomedWorker: (lockMs, onTaken) => {
      const worker = startDoomed('job-worker.ts', ['postgres', database.url, '', String(lockMs)], onTaken);
      doomed.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(doomed.map((worker) => worker.kill()));
      await database.drop();
    },
  };
});

it('jobs on PostgreSQL go on after the server has ended every connection', async () => {
  const database = await createTestDatabase();
  const jobs = postgresJobs({ bus: memoryBus(quietLog()), clock: systemClock, log: quietLog(), lockMs: LOCK_MS, url: database.url });
  onTestFinished(async () => {
    await jobs.close();
    await database.drop();
  });
  const done: string[] = [];
  jobs.work('tasks', async ({ kind }) => {
    done.push(kind);
    return {};
  });
  await jobs.enqueue('tasks', { kind: 'before', data: {} });
  await until(() => done.includes('before'), 'it works');
  await database.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()');
  await until(async () => (await jobs.enqueue('tasks', { kind: 'after', data: {} }).catch(() => null)) !== null, 'jobs are kept again');
  await until(() => done.includes('after'), 'the worker goes on');
  expect(done.filter((kind) => kind === 'before')).toHaveLength(1);
});

it.each(['beforeArrival', 'beforeAnswer'] as const)(
  'jobs on PostgreSQL begin though the connection on which the library brings its tables up breaks %s',
  async (when) => {
    const database = await createTestDatabase();
    const proxy = await severingProxy(database.url);
    proxy.severAt('BEGIN', when);
    const jobs = postgresJobs({ bus: memoryBus(quietLog()), clock: systemClock, log: quietLog(), lockMs: LOCK_MS, url: proxy.url });
    onTestFinished(async () => {
      await jobs.close();
      await proxy.close();
      await database.drop();
    });
    const done: string[] = [];
    jobs.work('tasks', async ({ kind }) => {
      done.push(kind);
      return {};
    });
    await until(async () => (await jobs.enqueue('tasks', { kind: 'first', data: {} }).catch(() => null)) !== null, 'jobs are kept');
    await until(() => done.includes('first'), 'the worker works');
  },
);

import { expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Jobs } from '#core/jobs.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type MemoryJobs, memoryJobs } from '#test/support/memory-jobs.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { JOBS_AT_ONCE, workOn } from './job-bench.ts';
import { goOn, type JobKind, type JobParts } from './job-kind.ts';

const title = { en: 'Count', ru: 'Счёт' };
const count: JobKind = { kind: 'count', title, attempts: 3, run: async ({ data }) => ({ counted: data['to'] }) };
const nightly: JobKind = {
  kind: 'nightly',
  title,
  repeat: () => ({ cron: '0 3 * * *' }),
  attempts: 2,
  backoffMs: 60_000,
  priority: 200,
  run: async () => ({}),
};
const leftOut: JobKind = { kind: 'left_out', title, repeat: () => null, run: async () => ({}) };

function bench(): { readonly jobs: MemoryJobs; readonly lines: KeptLine[]; readonly parts: JobParts } {
  const lines: KeptLine[] = [];
  const clock = new ManualClock();
  return { jobs: memoryJobs(() => clock.now()), lines, parts: { clock, log: quietLog(lines) } as unknown as JobParts };
}

it('does each job by its kind and tells how it ended', async () => {
  const { jobs, lines, parts } = bench();
  const stop = await workOn(jobs, [count, nightly], parts);
  await jobs.enqueue('tasks', { kind: 'count', data: { to: 7 } });
  expect(await jobs.doNext()).toMatchObject({ state: 'completed', result: { counted: 7 } });
  expect(lines).toEqual([{ level: 'info', fields: { jobId: 'job-1', kind: 'count', counted: 7, tookMs: 0 }, message: 'a job is done' }]);
  await stop();
});

it('fails a job of a kind that it does not know, for a newer version to do again', async () => {
  const { jobs, parts } = bench();
  await workOn(jobs, [count], parts);
  await jobs.enqueue('tasks', { kind: 'unheard', data: {} });
  expect(await jobs.doNext()).toMatchObject({ state: 'failed', failure: 'this version does not know how to do "unheard"' });
});

it('logs what failed as an error, and what was called off as a fact', async () => {
  const { jobs, lines, parts } = bench();
  const stubborn: JobKind = {
    kind: 'stubborn',
    title,
    run: async (job) => {
      goOn(job);
      throw new Error('broken');
    },
  };
  await workOn(jobs, [stubborn], parts);
  await jobs.enqueue('tasks', { kind: 'stubborn', data: {} });
  await jobs.enqueue('tasks', { kind: 'stubborn', data: {} });
  expect(await jobs.doNext()).toMatchObject({ failure: 'broken' });
  expect(await jobs.doNext('cancelled')).toMatchObject({ failure: 'the job was let go of: cancelled' });
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'a job has failed'],
    ['info', 'a job was let go of'],
  ]);
});

it('sets the schedules of its kinds with their terms, and takes away what the settings leave out', async () => {
  const { jobs, parts } = bench();
  await jobs.schedule('tasks', { name: 'left_out', repeat: { everyMs: 1 }, job: { kind: 'left_out', data: {} } });
  await workOn(jobs, [count, nightly, leftOut], parts);
  expect([...jobs.schedulesSet.values()]).toEqual([
    { name: 'nightly', repeat: { cron: '0 3 * * *' }, job: { kind: 'nightly', data: {}, attempts: 2, backoffMs: 60_000, priority: 200 } },
  ]);
});

it('takes jobs although the schedules cannot be set yet', async () => {
  const { jobs, lines, parts } = bench();
  const asked: number[] = [];
  const away: Jobs = {
    ...jobs,
    work: (queue, handler, settings) => {
      asked.push(settings?.concurrency ?? 0);
      return jobs.work(queue, handler, settings);
    },
    schedule: () => Promise.reject(new PortError('store_unavailable', 'the queue is away', { outcome: 'unknown' })),
  };
  await workOn(away, [count, nightly], parts);
  await jobs.enqueue('tasks', { kind: 'count', data: { to: 1 } });
  expect(await jobs.doNext()).toMatchObject({ state: 'completed' });
  expect(asked).toEqual([JOBS_AT_ONCE]);
  expect(lines[0]).toMatchObject({ level: 'warn', message: 'the schedules of jobs could not be set; they are set when the queues answer' });
});

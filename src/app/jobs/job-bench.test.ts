import { expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { NewFact } from '#core/facts.ts';
import type { JobHandler, Jobs } from '#core/jobs.ts';
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

function bench(): { readonly jobs: MemoryJobs; readonly lines: KeptLine[]; readonly facts: NewFact[]; readonly parts: JobParts } {
  const lines: KeptLine[] = [];
  const clock = new ManualClock();
  const facts: NewFact[] = [];
  const store = { users: { owner: async () => ({ id: 'owner' }) }, facts: { add: async (fact: NewFact) => void facts.push(fact) } };
  return { jobs: memoryJobs(() => clock.now()), lines, facts, parts: { clock, log: quietLog(lines), store } as unknown as JobParts };
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

it('tells the owner of a job that has failed in its last try, and of no try before', async () => {
  const { jobs, facts, parts } = bench();
  const broken: JobKind = { kind: 'broken', title: { en: 'Break', ru: 'Поломка' }, attempts: 2, run: () => Promise.reject(new Error('why it broke')) };
  const handlers: JobHandler[] = [];
  const work: Jobs['work'] = (_, handler) => {
    handlers.push(handler);
    return async () => undefined;
  };
  await workOn({ ...jobs, work }, [broken], parts);
  for (const attemptsMade of [0, 1]) {
    const job = { id: 'job-9', kind: 'broken', data: {}, attemptsMade, stopReason: () => null } as unknown as Parameters<JobHandler>[0];
    await expect(handlers[0]?.(job)).rejects.toThrow('why it broke');
    expect(facts).toHaveLength(attemptsMade);
  }
  const data = { title_en: 'Break', title_ru: 'Поломка', reason: 'why it broke', job_id: 'job-9' };
  expect(facts[0]).toMatchObject({ userId: 'owner', type: 'job_failed', data });
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

import { expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryJobs } from '#test/support/memory-jobs.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { workOn } from '../job-bench.ts';
import type { JobParts } from '../job-kind.ts';
import { backup } from './backup.ts';

const REPORT = { file: 'argosy.backup', bytes: 10, rows: 3, removed: ['older.backup'] };

function bench(backups: JobParts['backups']) {
  const clock = new ManualClock();
  const jobs = memoryJobs(() => clock.now());
  return { jobs, parts: { clock, log: quietLog(), backups } as unknown as JobParts };
}

it('backs up every night where there is a directory, tells how far it is, and what it has written', async () => {
  const { jobs, parts } = bench({
    add: async (_at, onProgress) => {
      for (const share of [0.01, 0.5, 0.51, 1]) onProgress(share);
      return REPORT;
    },
  });
  await workOn(jobs, [backup], parts);
  expect(jobs.schedulesSet.get('backup')?.repeat).toEqual({ cron: '11 2 * * *' });
  await jobs.enqueue('tasks', { kind: 'backup', data: {} });
  expect(await jobs.doNext()).toMatchObject({ state: 'completed', result: REPORT, progress: { share: 1 } });
});

it('is not scheduled without a directory, and says which setting it lacks when asked for all the same', async () => {
  const { jobs, parts } = bench(null);
  await workOn(jobs, [backup], parts);
  expect([...jobs.schedulesSet.keys()]).toEqual([]);
  await jobs.enqueue('tasks', { kind: 'backup', data: {} });
  expect((await jobs.doNext())?.failure).toContain('ARGOSY_BACKUP_DIR');
});

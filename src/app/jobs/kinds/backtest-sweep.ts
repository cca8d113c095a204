/** Asks again for backtests that wait though the queue has lost them: a row is what was promised, a job only the word for it. */
import { backtestJob } from '../../backtest/backtest-settings.ts';
import type { JobKind } from '../job-kind.ts';

/** One that was just asked for has its job. */
export const SETTLED_MS = 120_000;
const AT_ONCE = 100;

export const backtestSweep: JobKind = {
  kind: 'backtest_sweep',
  title: { en: 'Find backtests that nobody computes', ru: 'Поиск забытых бэктестов' },
  repeat: () => ({ everyMs: 300_000 }),
  run: async (_job, { store, clock, jobs }) => {
    const ids = await store.backtests.unfinished(clock.now() - SETTLED_MS, AT_ONCE);
    const queues = await jobs();
    let asked = 0;
    // One that has its job gets no second.
    for (const id of ids) if ((await queues.enqueue('tasks', backtestJob(id))).isNew) asked += 1;
    return { asked };
  },
};

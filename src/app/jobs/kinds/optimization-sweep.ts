/** Asks again for optimisations and checks of backtests whose work the queue has lost: a row is what was promised, a job only the word for it. */
import { checkJob } from '../../honesty/checks.ts';
import { askForWork } from '../../optimize/work.ts';
import type { JobKind } from '../job-kind.ts';

/** One that was just asked for has its job. */
export const SETTLED_OPTIMIZATION_MS = 120_000;
const AT_ONCE = 100;

export const optimizationSweep: JobKind = {
  kind: 'optimization_sweep',
  title: { en: 'Find optimisations and checks that nobody works on', ru: 'Поиск забытых оптимизаций и проверок' },
  repeat: () => ({ everyMs: 300_000 }),
  run: async (_job, { store, clock, jobs }) => {
    const ids = await store.optimizations.unfinished(clock.now() - SETTLED_OPTIMIZATION_MS, AT_ONCE);
    const queues = await jobs();
    let asked = 0;
    // To prepare what is prepared asks for what comes next, and for nothing that waits already.
    for (const id of ids) asked += await askForWork(queues, id, ['prepare']);
    for (const id of await store.checks.unfinished(clock.now() - SETTLED_OPTIMIZATION_MS, AT_ONCE))
      if ((await queues.enqueue('tasks', checkJob(id))).isNew) asked += 1;
    return { asked };
  },
};

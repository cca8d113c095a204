/** Asks again for the work on optimisations that the queue has lost: a row is what was promised, a job only the word for it. */
import { askForWork } from '../../optimize/work.ts';
import type { JobKind } from '../job-kind.ts';

/** One that was just asked for has its job. */
export const SETTLED_OPTIMIZATION_MS = 120_000;
const AT_ONCE = 100;

export const optimizationSweep: JobKind = {
  kind: 'optimization_sweep',
  title: { en: 'Find optimisations that nobody works on', ru: 'Поиск забытых оптимизаций' },
  repeat: () => ({ everyMs: 300_000 }),
  run: async (_job, { store, clock, jobs }) => {
    const ids = await store.optimizations.unfinished(clock.now() - SETTLED_OPTIMIZATION_MS, AT_ONCE);
    const queues = await jobs();
    let asked = 0;
    // To prepare what is prepared asks for what comes next, and for nothing that waits already.
    for (const id of ids) asked += await askForWork(queues, id, ['prepare']);
    return { asked };
  },
};

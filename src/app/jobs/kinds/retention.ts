/** Forgets every night what is older than it is to be kept: tapes of runs that ended, points of equity, what was told and done, signals. */
import type { JobKind } from '../job-kind.ts';
import { forgetAll } from './_forget.ts';

export const retention: JobKind = {
  kind: 'retention',
  title: { en: 'Forget what is older than it is to be kept', ru: 'Удаление того, что хранится дольше положенного' },
  repeat: () => ({ cron: '41 3 * * *' }),
  attempts: 3,
  backoffMs: 600_000,
  run: async (job, { store, clock, keptFor }) => {
    const now = clock.now();
    const removed: Record<string, number> = {};
    for (const [what, forget, ageMs] of [
      ['tapes', store.upkeep.forgetTapes, keptFor.tapesMs],
      ['equity', store.upkeep.forgetEquity, keptFor.equityMs],
      ['facts', store.upkeep.forgetFacts, keptFor.eventsMs],
      ['commands', store.upkeep.forgetCommands, keptFor.eventsMs],
      ['signals', store.upkeep.forgetSignals, keptFor.eventsMs],
    ] as const) {
      removed[what] = await forgetAll(job, (limit) => forget(now - ageMs, limit));
      await job.progress(removed);
    }
    return removed;
  },
};

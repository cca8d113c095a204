/** Forgets every night what is older than it is to be kept: tapes of runs that ended, points of equity, what was told and done, signals, posts. */
import type { JobKind } from '../job-kind.ts';
import { forgetAll } from './_forget.ts';

const DAY_MS = 86_400_000;
/** A scanner goes on telling of a signal that was removed, for as long as it lasts: longer than any has. */
export const REMOVED_MS = 30 * DAY_MS;
/** Whom signals were told to, and how many, is asked for an hour; facts have a memory of their own. */
export const TOLD_MS = 2 * DAY_MS;

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
      ['notices', store.upkeep.forgetNotices, keptFor.eventsMs],
      ['commands', store.upkeep.forgetCommands, keptFor.eventsMs],
      ['signals', store.upkeep.forgetSignals, keptFor.eventsMs],
      ['signal_points', store.upkeep.forgetSignalPoints, keptFor.eventsMs],
      ['removed_signals', store.upkeep.forgetRemovedSignals, Math.max(keptFor.eventsMs, REMOVED_MS)],
      ['told_signals', store.upkeep.forgetToldSignals, TOLD_MS],
      ['signal_hours', store.upkeep.forgetSignalHours, TOLD_MS],
      ['posts', store.upkeep.forgetPosts, keptFor.eventsMs],
    ] as const) {
      removed[what] = await forgetAll(job, (limit) => forget(now - ageMs, limit));
      await job.progress(removed);
    }
    return removed;
  },
};

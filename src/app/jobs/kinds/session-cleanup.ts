/** Forgets sessions that are long over, so that the table of refresh tokens holds what is in use. */
import type { JobKind } from '../job-kind.ts';
import { forgetAll } from './_forget.ts';

/** Tokens that ran out so long ago tell nothing any more. */
export const KEPT_AFTER_END_MS = 30 * 86_400_000;

export const sessionCleanup: JobKind = {
  kind: 'session_cleanup',
  title: { en: 'Forget sessions that are over', ru: 'Удаление завершённых сеансов' },
  repeat: () => ({ cron: '17 * * * *' }),
  run: async (job, { store, clock }) => {
    const before = clock.now() - KEPT_AFTER_END_MS;
    return { removed: await forgetAll(job, (limit) => store.upkeep.forgetSessions(before, limit)) };
  },
};

/** Forgets sessions that are long over, so that the table of refresh tokens holds what is in use. */
import { goOn, type JobKind } from '../job-kind.ts';

/** Tokens that ran out so long ago tell nothing any more. */
export const KEPT_AFTER_END_MS = 30 * 86_400_000;
/** Rows of one statement: short, so that nobody waits behind it. */
export const ROWS_AT_ONCE = 5_000;

export const sessionCleanup: JobKind = {
  kind: 'session_cleanup',
  title: { en: 'Forget sessions that are over', ru: 'Удаление завершённых сеансов' },
  repeat: () => ({ cron: '17 * * * *' }),
  run: async (job, { store, clock }) => {
    const before = clock.now() - KEPT_AFTER_END_MS;
    let removed = 0;
    for (let last = ROWS_AT_ONCE; last === ROWS_AT_ONCE; removed += last) {
      goOn(job);
      last = await store.upkeep.forgetSessions(before, ROWS_AT_ONCE);
    }
    return { removed };
  },
};

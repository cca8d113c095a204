/** Forgets in small steps until nothing old is left, giving way whenever the job is called off. */
import type { JobInHand } from '#core/jobs.ts';
import { goOn } from '../job-kind.ts';

/** Rows of one statement: short, so that nobody waits behind it. */
export const ROWS_AT_ONCE = 5_000;

/** How many rows were removed in all. */
export async function forgetAll(job: JobInHand, forget: (limit: number) => Promise<number>): Promise<number> {
  let removed = 0;
  for (let last = ROWS_AT_ONCE; last === ROWS_AT_ONCE; removed += last) {
    goOn(job);
    last = await forget(ROWS_AT_ONCE);
  }
  return removed;
}

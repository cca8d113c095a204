import { expect, it, onTestFinished } from 'vitest';
import { createTestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryJobs } from '#test/support/memory-jobs.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { makeUser } from '#test/support/trading-world.ts';
import { workOn } from '../job-bench.ts';
import type { JobParts } from '../job-kind.ts';
import { ROWS_AT_ONCE } from './_forget.ts';
import { KEPT_AFTER_END_MS, sessionCleanup } from './session-cleanup.ts';

it('forgets sessions that ended long ago, all of them however many, and no other', async () => {
  const { store, query, drop } = await createTestStore();
  onTestFinished(drop);
  const clock = new ManualClock();
  const userId = await makeUser(store);
  const long = clock.now() - KEPT_AFTER_END_MS;
  await query(
    `insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at)
     select 'old' || n, '${userId}', 'family', 'hash' || n, ${long - 1} from generate_series(1, ${ROWS_AT_ONCE + 1}) n`,
  );
  await store.refreshTokens.insert({ id: 'kept', userId, familyId: 'family', tokenHash: 'kept', expiresAt: long });
  const jobs = memoryJobs(() => clock.now());
  await workOn(jobs, [sessionCleanup], { store, clock, log: quietLog() } as unknown as JobParts);
  await jobs.enqueue('tasks', { kind: 'session_cleanup', data: {} });
  expect(await jobs.doNext()).toMatchObject({ state: 'completed', result: { removed: ROWS_AT_ONCE + 1 } });
  expect(await query('select id from refresh_tokens')).toEqual([{ id: 'kept' }]);
  expect([...jobs.schedulesSet.keys()]).toEqual(['session_cleanup']);
});

/** The queue through which other programs have users told: a task `{user_id, event_type, data}` becomes a fact like every other. */
import { FACT_TYPES, type FactType } from '#core/facts.ts';
import type { JobData, Jobs } from '#core/jobs.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';

/** Of the values of a task so many are kept, each a short text, a number or a boolean. */
export const MAX_VALUES = 40;
export const MAX_VALUE_LENGTH = 1_000;
const CONCURRENCY = 4;
const NAME = /^[a-z][a-z0-9_]{0,39}$/i;

export interface QueueParts {
  readonly store: Pick<Store, 'facts' | 'users'>;
  readonly clock: Clock;
}

/** Begins to take tasks; the returned function stops. A task that makes no sense fails and says why. */
export function takeQueuedNotices(jobs: Pick<Jobs, 'work'>, { store, clock }: QueueParts): () => Promise<void> {
  return jobs.work(
    'notification_queue',
    async (job) => {
      const { userId, type, data } = readTask(job.data);
      if ((await store.users.byId(userId)) === null) throw new Error(`there is no user ${JSON.stringify(userId)}`);
      // A task that is done twice, after a crash, is one fact all the same.
      await store.facts.add({ dedupeKey: `queue:${job.id}`, userId, botId: null, type, data, at: clock.now() });
      return {};
    },
    { concurrency: CONCURRENCY },
  );
}

/** Throws an Error that names what is wrong. */
export function readTask(task: JobData): { readonly userId: string; readonly type: FactType; readonly data: JobData } {
  const { user_id: userId, event_type: type, data = {} } = task;
  if (typeof userId !== 'string' || userId === '' || userId.length > 100) throw new Error('user_id must be the id of a user');
  if (!isFactType(type)) throw new Error(`event_type must be one of ${FACT_TYPES.join(', ')}`);
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Error('data must be an object');
  const entries = Object.entries(data);
  if (entries.length > MAX_VALUES) throw new Error(`data must have at most ${MAX_VALUES} values`);
  for (const [name, value] of entries)
    if (!NAME.test(name) || !isPlain(value)) throw new Error(`data.${name.slice(0, 40)} must be a short text, a number or a boolean`);
  return { userId, type, data: { ...data } };
}

function isFactType(type: unknown): type is FactType {
  return (FACT_TYPES as readonly unknown[]).includes(type);
}

function isPlain(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    (typeof value === 'string' && value.length <= MAX_VALUE_LENGTH && !value.includes('\0'))
  );
}

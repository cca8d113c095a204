/** Jobs in memory, done when a test says so: what is kept, and the handler that would do it. */
import type { JobData, JobHandler, JobRecord, JobSchedule, Jobs, StopReason } from '#core/jobs.ts';

export interface MemoryJobs extends Jobs {
  readonly schedulesSet: ReadonlyMap<string, JobSchedule>;
  /** Does the oldest job that waits; its record afterwards, or `null` when none waits. */
  doNext(stopped?: StopReason | null): Promise<JobRecord | null>;
}

type Kept = { -readonly [Field in keyof JobRecord]: JobRecord[Field] } & { dedupeId: string | undefined };

export function memoryJobs(now: () => number): MemoryJobs {
  const kept: Kept[] = [];
  const schedulesSet = new Map<string, JobSchedule>();
  let handler: JobHandler | null = null;
  const find = (id: string) => kept.find((job) => job.id === id);
  const plain = ({ dedupeId: _, ...record }: Kept): JobRecord => record;
  const end = (job: Kept, change: Partial<Kept>): void => {
    Object.assign(job, change, { finishedAt: now(), attemptsMade: job.attemptsMade + 1 });
  };
  return {
    schedulesSet,
    enqueue: async (queue, { kind, data, dedupeId }) => {
      const same = kept.find((job) => dedupeId !== undefined && job.dedupeId === dedupeId && ['waiting', 'active'].includes(job.state));
      if (same !== undefined) return { id: same.id, isNew: false };
      const id = `job-${kept.length + 1}`;
      const news = { state: 'waiting', progress: {}, attemptsMade: 0, result: null, failure: null, createdAt: now(), finishedAt: null } as const;
      kept.push({ id, queue, kind, data, dedupeId, ...news });
      return { id, isNew: true };
    },
    get: async (queue, id) => {
      const job = find(id);
      return job === undefined || job.queue !== queue ? null : plain(job);
    },
    list: async (queue, states, limit) =>
      kept
        .filter((job) => job.queue === queue && states.includes(job.state))
        .toReversed()
        .slice(0, limit)
        .map(plain),
    depth: async () => ({ waiting: kept.filter(({ state }) => state === 'waiting').length, active: 0 }),
    cancel: async (_queue, id) => {
      const index = kept.findIndex((job) => job.id === id && job.state === 'waiting');
      if (index < 0) return 'over';
      kept.splice(index, 1);
      return 'gone';
    },
    retry: async (_queue, id) => {
      const job = find(id);
      if (job?.state !== 'failed' && job?.state !== 'cancelled') return false;
      Object.assign(job, { state: 'waiting', attemptsMade: 0, failure: null, finishedAt: null });
      return true;
    },
    schedule: async (_queue, schedule) => void schedulesSet.set(schedule.name, schedule),
    unschedule: async (_queue, name) => schedulesSet.delete(name),
    schedules: async () => [...schedulesSet.keys()].sort(),
    work: (_queue, given) => {
      handler = given;
      return async () => {
        handler = null;
      };
    },
    close: async () => undefined,
    doNext: async (stopped = null) => {
      const job = kept.find(({ state }) => state === 'waiting');
      if (job === undefined || handler === null) return null;
      const inHand = {
        ...plain(job),
        stopReason: () => stopped,
        onStop: (callback: (reason: StopReason) => void) => void (stopped !== null && callback(stopped)),
        progress: async (progress: JobData) => void Object.assign(job, { progress }),
      };
      try {
        end(job, { result: await handler(inHand), state: 'completed' });
      } catch (error) {
        end(job, { failure: error instanceof Error ? error.message : String(error), state: 'failed' });
      }
      return plain(job);
    },
  };
}

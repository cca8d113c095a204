/** What a queue keeps of a job, and how that reads in our words. */
import type { Job, JobType } from 'bullmq';
import { PortError } from '#core/errors.ts';
import type { JobRecord, JobState, NewJob, QueueName, StopReason } from '#core/jobs.ts';

/** What stands in the job's own data field. */
export interface Stored {
  readonly data: NewJob['data'];
  /** Marked by whoever cancels it; its worker looks at this mark before it begins and now and then after. */
  readonly isCancelled: boolean;
}

export type StoredJob = Job<Stored, NewJob['data']>;

/** The reason under which a cancelled job ends. */
export const CANCELLED = 'cancelled' satisfies StopReason;
const DEFAULT_PRIORITY = 100;
const DEFAULT_BACKOFF_MS = 1_000;
/** Finished jobs are kept for looking at, so long and so many. */
const KEPT = { age: 7 * 24 * 3600, count: 1_000 };

const TYPES: Readonly<Record<JobState, readonly JobType[]>> = {
  waiting: ['waiting', 'prioritized'],
  delayed: ['delayed'],
  active: ['active'],
  completed: ['completed'],
  failed: ['failed'],
  cancelled: ['failed'],
};

/** Under which of the queue's types jobs of a state are found. */
export function typesOf(state: JobState): readonly JobType[] {
  return TYPES[state];
}

/** Settings of a job in the queue's words. */
export function settingsOf({ priority, attempts, backoffMs }: Pick<NewJob, 'priority' | 'attempts' | 'backoffMs'>): Readonly<{
  priority: number;
  attempts: number;
  backoff: { type: 'exponential'; delay: number };
  removeOnComplete: typeof KEPT;
  removeOnFail: typeof KEPT;
  stackTraceLimit: number;
}> {
  return {
    priority: priority ?? DEFAULT_PRIORITY,
    attempts: attempts ?? 1,
    backoff: { type: 'exponential', delay: backoffMs ?? DEFAULT_BACKOFF_MS },
    removeOnComplete: KEPT,
    removeOnFail: KEPT,
    stackTraceLimit: 0,
  };
}

/** A job as its queue tells it; `type` is where it was found. */
export function recordOf(queue: QueueName, job: StoredJob, type: string): JobRecord {
  const isCancelled = type === 'failed' && job.failedReason === CANCELLED;
  const isOver = type === 'failed' || type === 'completed';
  return {
    id: job.id ?? '',
    queue,
    kind: job.name,
    data: job.data.data,
    state: isCancelled ? 'cancelled' : stateOf(type),
    progress: typeof job.progress === 'object' ? { ...job.progress } : {},
    attemptsMade: job.attemptsMade,
    result: type === 'completed' ? job.returnvalue : null,
    failure: job.failedReason ? job.failedReason : null,
    createdAt: job.timestamp,
    finishedAt: isOver ? (job.finishedOn ?? null) : null,
  };
}

function stateOf(type: string): JobState {
  switch (type) {
    case 'waiting':
    case 'prioritized':
      return 'waiting';
    case 'delayed':
    case 'active':
    case 'completed':
    case 'failed':
      return type;
    default:
      throw new PortError('internal_error', `a job is in the state "${type}", which no job of ours has`, { outcome: 'failed' });
  }
}

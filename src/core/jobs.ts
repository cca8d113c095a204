/**
 * The port of jobs, types only: work that outlives the request that asked for it, done at least once by whichever worker
 * takes it. A job carries ids and plain settings, never secrets and never the truth: what it is about stands in the store.
 */

/** The queues there are. */
export type QueueName = 'bot_commands' | 'order_monitoring_queue' | 'notification_queue' | 'tasks';

/** Plain data that survives JSON. */
export type JobData = Readonly<Record<string, unknown>>;

/** What is asked for. */
export interface NewJob {
  /** What kind of work it is; the worker chooses by it. */
  readonly kind: string;
  readonly data: JobData;
  /** While a job with this id waits or runs, asking again gives that one. */
  readonly dedupeId?: string;
  /** From 1, the most urgent, to 1000; 100 if not given. */
  readonly priority?: number;
  /** Begins no sooner than this. */
  readonly delayMs?: number;
  /** How often it is tried in all; 1 if not given. */
  readonly attempts?: number;
  /** Wait before the second try, doubled with every further one; 1000 if not given. */
  readonly backoffMs?: number;
}

/** Where a job stands. A cancelled job that had not begun is gone; one that had is `cancelled`. */
export type JobState = 'waiting' | 'delayed' | 'active' | 'completed' | 'failed' | 'cancelled';

export interface JobRecord {
  readonly id: string;
  readonly queue: QueueName;
  readonly kind: string;
  readonly data: JobData;
  readonly state: JobState;
  /** As its worker last said; an empty object before that. */
  readonly progress: JobData;
  /** Tries that have begun and ended. */
  readonly attemptsMade: number;
  /** What the worker returned; `null` before the end. */
  readonly result: JobData | null;
  /** Why the last try failed; `null` when none has. */
  readonly failure: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** It has been cancelled, its worker is being closed, or another worker has it now. Whoever hears of it throws, and soon. */
export type StopReason = 'cancelled' | 'closing' | 'lost';

/** A job in the hands of a worker. */
export interface JobInHand {
  readonly id: string;
  readonly kind: string;
  readonly data: JobData;
  /** How many tries went before this one. A try that died with its process is not counted. */
  readonly attemptsMade: number;
  /** Why it must be let go of; `null` while it may go on. */
  stopReason(): StopReason | null;
  /** Calls back once when it must be let go of, at once if it must already. */
  onStop(callback: (reason: StopReason) => void): void;
  progress(value: JobData): Promise<void>;
}

/**
 * Does a job and returns its result. It may be called again for the same job after a crash, so doing it twice must do no
 * harm. What it throws is a failed try.
 */
export type JobHandler = (job: JobInHand) => Promise<JobData>;

export interface WorkerSettings {
  /** Jobs at once; 1 if not given. */
  readonly concurrency?: number;
}

/** A repeating job: every so many milliseconds, or by a cron pattern in UTC. */
export interface JobSchedule {
  /** The same name replaces the earlier schedule. */
  readonly name: string;
  readonly repeat: { readonly everyMs: number } | { readonly cron: string };
  readonly job: Pick<NewJob, 'kind' | 'data' | 'priority' | 'attempts' | 'backoffMs'>;
}

/** `gone`: it had not begun and never will. `asked`: its worker is told. `over`: there is nothing to cancel. */
export type JobCancel = 'gone' | 'asked' | 'over';

/**
 * Every method throws PortError `store_unavailable` when the queues cannot be reached. Jobs on Redis are gone when it loses
 * its memory: whoever needs one done must be able to see in the store that it is not, and ask again.
 */
export interface Jobs {
  /** Settles once the job is kept. `isNew` is false when one with its dedupe id was there. */
  enqueue(queue: QueueName, job: NewJob): Promise<{ readonly id: string; readonly isNew: boolean }>;
  get(queue: QueueName, id: string): Promise<JobRecord | null>;
  /** The newest first, at most `limit`. */
  list(queue: QueueName, states: readonly JobState[], limit: number): Promise<readonly JobRecord[]>;
  /** How many jobs wait (delayed ones too) and run. */
  depth(queue: QueueName): Promise<{ readonly waiting: number; readonly active: number }>;
  cancel(queue: QueueName, id: string): Promise<JobCancel>;
  /** Has one that failed or was cancelled done again from its first try, under the same id; `false` when there is no such job. */
  retry(queue: QueueName, id: string): Promise<boolean>;
  /** Kept up by every process that has asked for it until it ends, also when the queues lose their memory. */
  schedule(queue: QueueName, schedule: JobSchedule): Promise<void>;
  /** `false` when there was none of that name. */
  unschedule(queue: QueueName, name: string): Promise<boolean>;
  schedules(queue: QueueName): Promise<readonly string[]>;
  /** Begins to take jobs; the returned function stops, waits for those in hand, and tells those that wait too long to end. */
  work(queue: QueueName, handler: JobHandler, settings?: WorkerSettings): () => Promise<void>;
  close(): Promise<void>;
}

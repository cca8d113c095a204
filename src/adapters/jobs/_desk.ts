/**
 * One queue as whoever asks for work sees it. Opened at the first use; given up and opened anew after a failure to open,
 * and every call has a deadline, because the library would wait for its server for ever.
 */
import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import { PortError } from '#core/errors.ts';
import type { JobCancel, JobRecord, JobSchedule, JobState, NewJob, QueueName } from '#core/jobs.ts';
import type { Clock } from '#core/ports.ts';
import { recordOf, type Stored, type StoredJob, settingsOf, typesOf } from './_records.ts';

/** The part of a queue that we use, the same for every backend. */
export type AnyQueue = Pick<
  Queue<Stored, NewJob['data']>,
  | 'add'
  | 'close'
  | 'getJob'
  | 'getJobs'
  | 'getJobCounts'
  | 'getJobScheduler'
  | 'getJobSchedulers'
  | 'remove'
  | 'removeJobScheduler'
  | 'upsertJobScheduler'
  | 'waitUntilReady'
> & { on(event: 'error', listener: (error: Error) => void): unknown };

const PATIENCE_MS = 5_000;
/** Cancelled and failed jobs lie together; so many pages are looked through for the wanted ones. */
const MAX_PAGES = 10;
const MAX_SCHEDULES = 1_000;

export class Desk {
  readonly name: QueueName;
  readonly #open: () => AnyQueue;
  readonly #clock: Clock;
  #queue: Promise<AnyQueue> | null = null;
  #isClosed = false;

  constructor(name: QueueName, open: () => AnyQueue, clock: Clock) {
    this.name = name;
    this.#open = open;
    this.#clock = clock;
  }

  enqueue({ kind, data, dedupeId, delayMs, ...rest }: NewJob): Promise<{ readonly id: string; readonly isNew: boolean }> {
    return this.#ask(async (queue) => {
      const id = randomUUID();
      const deduplication = dedupeId === undefined ? {} : { deduplication: { id: dedupeId } };
      const job = await queue.add(kind, { data, isCancelled: false }, { ...settingsOf(rest), ...deduplication, jobId: id, delay: delayMs ?? 0 });
      return { id: job.id ?? id, isNew: job.id === id };
    });
  }

  get(id: string): Promise<JobRecord | null> {
    return this.#ask(async (queue) => {
      const job = await queue.getJob(id);
      const state = await job?.getState();
      return job === undefined || state === undefined || state === 'unknown' ? null : recordOf(this.name, job, state);
    });
  }

  list(states: readonly JobState[], limit: number): Promise<readonly JobRecord[]> {
    return this.#ask(async (queue) => {
      const types = new Set(states.flatMap(typesOf));
      const found: JobRecord[] = [];
      for (const type of types) {
        let wanted: readonly JobRecord[] = [];
        for (let page = 0; page < MAX_PAGES && wanted.length < limit; page += 1) {
          const jobs: readonly (StoredJob | undefined)[] = await queue.getJobs([type], page * limit, (page + 1) * limit - 1, false);
          // A job may be gone before the list of its number is read.
          const records = jobs.filter((job) => job !== undefined).map((job) => recordOf(this.name, job, type));
          wanted = [...wanted, ...records.filter(({ state }) => states.includes(state))];
          if (jobs.length < limit) break;
        }
        found.push(...wanted);
      }
      return found.sort((one, other) => other.createdAt - one.createdAt).slice(0, limit);
    });
  }

  depth(): Promise<{ readonly waiting: number; readonly active: number }> {
    return this.#ask(async (queue) => {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active');
      const count = (type: string): number => counts[type] ?? 0;
      return { waiting: count('waiting') + count('prioritized') + count('delayed'), active: count('active') };
    });
  }

  cancel(id: string): Promise<JobCancel> {
    return this.#ask(async (queue) => {
      const job: StoredJob | undefined = await queue.getJob(id);
      if (job === undefined || (await job.isCompleted()) || (await job.isFailed())) return 'over';
      // First the mark: whoever begins it from here on sees it, so what is not active then has not begun and never will.
      await job.updateData({ ...job.data, isCancelled: true });
      const state = await job.getState();
      if (state === 'active') return 'asked';
      if (state === 'completed' || state === 'failed' || state === 'unknown') return 'over';
      return (await queue.remove(id)) === 1 ? 'gone' : 'asked';
    });
  }

  retry(id: string): Promise<boolean> {
    return this.#ask(async (queue) => {
      const job: StoredJob | undefined = await queue.getJob(id);
      if (job === undefined || !(await job.isFailed())) return false;
      await job.updateData({ ...job.data, isCancelled: false });
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    });
  }

  isMarked(id: string): Promise<boolean> {
    return this.#ask(async (queue) => (await queue.getJob(id))?.data.isCancelled === true);
  }

  schedule({ name, repeat, job }: JobSchedule): Promise<void> {
    return this.#ask(async (queue) => {
      const when = 'everyMs' in repeat ? { every: repeat.everyMs } : { pattern: repeat.cron, tz: 'UTC' };
      await queue.upsertJobScheduler(name, when, { name: job.kind, data: { data: job.data, isCancelled: false }, opts: settingsOf(job) });
    });
  }

  hasSchedule(name: string): Promise<boolean> {
    return this.#ask(async (queue) => (await queue.getJobScheduler(name)) !== undefined);
  }

  unschedule(name: string): Promise<boolean> {
    return this.#ask((queue) => queue.removeJobScheduler(name));
  }

  schedules(): Promise<readonly string[]> {
    return this.#ask(async (queue) => (await queue.getJobSchedulers(0, MAX_SCHEDULES - 1)).map(({ key }) => key).sort());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const queue = await this.#queue?.catch(() => null);
    await queue?.close().catch(() => undefined);
  }

  async #ask<Answer>(work: (queue: AnyQueue) => Promise<Answer>): Promise<Answer> {
    if (this.#isClosed) throw new PortError('store_unavailable', 'the jobs are closed', { outcome: 'failed' });
    const late = Promise.withResolvers<never>();
    const callOff = this.#clock.after(PATIENCE_MS, () => late.reject(new Error(`no answer within ${PATIENCE_MS} ms`)));
    try {
      return await Promise.race([this.#ready().then(work), late.promise]);
    } catch (error) {
      if (error instanceof PortError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new PortError('store_unavailable', `the queue ${this.name} cannot be reached: ${message}`, { outcome: 'unknown', cause: new Error(message) });
    } finally {
      callOff();
    }
  }

  #ready(): Promise<AnyQueue> {
    if (this.#queue !== null) return this.#queue;
    const queue = this.#open();
    // Each call hears of its own failure; an error event that nobody hears would end the process.
    queue.on('error', () => undefined);
    const opening = queue.waitUntilReady().then(() => queue);
    this.#queue = opening;
    opening.catch(() => {
      if (this.#queue === opening) this.#queue = null;
      void queue.close().catch(() => undefined);
    });
    return opening;
  }
}

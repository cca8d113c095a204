/** The jobs of the queue `tasks` as whoever looks after the installation sees them: which kinds there are, how the last ones went, and what to do about them. */
import { AppError } from '#core/errors.ts';
import type { JobRecord, JobState, Jobs } from '#core/jobs.ts';
import { missing } from '../missing.ts';
import type { JobKind } from './job-kind.ts';

const STATES: readonly JobState[] = ['waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled'];
/** Among so many of the newest jobs the last one of a kind is looked for. */
export const MAX_JOBS = 200;

export interface KindStanding {
  readonly kind: JobKind;
  /** Whether it is done by itself; `null` for what is only done when asked for. */
  readonly isScheduled: boolean | null;
  /** The newest of this kind, whatever became of it; one that is still to come by its schedule does not count. */
  readonly last: JobRecord | null;
}

export class JobOffice {
  readonly #jobs: () => Promise<Jobs>;
  readonly #kinds: readonly JobKind[];

  constructor(jobs: () => Promise<Jobs>, kinds: readonly JobKind[]) {
    this.#jobs = jobs;
    this.#kinds = kinds;
  }

  /** Every kind there is. */
  async kinds(): Promise<readonly KindStanding[]> {
    const jobs = await this.#jobs();
    const scheduled = new Set(await jobs.schedules('tasks'));
    const found = await jobs.list(
      'tasks',
      STATES.filter((state) => state !== 'delayed'),
      MAX_JOBS,
    );
    return this.#kinds.map((kind) => ({
      kind,
      isScheduled: kind.repeat === undefined ? null : scheduled.has(kind.kind),
      last: found.find((job) => job.kind === kind.kind) ?? null,
    }));
  }

  /** The newest first. */
  async list(filter: { readonly state?: JobState | undefined; readonly kind?: string | undefined; readonly limit: number }): Promise<readonly JobRecord[]> {
    const states = filter.state === undefined ? STATES : [filter.state];
    const found = await (await this.#jobs()).list('tasks', states, filter.kind === undefined ? filter.limit : MAX_JOBS);
    return found.filter(({ kind }) => filter.kind === undefined || kind === filter.kind).slice(0, filter.limit);
  }

  /** Throws AppError `not_found`. */
  async get(id: string): Promise<JobRecord> {
    return (await (await this.#jobs()).get('tasks', id)) ?? missing();
  }

  /** Has a scheduled kind done now, once, besides its schedule. Throws AppError `validation_failed` for any other kind. */
  async begin(name: string): Promise<JobRecord> {
    const kind = this.#kinds.find((each) => each.kind === name && each.repeat !== undefined);
    if (kind === undefined) {
      const known = this.#kinds.filter(({ repeat }) => repeat !== undefined).map((each) => each.kind);
      throw new AppError('validation_failed', `kind must be one of ${known.join(', ')}`, [{ field: 'kind', message: `must be one of ${known.join(', ')}` }]);
    }
    const { attempts, backoffMs, priority } = kind;
    const terms = {
      ...(attempts === undefined ? {} : { attempts }),
      ...(backoffMs === undefined ? {} : { backoffMs }),
      ...(priority === undefined ? {} : { priority }),
    };
    const { id } = await (await this.#jobs()).enqueue('tasks', { kind: name, data: {}, dedupeId: `by-hand-${name}`, ...terms });
    return this.get(id);
  }

  /** Throws AppError `not_found`, or `job_state_conflict` when it has neither failed nor been cancelled. */
  async retry(id: string): Promise<JobRecord> {
    const job = await this.get(id);
    if (!(await (await this.#jobs()).retry('tasks', id)))
      throw new AppError('job_state_conflict', `The job is ${job.state}; only one that failed or was cancelled is done again.`);
    return this.get(id);
  }

  /** The job as it stands after that; one that had not begun is gone. Throws AppError `not_found`, or `job_state_conflict` when it is over. */
  async cancel(id: string): Promise<JobRecord> {
    const job = await this.get(id);
    const jobs = await this.#jobs();
    if ((await jobs.cancel('tasks', id)) === 'over') throw new AppError('job_state_conflict', `The job is ${job.state}; there is nothing to cancel.`);
    return (await jobs.get('tasks', id)) ?? { ...job, state: 'cancelled' };
  }
}

/** Tells how far a job is while its work goes on: one report after another, so that the last one told is the last one kept. */
import type { JobData, JobInHand } from '#core/jobs.ts';
import type { Log } from '#core/ports.ts';

export class ProgressLine {
  readonly #job: Pick<JobInHand, 'progress'>;
  readonly #log: Log;
  #telling: Promise<void> = Promise.resolve();

  constructor(job: Pick<JobInHand, 'progress'>, log: Log) {
    this.#job = job;
    this.#log = log;
  }

  /** Returns at once; a report that cannot be kept is only logged, since the next one makes up for it. */
  tell(progress: JobData): void {
    this.#telling = this.#telling
      .then(() => this.#job.progress(progress))
      .catch((error: unknown) => this.#log.debug({ err: error }, 'progress could not be told'));
  }

  /** Resolves once everything has been told; to be awaited before the job ends. */
  settled(): Promise<void> {
    return this.#telling;
  }
}

/** Does the jobs of the queue `tasks` in this process: chooses the kind, keeps up the schedules, tells how each ended. */
import { AppError, PortError } from '#core/errors.ts';
import type { JobHandler, JobInHand, Jobs } from '#core/jobs.ts';
import type { JobKind, JobParts } from './job-kind.ts';

/** Jobs of one process at once: a long one of a user must not keep the nightly ones waiting. */
export const JOBS_AT_ONCE = 2;
/** Of a failure's message this much is told. */
const REASON_LENGTH = 300;

/**
 * Begins to take jobs and sets the schedules; the returned function stops, waiting for the jobs in hand. A queue that is
 * away keeps nobody from starting: its schedules are set when it is back.
 */
export async function workOn(jobs: Jobs, kinds: readonly JobKind[], parts: JobParts): Promise<() => Promise<void>> {
  const stop = jobs.work('tasks', handlerOf(kinds, parts), { concurrency: JOBS_AT_ONCE });
  try {
    for (const kind of kinds) await keepSchedule(jobs, kind, parts);
  } catch (error) {
    parts.log.warn({ err: error }, 'the schedules of jobs could not be set; they are set when the queues answer');
  }
  return stop;
}

async function keepSchedule(jobs: Jobs, { kind, repeat, run: _run, title: _title, ...terms }: JobKind, parts: JobParts): Promise<void> {
  if (repeat === undefined) return;
  const when = repeat(parts);
  if (when === null) await jobs.unschedule('tasks', kind);
  else await jobs.schedule('tasks', { name: kind, repeat: when, job: { kind, data: {}, ...terms } });
}

function handlerOf(kinds: readonly JobKind[], parts: JobParts): JobHandler {
  const known = new Map(kinds.map((kind) => [kind.kind, kind]));
  return async (job) => {
    const log = parts.log.child({ jobId: job.id, kind: job.kind });
    const kind = known.get(job.kind);
    if (kind === undefined) throw new Error(`this version does not know how to do "${job.kind}"`);
    const startedAt = parts.clock.now();
    try {
      const result = await kind.run(job, { ...parts, log });
      log.info({ ...result, tookMs: parts.clock.now() - startedAt }, 'a job is done');
      return result;
    } catch (error) {
      const reason = job.stopReason();
      if (reason === null) {
        log.error({ err: error, attempt: job.attemptsMade + 1 }, 'a job has failed');
        if (job.attemptsMade + 1 >= (kind.attempts ?? 1)) await tellOwner(job, kind, error, parts);
      } else log.info({ reason }, 'a job was let go of');
      throw error;
    }
  };
}

/** What is a user's own (a backtest, a search) tells that user when it is noted as failed; whoever looks after the server is told of every fault. */
async function tellOwner(job: JobInHand, { title }: JobKind, error: unknown, { store, clock, log }: JobParts): Promise<void> {
  try {
    const owner = await store.users.owner();
    if (owner === null) return;
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH);
    const code = error instanceof AppError || error instanceof PortError ? error.code : null;
    const data = { title_en: title.en, title_ru: title.ru, code, reason, job_id: job.id };
    // Done again by hand it may fail again, which is told again.
    await store.facts.add({ dedupeKey: `job:${job.id}:${clock.now()}`, userId: owner.id, botId: null, type: 'job_failed', data, at: clock.now() });
  } catch (failure) {
    log.warn({ err: failure, jobId: job.id }, 'nobody could be told that a job has failed');
  }
}

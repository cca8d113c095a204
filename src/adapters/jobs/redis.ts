/** Jobs on a Redis server. It must keep what it is given (`noeviction`); what it loses is asked for again from the store. */
import { Queue, Worker } from 'bullmq';
import type { JobData, Jobs } from '#core/jobs.ts';
import { type JobsWorld, jobsOn } from './_jobs.ts';
import type { Stored } from './_records.ts';

const LONGEST_RETRY_MS = 2_000;

/** Keys begin with `name`, the installation's. */
export function redisJobs(options: JobsWorld & { readonly url: string; readonly name: string }): Jobs {
  const retryStrategy = (attempt: number): number => Math.min(100 * attempt, LONGEST_RETRY_MS);
  const prefix = `${options.name}:jobs`;
  const asking = { url: options.url, connectionName: 'argosy-jobs', enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy };
  const working = { url: options.url, connectionName: 'argosy-worker', maxRetriesPerRequest: null, retryStrategy };
  return jobsOn(
    {
      queue: (name) => new Queue<Stored, JobData>(name, { connection: asking, prefix }),
      worker: (name, process, terms) => new Worker<Stored, JobData>(name, (job, token) => process(job, token), { ...terms, connection: working, prefix }),
    },
    options,
  );
}

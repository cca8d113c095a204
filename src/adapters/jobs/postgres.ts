/** Jobs in the PostgreSQL database that everybody shares anyway, in a schema of their own that the library keeps up to date. */
import { createPostgresBackend, withBackend } from 'bullmq';
import type { JobData, Jobs } from '#core/jobs.ts';
import { type JobsWorld, jobsOn } from './_jobs.ts';
import type { Stored } from './_records.ts';

const SCHEMA = 'jobs';
/** Each queue and each worker has a pool of its own. */
const MAX_CONNECTIONS = 2;
const CONNECT_PATIENCE_MS = 5_000;

export function postgresJobs(options: JobsWorld & { readonly url: string }): Jobs {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = {
    connectionString: options.url,
    schema: SCHEMA,
    migrate: true,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    keepAlive: true,
    application_name: 'argosy jobs',
  };
  return jobsOn(
    {
      queue: (name) => new Queue<Stored, JobData>(name, { connection }),
      worker: (name, process, terms) => new Worker<Stored, JobData>(name, (job, token) => process(job, token), { ...terms, connection }),
    },
    options,
  );
}

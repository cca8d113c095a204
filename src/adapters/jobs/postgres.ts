/** Jobs in the PostgreSQL database that everybody shares anyway, in a schema of their own that the library keeps up to date. */
import { createPostgresBackend, withBackend } from 'bullmq';
import pg from 'pg';
import type { JobData, Jobs } from '#core/jobs.ts';
import { type JobsWorld, jobsOn } from './_jobs.ts';
import type { Stored } from './_records.ts';

const SCHEMA = 'jobs';
/** Each queue and each worker has a pool of its own. */
const MAX_CONNECTIONS = 2;
const CONNECT_PATIENCE_MS = 5_000;

/**
 * The library hears of connections that break while they lie idle, not while it holds one for a transaction: that would end the process.
 * Whoever asks over a broken one is told by the answer.
 */
class HeldClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

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
    Client: HeldClient,
  };
  return jobsOn(
    {
      queue: (name) => new Queue<Stored, JobData>(name, { connection }),
      worker: (name, process, terms) => new Worker<Stored, JobData>(name, (job, token) => process(job, token), { ...terms, connection }),
    },
    options,
  );
}

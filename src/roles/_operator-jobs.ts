/** The jobs as commands reach them: on the queues of this installation, for as long as a command takes. */
import { memoryBus } from '#adapters/bus/memory.ts';
import { openStore } from '#adapters/store/store.ts';
import { JobOffice } from '#app/jobs/job-office.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import type { Config } from '#config';
import type { Clock, Log } from '#core/ports.ts';
import { openJobs } from './_jobs.ts';

/** `databaseUrl` is of a database that is there. */
export async function useJobs<Result>(
  config: Config,
  databaseUrl: string,
  world: { readonly clock: Clock; readonly log: Log },
  work: (office: JobOffice) => Promise<Result>,
): Promise<Result> {
  const store = await openStore({ url: databaseUrl, log: world.log, maxConnections: 1 });
  const installation = await store.installation().finally(() => store.close());
  // Nobody hears a word of ours: a worker looks every few seconds whether a job was cancelled.
  const jobs = await openJobs({ config, databaseUrl, installation, ...world }, memoryBus(world.log));
  return work(new JobOffice(async () => jobs, JOB_KINDS)).finally(() => jobs.close());
}

/** The queues of this installation: on Redis where there is one, else in its PostgreSQL, the embedded one too. */
import type { Config } from '#config';
import type { Jobs } from '#core/jobs.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Closing } from './_closing.ts';

/** Opened at the first call, because the library takes its time to load and not every role needs it. */
export type LazyJobs = () => Promise<Jobs>;

/** What links between processes are made of. */
export interface LinkParts {
  readonly config: Config;
  /** Of the store, the embedded one too. */
  readonly databaseUrl: string;
  /** Number of this installation, which tells it apart from others on the same Redis. */
  readonly installation: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function lazyJobs(parts: LinkParts, bus: Bus, closing: Closing): LazyJobs {
  let opening: Promise<Jobs> | null = null;
  closing.add('jobs', async () => (await opening)?.close());
  return () => {
    opening ??= openJobs(parts, bus);
    return opening;
  };
}

/** What this installation's keys on a Redis that others use too begin with. */
export function nameOf(installation: number): string {
  return `argosy:${installation}`;
}

/** Connects at the first call of a method. */
export async function openJobs({ config, databaseUrl, installation, clock, log }: LinkParts, bus: Bus): Promise<Jobs> {
  const { url } = config.redis;
  if (url === null) return (await import('#adapters/jobs/postgres.ts')).postgresJobs({ url: databaseUrl, bus, clock, log });
  return (await import('#adapters/jobs/redis.ts')).redisJobs({ url: url.reveal(), name: nameOf(installation), bus, clock, log });
}

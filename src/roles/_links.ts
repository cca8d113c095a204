/**
 * What joins the processes of one installation: the bus, the jobs, and the venues' request budgets. Redis carries them
 * where there is one, PostgreSQL does without; a single process on its embedded database needs nobody to carry its words.
 */
import { memoryBus } from '#adapters/bus/memory.ts';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import type { OpenBus, SharedBudgets } from '#core/ports.ts';
import type { RequestCounter } from '#core/request-counter.ts';
import type { Closing } from './_closing.ts';
import { type LazyJobs, type LinkParts, lazyJobs, nameOf } from './_jobs.ts';

export interface Links {
  readonly bus: OpenBus;
  /** Opened at the first call, because the library takes its time to load and not every role needs it. */
  readonly jobs: LazyJobs;
  readonly requestCounter: RequestCounter;
  /** `null` where this process is the only one. */
  readonly budgets: SharedBudgets | null;
}

/** Connects in the background: no process waits for it, and none fails without it. */
export async function openLinks(parts: LinkParts, closing: Closing): Promise<Links> {
  const bus = await openBus(parts);
  closing.add('bus', () => bus.close());
  const jobs = lazyJobs(parts, bus, closing);
  const requestCounter = await openRequestCounter(parts);
  closing.add('request counter', () => requestCounter.close());
  if (bus.kind === 'memory') return { bus, jobs, requestCounter, budgets: null };
  const budgets = await openBudgets(parts, bus);
  closing.add('budgets', () => budgets.close());
  return { bus, jobs, requestCounter, budgets };
}

async function openBus({ config, installation, clock, log }: LinkParts): Promise<OpenBus> {
  const { redis, database } = config;
  if (redis.url !== null) return (await import('#adapters/bus/redis.ts')).redisBus({ url: redis.url.reveal(), name: nameOf(installation), clock, log });
  if (database.url !== null) return (await import('#adapters/bus/postgres.ts')).postgresBus({ url: database.url.reveal(), clock, log });
  return memoryBus(log);
}

async function openRequestCounter({ config, installation, clock }: LinkParts): Promise<RequestCounter> {
  const { url } = config.redis;
  if (url === null) return memoryCounter(clock);
  return (await import('#adapters/request-counts/redis.ts')).redisRequestCounter({ url: url.reveal(), name: nameOf(installation), clock });
}

async function openBudgets({ config, installation, clock }: LinkParts, bus: OpenBus): Promise<SharedBudgets> {
  const [{ sharedBudgets }, { redisCounter }] = await Promise.all([import('#adapters/budgets/shared.ts'), import('#adapters/budgets/redis-counter.ts')]);
  const counter = config.redis.url === null ? null : redisCounter({ url: config.redis.url.reveal(), name: nameOf(installation) });
  return sharedBudgets({ bus, clock, egress: config.venues.egress, counter });
}

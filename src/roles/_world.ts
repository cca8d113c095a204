/** What every part of a process is given: time, chance, the log, and traces where a collector is configured. */
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import type { Config } from '#config';
import type { ActorScope } from '#core/audit.ts';
import type { Clock, Ids, Log } from '#core/ports.ts';
import { NO_TRACING, type Tracing } from '#core/tracing.ts';
import type { Closing } from './_closing.ts';

export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly tracing: Tracing;
  readonly actors: ActorScope;
}

/** Without a collector not a line of tracing is loaded. */
export async function openWorld(config: Config, log: Log, version: string, closing: Closing): Promise<World> {
  const { endpoint } = config.traces;
  const world = { clock: systemClock, ids: randomIds, log, actors: asyncActorScope() };
  if (endpoint === null) return { ...world, tracing: NO_TRACING };
  const { otlpTracing } = await import('#adapters/tracing.ts');
  const open = otlpTracing({ endpoint, version, instance: randomIds.next() });
  closing.add('traces', () => open.close());
  return { ...world, tracing: open.tracing };
}

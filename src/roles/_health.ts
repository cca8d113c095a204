/** What is looked at when somebody asks how a process is; the first is what nothing can be served without. */
import { freeBytes } from '#adapters/_disk.ts';
import type { InstallationLook } from '#app/operations/gauges.ts';
import { busCheck, clockCheck, databaseCheck, deliveriesCheck, diskCheck, Health, outboxCheck, tradingCheck, venuesCheck } from '#app/operations/health.ts';
import type { Config } from '#config';
import type { Clock, OpenBus } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';

export interface HealthParts {
  readonly store: Store;
  readonly bus: OpenBus;
  readonly clock: Clock;
  readonly venues: ReadonlyMap<string, Venue>;
}

export function openHealth(config: Config, { store, bus, clock, venues }: HealthParts, look: InstallationLook): Health {
  const checks = [
    databaseCheck(store),
    busCheck(bus),
    diskCheck(() => freeBytes(config.data.directory)),
    clockCheck(look),
    outboxCheck(look),
    deliveriesCheck(look),
    tradingCheck(look),
    venuesCheck(venues, clock),
  ];
  return new Health(checks, clock);
}

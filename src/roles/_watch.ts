/** What watches over a process: its figures, the checks of its health, and the way to both where it serves no API. */
import { freeBytes } from '#adapters/_disk.ts';
import type { LogLevelSwitch } from '#adapters/log.ts';
import { type OpenMetrics, promMetrics } from '#adapters/metrics.ts';
import { InstallationLook, watchInstallation, watchVenues } from '#app/gauges.ts';
import { clockCheck, databaseCheck, diskCheck, Health, outboxCheck, tradingCheck, venuesCheck } from '#app/health.ts';
import type { Config } from '#config';
import type { Clock, Venue } from '#core/ports.ts';
import type { Store } from '#core/store.ts';

export interface Watch {
  readonly open: OpenMetrics;
  readonly health: Health;
  readonly logLevel: LogLevelSwitch;
}

export function openWatch(
  config: Config,
  version: string,
  parts: { readonly store: Store; readonly clock: Clock; readonly venues: ReadonlyMap<string, Venue>; readonly logLevel: LogLevelSwitch },
): Watch {
  const { store, clock, venues } = parts;
  const open = promMetrics({ version, dataDirectory: config.data.directory, withRuntime: true });
  const look = new InstallationLook(store, clock);
  watchVenues(open.metrics, venues, clock);
  const health = new Health(
    [
      databaseCheck(store),
      diskCheck(() => freeBytes(config.data.directory)),
      clockCheck(look),
      outboxCheck(look),
      tradingCheck(look),
      venuesCheck(venues, clock),
    ],
    clock,
  );
  watchInstallation(open.metrics, look, health);
  return { open, health, logLevel: parts.logLevel };
}

/** As the HTTP edge takes it. */
export function watchOf({ config, watch: { open, health, logLevel } }: { readonly config: Config; readonly watch: Watch }) {
  return {
    health,
    logLevel,
    metrics: open.metrics,
    exposition: { contentType: open.contentType, read: () => open.exposition() },
    watchToken: config.monitor.token?.reveal() ?? null,
  };
}

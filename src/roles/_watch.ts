/** What watches over a process: its figures, the checks of its health, and the way to both where it serves no API. */
import type { LogLevelSwitch } from '#adapters/log.ts';
import { type OpenMetrics, promMetrics } from '#adapters/metrics.ts';
import { InstallationLook, watchInstallation, watchQueues, watchVenues } from '#app/operations/gauges.ts';
import type { Health } from '#app/operations/health.ts';
import type { Config } from '#config';
import { type HealthParts, openHealth } from './_health.ts';
import type { LazyJobs } from './_jobs.ts';

export interface Watch {
  readonly open: OpenMetrics;
  readonly health: Health;
  readonly logLevel: LogLevelSwitch;
}

export function openWatch(config: Config, version: string, parts: HealthParts & { readonly logLevel: LogLevelSwitch }): Watch {
  const { store, clock, venues } = parts;
  const open = promMetrics({ version, dataDirectory: config.data.directory, withRuntime: true });
  const look = new InstallationLook(store, clock);
  watchVenues(open.metrics, venues, clock);
  const health = openHealth(config, parts, look);
  watchInstallation(open.metrics, look, health);
  return { open, health, logLevel: parts.logLevel };
}

/** The queues show their depth once this process has opened them. */
export function watchedJobs(jobs: LazyJobs, { open }: Watch): LazyJobs {
  let opened: ReturnType<LazyJobs> | null = null;
  return () => {
    opened ??= jobs().then((queues) => {
      watchQueues(open.metrics, queues);
      return queues;
    });
    return opened;
  };
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

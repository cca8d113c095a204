/**
 * Looks at every dependency at once, each for a bounded time: what hangs is told as hanging and keeps nobody waiting. A
 * look that still hangs is not begun a second time, so that questions do not pile up behind it.
 */
import type { CheckResult, CheckStatus, HealthCheck, HealthReport } from '#core/health.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { InstallationLook } from './gauges.ts';

/** How long a dependency may take; an answer about readiness has to leave within two seconds. */
export const LOOK_PATIENCE_MS = 1_500;
export const MAX_CLOCK_SKEW_MS = 2_000;
/** The relay looks several times a second; facts older than this mean that it does not. */
export const MAX_OUTBOX_AGE_MS = 60_000;
/** A venue in use is probed every 8 s and given up after 20. */
export const MAX_VENUE_SILENCE_MS = 60_000;
export const LOW_DISK_BYTES = 1_000_000_000;
/** Below this the database can soon write no more. */
export const FULL_DISK_BYTES = 100_000_000;

export class Health {
  readonly #checks: HealthCheck[];
  readonly #clock: Clock;
  readonly #flying = new Map<HealthCheck, Promise<CheckResult>>();

  constructor(checks: readonly HealthCheck[], clock: Clock) {
    this.#checks = [...checks];
    this.#clock = clock;
  }

  /** For a part of the process that begins after the way in is open. */
  add(check: HealthCheck): void {
    this.#checks.push(check);
  }

  /** In {@link LOOK_PATIENCE_MS} at most; never fails. `vital` looks only at what nothing can be served without. */
  async read(scope: 'vital' | 'all'): Promise<HealthReport> {
    const checks = await Promise.all(this.#checks.filter(({ isVital }) => scope === 'all' || isVital).map((check) => this.#look(check)));
    const isServing = checks.every(({ isVital, status }) => !isVital || status !== 'unavailable');
    const isWell = checks.every(({ status }) => status === 'ok');
    return { status: isServing ? (isWell ? 'ok' : 'degraded') : 'unavailable', checks };
  }

  async #look(check: HealthCheck): Promise<HealthReport['checks'][number]> {
    const from = this.#clock.now();
    const flying = this.#flying.get(check) ?? this.#begin(check);
    const result = await this.#inTime(flying);
    return { name: check.name, isVital: check.isVital, tookMs: this.#clock.now() - from, ...result };
  }

  #begin(check: HealthCheck): Promise<CheckResult> {
    const flying = check
      .look()
      .catch((error: unknown): CheckResult => ({ status: 'unavailable', detail: error instanceof Error ? error.message : 'it failed' }))
      .finally(() => this.#flying.delete(check));
    this.#flying.set(check, flying);
    return flying;
  }

  #inTime(flying: Promise<CheckResult>): Promise<CheckResult> {
    return new Promise((resolve) => {
      const callOff = this.#clock.after(LOOK_PATIENCE_MS, () => resolve({ status: 'unavailable', detail: `no answer within ${LOOK_PATIENCE_MS} ms` }));
      void flying.then((result) => {
        callOff();
        resolve(result);
      });
    });
  }
}

/** The database answers. */
export function databaseCheck(store: Pick<Store, 'ping'>): HealthCheck {
  return {
    name: 'database',
    isVital: true,
    look: async () => {
      await store.ping();
      return WELL;
    },
  };
}

/** The clocks of this machine and of the database agree: leases are kept on one and requests timed on the other. */
export function clockCheck(look: InstallationLook): HealthCheck {
  return {
    name: 'clock',
    isVital: false,
    look: async () => {
      const skewMs = Math.round((await look.read()).skewMs);
      const isOff = Math.abs(skewMs) > MAX_CLOCK_SKEW_MS;
      return { status: isOff ? 'degraded' : 'ok', detail: isOff ? 'the clocks of this machine and of the database differ' : '', figures: { skew_ms: skewMs } };
    },
  };
}

/** Facts are told. */
export function outboxCheck(look: InstallationLook): HealthCheck {
  return {
    name: 'outbox',
    isVital: false,
    look: async () => {
      const { depth, oldestAgeMs, parked } = (await look.read()).outbox;
      const isLate = oldestAgeMs > MAX_OUTBOX_AGE_MS;
      const late = 'facts wait to be told: does a process with the role worker run?';
      const given = 'facts could not be told in many tries; the log names each';
      return {
        status: isLate || parked > 0 ? 'degraded' : 'ok',
        detail: isLate ? late : parked > 0 ? given : '',
        figures: { depth, oldest_age_ms: oldestAgeMs, parked },
      };
    },
  };
}

/** Notices go out: what is due is taken by a worker. What addresses of users refuse is no fault of the server. */
export function deliveriesCheck(look: InstallationLook): HealthCheck {
  return {
    name: 'deliveries',
    isVital: false,
    look: async () => {
      const { deliveries } = await look.read();
      const late = deliveries.filter(({ oldestDueMs }) => oldestDueMs > MAX_OUTBOX_AGE_MS).map(({ channel }) => channel);
      const entries = deliveries.flatMap(({ channel, waiting, dead }) => [
        [`${channel}_waiting`, waiting],
        [`${channel}_dead`, dead],
      ]);
      return {
        status: late.length > 0 ? 'degraded' : 'ok',
        detail: late.length > 0 ? `nobody sends what waits for ${late.join(', ')}: does a process with the role worker have these channels configured?` : '',
        figures: Object.fromEntries(entries),
      };
    },
  };
}

/** Words reach the other processes; without that wishes wait for the next sweep. */
export function busCheck(bus: { readonly kind: string; readonly isUp: () => boolean }): HealthCheck {
  return {
    name: 'bus',
    isVital: false,
    look: async () => {
      const isUp = bus.isUp();
      return {
        status: isUp ? 'ok' : 'degraded',
        detail: isUp ? '' : 'no connection to other processes: wishes take seconds longer',
        figures: { kind: bus.kind },
      };
    },
  };
}

/** Orders may be sent. */
export function tradingCheck(look: InstallationLook): HealthCheck {
  return {
    name: 'trading',
    isVital: false,
    look: async () => {
      const { observing } = await look.read();
      return observing === null
        ? { ...WELL, figures: { mode: 'trading' } }
        : { status: 'degraded', detail: `observes only: ${observing.reason}`, figures: { mode: 'observe_only', since_ms: observing.since } };
    },
  };
}

/** There is room for what the database has to write. `freeBytes` is `null` where the data is not on this machine. */
export function diskCheck(freeBytes: () => Promise<number>): HealthCheck {
  return {
    name: 'disk',
    isVital: false,
    look: async () => {
      const free = await freeBytes();
      const status: CheckStatus = free < FULL_DISK_BYTES ? 'unavailable' : free < LOW_DISK_BYTES ? 'degraded' : 'ok';
      return { status, detail: status === 'ok' ? '' : 'the disk of the data directory is nearly full', figures: { free_bytes: free } };
    },
  };
}

/** Streams to the venues in use deliver, and they have said something lately. */
export function venuesCheck(venues: ReadonlyMap<string, Venue>, clock: Clock): HealthCheck {
  return {
    name: 'venues',
    isVital: false,
    look: () => {
      const now = clock.now();
      const silent: string[] = [];
      const figures: Record<string, number | null> = {};
      for (const { id, pulse } of venues.values()) {
        const read = pulse?.();
        if (read === undefined || read.streamsUp + read.streamsDown === 0) continue;
        const silenceMs = read.lastContactAt === null ? null : now - read.lastContactAt;
        figures[`${id}_streams_up`] = read.streamsUp;
        figures[`${id}_streams_down`] = read.streamsDown;
        figures[`${id}_silent_ms`] = silenceMs;
        if (read.streamsDown > 0 || (silenceMs ?? 0) > MAX_VENUE_SILENCE_MS) silent.push(id);
      }
      const isWell = silent.length === 0;
      return Promise.resolve({ status: isWell ? 'ok' : 'degraded', detail: isWell ? '' : `no contact with ${silent.join(', ')}`, figures });
    },
  };
}

const WELL: CheckResult = { status: 'ok', detail: '' };

/**
 * Reads the gauges of a process when somebody asks: what its supervisor has in hand, how its venues stand, and one look
 * over the installation that all gauges of it share.
 */
import type { HealthReport } from '#core/health.ts';
import type { Jobs, QueueName } from '#core/jobs.ts';
import type { Metrics, Sample } from '#core/metrics.ts';
import type { Clock } from '#core/ports.ts';
import { isOwnStrategy } from '#core/sandbox/program-store.ts';
import type { DeliveryFigures } from '#core/store/notices.ts';
import type { Overview } from '#core/store/operations.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import { CUSTOM } from '../bots/bot-types.ts';
import type { Standing } from '../fleet/supervisor.ts';

/** Whoever asks again within this time gets the same look. */
export const LOOK_KEPT_MS = 1_000;

const one = (value: number): readonly Sample[] => [{ labels: {}, value }];

/** One look over the installation at a time, shared by all who ask; a slow database is asked once, not once a question. */
export class InstallationLook {
  readonly #store: Store;
  readonly #clock: Clock;
  #at = Number.NEGATIVE_INFINITY;
  #look: Promise<Overview & { readonly skewMs: number }> | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** `skewMs` is the database's clock less ours, to within half the time of asking. */
  read(): Promise<Overview & { readonly skewMs: number }> {
    if (this.#look !== null && this.#clock.now() - this.#at < LOOK_KEPT_MS) return this.#look;
    const look = this.#ask();
    this.#look = look;
    this.#at = Number.POSITIVE_INFINITY;
    look.then(
      () => {
        this.#at = this.#clock.now();
      },
      () => {
        this.#look = null;
      },
    );
    return look;
  }

  async #ask(): Promise<Overview & { readonly skewMs: number }> {
    const askedAt = this.#clock.now();
    const overview = await this.#store.operations.overview();
    return { ...overview, skewMs: overview.databaseNow - (askedAt + this.#clock.now()) / 2 };
  }
}

/** Gauges of the whole installation, the same in every process. */
export function watchInstallation(metrics: Metrics, look: InstallationLook, health: { readonly read: (scope: 'vital') => Promise<HealthReport> }): void {
  // By way of health, which bounds the look: a database that hangs is down, and not merely absent.
  metrics.watch('databaseUp', async () => one((await health.read('vital')).status === 'unavailable' ? 0 : 1));
  metrics.watch('bots', async () =>
    summed((await look.read()).bots.map(({ status, strategy, count }) => ({ labels: { status, strategy: kindOf(strategy) }, value: count }))),
  );
  metrics.watch('leasesHeld', async () => (await look.read()).leases.map(({ kind, count }) => ({ labels: { kind }, value: count })));
  metrics.watch('outboxDepth', async () => one((await look.read()).outbox.depth));
  metrics.watch('outboxAge', async () => one((await look.read()).outbox.oldestAgeMs));
  metrics.watch('outboxParked', async () => one((await look.read()).outbox.parked));
  const byChannel = async (value: (figures: DeliveryFigures) => number): Promise<readonly Sample[]> =>
    (await look.read()).deliveries.map((figures) => ({ labels: { channel: figures.channel }, value: value(figures) }));
  metrics.watch('deliveriesWaiting', () => byChannel(({ waiting }) => waiting));
  metrics.watch('deliveriesDead', () => byChannel(({ dead }) => dead));
  metrics.watch('deliveriesAge', () => byChannel(({ oldestDueMs }) => oldestDueMs));
  metrics.watch('runsQuarantined', async () => one((await look.read()).quarantinedRuns));
  metrics.watch('databaseClockSkew', async () => one((await look.read()).skewMs));
  metrics.watch('observing', async () => one((await look.read()).observing === null ? 0 : 1));
}

const QUEUES: readonly QueueName[] = ['bot_commands', 'order_monitoring_queue', 'notification_queue', 'tasks'];

/** Jobs that wait or are being done, by queue; the same in every process. */
export function watchQueues(metrics: Metrics, jobs: Pick<Jobs, 'depth'>): void {
  metrics.watch('queueDepth', async () =>
    (
      await Promise.all(
        QUEUES.map(async (queue) => {
          const { waiting, active } = await jobs.depth(queue);
          return [
            { labels: { queue, state: 'waiting' }, value: waiting },
            { labels: { queue, state: 'active' }, value: active },
          ];
        }),
      )
    ).flat(),
  );
}

/** Gauges of this process's contact with its venues. */
export function watchVenues(metrics: Metrics, venues: ReadonlyMap<string, Venue>, clock: Clock): void {
  const pulses = () => [...venues.values()].flatMap((venue) => (venue.pulse === undefined ? [] : [{ venue: venue.id, ...venue.pulse() }]));
  // Only of venues in use: of one nobody asks, nothing can be said.
  const touched = () => pulses().filter(({ lastContactAt, streamsDown }) => lastContactAt !== null || streamsDown > 0);
  metrics.watch('venueStreams', () =>
    touched().flatMap(({ venue, streamsUp, streamsDown }) => [
      { labels: { venue, state: 'up' }, value: streamsUp },
      { labels: { venue, state: 'down' }, value: streamsDown },
    ]),
  );
  metrics.watch('venueContactAge', () =>
    touched().flatMap(({ venue, lastContactAt }) => (lastContactAt === null ? [] : [{ labels: { venue }, value: Math.max(0, clock.now() - lastContactAt) }])),
  );
  const budgets = () => touched().flatMap(({ venue, budgets: all }) => all.map((budget) => ({ labels: { venue, window: windowOf(budget) }, ...budget })));
  metrics.watch('budgetLeft', () => budgets().map(({ labels, left, limit }) => ({ labels, value: limit === 0 ? 0 : left / limit })));
  metrics.watch('budgetLimit', () => budgets().map(({ labels, limit }) => ({ labels, value: limit })));
}

/** Gauges of what this process has in hand. */
export function watchStanding(metrics: Metrics, standing: Standing): void {
  metrics.watch('feeds', () => standing.feeds().map(({ venueId, count }) => ({ labels: { venue: venueId }, value: count })));
  metrics.watch('feedAgeMax', () => standing.feeds().map(({ venueId, maxMs }) => ({ labels: { venue: venueId }, value: maxMs })));
  metrics.watch('feedAgeP99', () => standing.feeds().map(({ venueId, p99Ms }) => ({ labels: { venue: venueId }, value: p99Ms })));
  metrics.watch('reconcileLag', () =>
    byVenue(
      standing.desks().map(({ venueId, lagMs }) => [venueId, lagMs]),
      Math.max,
    ),
  );
  metrics.watch('ordersInDoubt', () =>
    byVenue(
      standing.desks().map(({ venueId, inDoubt }) => [venueId, inDoubt]),
      (a, b) => a + b,
    ),
  );
  metrics.watch('runsHere', () =>
    summed(standing.runs().map(({ venueId, strategy }) => ({ labels: { venue: venueId, strategy: kindOf(strategy) }, value: 1 }))),
  );
}

/** What users call their own strategies is nobody's business, and figures have no room for every name. */
function kindOf(strategy: string): string {
  return isOwnStrategy(strategy) ? CUSTOM : strategy;
}

/** One sample for each combination of labels. */
function summed(samples: readonly Sample[]): readonly Sample[] {
  const sums = new Map<string, Sample>();
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels);
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}

function byVenue(values: readonly (readonly [venueId: string, value: number])[], join: (a: number, b: number) => number): readonly Sample[] {
  const joined = new Map<string, number>();
  for (const [venueId, value] of values) joined.set(venueId, join(joined.get(venueId) ?? 0, value));
  return [...joined].map(([venue, value]) => ({ labels: { venue }, value }));
}

function windowOf({ scope, windowMs }: { readonly scope: string; readonly windowMs: number }): string {
  return `${scope} ${windowMs / 1000}s`;
}

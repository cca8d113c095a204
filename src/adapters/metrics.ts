/**
 * The Metrics port on prom-client: every metric with its name, help, labels and buckets in one table, written out in the
 * text format of Prometheus. Labels hold what is few: venues, outcomes, routes; never users, bots or symbols.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GaugeName, GaugeReader, Metrics, Sample } from '#core/metrics.ts';
import { freeBytes } from './_disk.ts';

/** A reader that has not answered by then is left out of this exposition, so that a hung database hides nothing else. */
export const READ_PATIENCE_MS = 2_000;

const MS_PER_S = 1_000;

interface GaugeEntry {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** What a sample is divided by. */
  readonly divisor: number;
}

const gauge = (name: string, help: string, labels: readonly string[] = [], divisor = 1): GaugeEntry => ({ name, help, labels, divisor });

/** Gauges of a process say what this process has; those marked "installation" are the same in every process: take the maximum, not the sum. */
const GAUGES: Readonly<Record<GaugeName, GaugeEntry>> = {
  feedAgeMax: gauge('argosy_feed_age_max_seconds', 'Age of the oldest newest quote among the feeds of this process.', ['venue'], MS_PER_S),
  feedAgeP99: gauge('argosy_feed_age_p99_seconds', '99th percentile of the age of the newest quote of each feed of this process.', ['venue'], MS_PER_S),
  feeds: gauge('argosy_feeds', 'Market data feeds open in this process.', ['venue']),
  reconcileLag: gauge('argosy_reconcile_lag_seconds', 'Longest time since a holder of orders was last compared with its venue in full.', ['venue'], MS_PER_S),
  runsHere: gauge('argosy_runs', 'Runs open in this process.', ['venue', 'strategy']),
  ordersInDoubt: gauge('argosy_orders_in_doubt', 'Orders of this process that were sent and have no certain answer yet.', ['venue']),
  budgetLeft: gauge('argosy_venue_budget_left_ratio', 'Share of the request budget of the present window that is left.', ['venue', 'window']),
  budgetLimit: gauge('argosy_venue_budget_limit', 'Request weight that the venue grants in one window.', ['venue', 'window']),
  venueStreams: gauge('argosy_venue_streams', 'Streams of this process to the venue by state.', ['venue', 'state']),
  venueContactAge: gauge('argosy_venue_contact_age_seconds', 'Time since the venue last answered or pushed anything.', ['venue'], MS_PER_S),
  bots: gauge('argosy_bots', 'Bots of the installation by status and strategy.', ['status', 'strategy']),
  runsQuarantined: gauge('argosy_runs_quarantined', 'Open runs of the installation that are left alone after failing; their orders may rest at venues.'),
  leasesHeld: gauge('argosy_leases_held', 'Leases of the installation that are held at present.', ['kind']),
  outboxDepth: gauge('argosy_outbox_depth', 'Facts of the installation that have not been told yet.'),
  outboxAge: gauge('argosy_outbox_oldest_age_seconds', 'Age of the oldest fact of the installation that has not been told yet.', [], MS_PER_S),
  outboxParked: gauge('argosy_outbox_parked', 'Facts of the installation that could not be told in many tries and wait for a person.'),
  deliveriesWaiting: gauge('argosy_deliveries_waiting', 'Notices of the installation on their way, by channel.', ['channel']),
  deliveriesDead: gauge('argosy_deliveries_dead', 'Notices of the installation that could not be told and wait for a person, by channel.', ['channel']),
  deliveriesAge: gauge(
    'argosy_deliveries_oldest_age_seconds',
    'How long the notice that is due longest has waited for a worker, by channel.',
    ['channel'],
    MS_PER_S,
  ),
  queueDepth: gauge('argosy_queue_depth', 'Jobs waiting in a queue, by state.', ['queue', 'state']),
  databaseUp: gauge('argosy_database_up', '1 when the database answered this exposition in time, otherwise 0.'),
  databaseClockSkew: gauge('argosy_database_clock_skew_seconds', 'Clock of the database less that of this process.', [], MS_PER_S),
  observing: gauge('argosy_observe_only', '1 while the installation sends no orders because it is told to observe only.'),
  sockets: gauge('argosy_sockets', 'Sockets open at this process.'),
  socketPushes: gauge(
    'argosy_socket_pushes',
    'Changes for sockets of this process since its start: sent, superseded by a newer one before they could be sent, and sockets ended because they stayed slow.',
    ['outcome'],
  ),
  diskFree: gauge('argosy_data_disk_free_bytes', 'Free space on the disk of the data directory.'),
};

/** Seconds. An intent is a commit on a disk; a wire is an intent and a signed request. */
const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const ROUND_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const DELIVERY_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600];
const REQUEST_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export interface OpenMetrics {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** Everything as text. Never fails: what cannot be read is left out and counted. */
  exposition(): Promise<string>;
  /** Names of all metrics there can be, whether anything has been told of them or not. */
  names(): readonly string[];
}

export interface MetricsOptions {
  readonly version: string;
  readonly dataDirectory: string;
  /** Also the metrics of the runtime: memory, processor time, event loop, garbage collection. */
  readonly withRuntime: boolean;
}

/** Opens the registry of this process. */
export function promMetrics(options: MetricsOptions): OpenMetrics {
  const registry = new Registry();
  if (options.withRuntime) collectDefaultMetrics({ register: registry });
  const gauges = new Map((Object.entries(GAUGES) as [GaugeName, GaugeEntry][]).map(([name, entry]) => [name, gaugeOf(registry, entry)]));
  const readers = new Map<GaugeName, Set<GaugeReader>>();
  const meters = metersOf(registry);
  new Gauge({ name: 'argosy_build_info', help: 'Always 1; the version is a label.', labelNames: ['version'], registers: [registry] }).set(
    { version: options.version },
    1,
  );
  const metrics: Metrics = {
    ...meters.metrics,
    watch: (name, read) => {
      const known = readers.get(name) ?? new Set();
      readers.set(name, known.add(read));
      return () => known.delete(read);
    },
  };
  metrics.watch('diskFree', async () => [{ labels: {}, value: await freeBytes(options.dataDirectory) }]);
  const refresh = async (name: GaugeName): Promise<void> => {
    const found = await Promise.all([...(readers.get(name) ?? [])].map((read) => inTime(read)));
    const failed = found.filter((samples) => samples === null).length;
    if (failed > 0) meters.failedReads.inc({ gauge: GAUGES[name].name }, failed);
    set(
      gauges.get(name),
      GAUGES[name],
      found.flatMap((samples) => samples ?? []),
    );
  };
  return {
    metrics,
    contentType: registry.contentType,
    exposition: async () => {
      await Promise.all([...gauges.keys()].map(refresh));
      return registry.metrics();
    },
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
  };
}

type Meters = { readonly metrics: Omit<Metrics, 'watch'>; readonly failedReads: Counter<'gauge'> };

function metersOf(registry: Registry): Meters {
  const registers = [registry];
  const orders = new Counter({ name: 'argosy_orders_total', help: 'Orders by how they went on or ended.', labelNames: ['venue', 'outcome'], registers });
  const intents = new Histogram({
    name: 'argosy_intent_duration_seconds',
    help: 'Duration of the transaction that makes an order durable before it is sent.',
    buckets: COMMIT_BUCKETS,
    registers,
  });
  const wires = new Histogram({
    name: 'argosy_decision_to_wire_seconds',
    help: 'From taking the event that is decided on to the request of its order leaving this process.',
    labelNames: ['venue'],
    buckets: COMMIT_BUCKETS,
    registers,
  });
  const rounds = new Histogram({
    name: 'argosy_reconcile_duration_seconds',
    help: 'Duration of a round of reconciliation by outcome.',
    labelNames: ['venue', 'outcome'],
    buckets: ROUND_BUCKETS,
    registers,
  });
  const failures = new Counter({ name: 'argosy_run_failures_total', help: 'Runs ended by a failure, by its cause.', labelNames: ['cause'], registers });
  const requests = new Counter({
    name: 'argosy_http_requests_total',
    help: 'HTTP requests answered, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'argosy_http_request_duration_seconds',
    help: 'Duration of HTTP requests by route.',
    labelNames: ['route'],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const failedReads = new Counter({
    name: 'argosy_metrics_failed_reads_total',
    help: 'Gauges that could not be read in time when somebody asked.',
    labelNames: ['gauge'],
    registers,
  });
  // A metric that begins to exist with its first event hides that event from rates.
  for (const cause of ['own', 'outside']) failures.inc({ cause }, 0);
  return {
    failedReads,
    metrics: {
      now: () => performance.now(),
      countOrder: (venue, outcome) => orders.inc({ venue, outcome }),
      observeIntent: (durationMs) => intents.observe(durationMs / MS_PER_S),
      observeWire: (venue, durationMs) => wires.observe({ venue }, durationMs / MS_PER_S),
      observeReconcile: (venue, durationMs, isComplete) => rounds.observe({ venue, outcome: isComplete ? 'complete' : 'failed' }, durationMs / MS_PER_S),
      countRunFailure: (cause) => failures.inc({ cause }),
      ...deliveryMeters(registers),
      ...telegramMeters(registers),
      countRequest: ({ method, route, status, durationMs }) => {
        requests.inc({ method, route, status });
        durations.observe({ route }, durationMs / MS_PER_S);
      },
    },
  };
}

type DeliveryMeters = Pick<Metrics, 'countDelivery' | 'observeDelivery'>;

function deliveryMeters(registers: Registry[]): DeliveryMeters {
  const deliveries = new Counter({
    name: 'argosy_deliveries_total',
    help: 'Notices by channel and what came of sending them.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  const deliveryTimes = new Histogram({
    name: 'argosy_delivery_seconds',
    help: 'From an event to its notice having gone out, by channel.',
    labelNames: ['channel'],
    buckets: DELIVERY_BUCKETS,
    registers,
  });
  return {
    countDelivery: (channel, outcome, notices) => deliveries.inc({ channel, outcome }, notices),
    observeDelivery: (channel, durationMs) => deliveryTimes.observe({ channel }, durationMs / MS_PER_S),
  };
}

type TelegramMeters = Pick<Metrics, 'countTelegramCall' | 'countTelegramUpdates'>;

function telegramMeters(registers: Registry[]): TelegramMeters {
  const calls = new Counter({
    name: 'argosy_telegram_calls_total',
    help: 'Calls of the Telegram Bot API by method and what came of them: ok, or why not.',
    labelNames: ['method', 'outcome'],
    registers,
  });
  const waits = new Counter({
    name: 'argosy_telegram_wait_seconds_total',
    help: 'Seconds that Telegram has asked to wait because of too many calls.',
    registers,
  });
  const updates = new Counter({
    name: 'argosy_telegram_updates_total',
    help: 'Updates of Telegram that were received, settled, or failed and are tried again.',
    labelNames: ['outcome'],
    registers,
  });
  return {
    countTelegramCall: (method, outcome, waitMs) => {
      calls.inc({ method, outcome });
      if (waitMs > 0) waits.inc(waitMs / MS_PER_S);
    },
    countTelegramUpdates: (outcome, count) => updates.inc({ outcome }, count),
  };
}

function gaugeOf(registry: Registry, { name, help, labels }: GaugeEntry): Gauge {
  return new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
}

/** A gauge without samples shows none, rather than those of last time or a 0 that nobody has read. */
function set(target: Gauge | undefined, { divisor, labels }: GaugeEntry, samples: readonly Sample[]): void {
  target?.reset();
  if (labels.length === 0 && samples.length === 0) target?.remove();
  for (const sample of samples) target?.set(sample.labels, sample.value / divisor);
}

/** `null` when the reader fails or takes too long. */
async function inTime(read: GaugeReader): Promise<readonly Sample[] | null> {
  let callOff: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    callOff = setTimeout(() => resolve(null), READ_PATIENCE_MS);
  });
  try {
    return await Promise.race([Promise.resolve(read()), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(callOff);
  }
}

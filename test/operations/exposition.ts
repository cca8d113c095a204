/**
 * An exposition in which every metric has been told of at least once, as a process gives it: for tests of its form and of
 * whatever speaks of its metrics.
 */
import { tmpdir } from 'node:os';
import { promMetrics } from '#adapters/metrics.ts';
import { type GaugeName, ORDER_OUTCOMES } from '#core/metrics.ts';

const LABELS: Readonly<Record<Exclude<GaugeName, 'diskFree'>, Readonly<Record<string, string>>>> = {
  feedAgeMax: { venue: 'binance' },
  feedAgeP99: { venue: 'binance' },
  feeds: { venue: 'binance' },
  reconcileLag: { venue: 'binance' },
  runsHere: { venue: 'binance', strategy: 'grid' },
  ordersInDoubt: { venue: 'binance' },
  budgetLeft: { venue: 'binance', window: 'address 60s' },
  budgetLimit: { venue: 'binance', window: 'address 60s' },
  venueStreams: { venue: 'binance', state: 'up' },
  venueContactAge: { venue: 'binance' },
  bots: { status: 'running', strategy: 'grid' },
  runsQuarantined: {},
  leasesHeld: { kind: 'bot' },
  outboxDepth: {},
  outboxAge: {},
  outboxParked: {},
  deliveriesWaiting: { channel: 'telegram' },
  deliveriesDead: { channel: 'telegram' },
  deliveriesAge: { channel: 'telegram' },
  queueDepth: { queue: 'tasks', state: 'waiting' },
  databaseUp: {},
  databaseClockSkew: {},
  observing: {},
  sockets: {},
  socketPushes: { outcome: 'sent' },
};

/** The text; every gauge stands at 1500 before its unit. */
export async function exampleExposition(): Promise<string> {
  const { metrics, exposition } = promMetrics({ version: '1.2.3', dataDirectory: tmpdir(), withRuntime: true });
  for (const [gauge, labels] of Object.entries(LABELS)) metrics.watch(gauge as GaugeName, () => [{ labels, value: 1_500 }]);
  for (const outcome of ORDER_OUTCOMES) metrics.countOrder('binance', outcome);
  metrics.observeIntent(3);
  metrics.observeWire('binance', 4);
  metrics.observeReconcile('binance', 120, true);
  metrics.countRunFailure('own');
  metrics.countDelivery('telegram', 'sent', 1);
  metrics.observeDelivery('telegram', 400);
  metrics.countTelegramCall('sendMessage', 'too_many', 3_000);
  metrics.countTelegramUpdates('received', 1);
  metrics.countRequest({ method: 'GET', route: '/api/v1/bots', status: 200, durationMs: 2 });
  // This one cannot be read, so that its failure is told of.
  metrics.watch('feeds', () => Promise.reject(new Error('not now')));
  return exposition();
}

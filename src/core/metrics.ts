/**
 * What the running application tells of itself for graphs and alarms. Telling is cheap, never fails and changes nothing;
 * names, units and buckets of the exposition are the adapter's business.
 */

import type { TelegramProblem } from './telegram.ts';

/** How an order went on or ended. Each is counted when it is durable, once an order. */
export const ORDER_OUTCOMES = ['denied', 'accepted', 'rejected', 'unknown', 'filled', 'cancelled', 'expired'] as const;
export type OrderOutcome = (typeof ORDER_OUTCOMES)[number];

/** Values that are read when somebody asks for them. Durations are milliseconds. */
export type GaugeName =
  | 'feedAgeMax'
  | 'feedAgeP99'
  | 'feeds'
  | 'reconcileLag'
  | 'runsHere'
  | 'ordersInDoubt'
  | 'budgetLeft'
  | 'budgetLimit'
  | 'venueStreams'
  | 'venueContactAge'
  | 'bots'
  | 'runsQuarantined'
  | 'leasesHeld'
  | 'outboxDepth'
  | 'outboxAge'
  | 'outboxParked'
  | 'deliveriesWaiting'
  | 'deliveriesDead'
  | 'deliveriesAge'
  | 'queueDepth'
  | 'databaseUp'
  | 'databaseClockSkew'
  | 'observing'
  | 'sockets'
  | 'socketPushes'
  | 'diskFree';

/** One value of a gauge; `labels` are those of its name, all of them. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type GaugeReader = () => readonly Sample[] | Promise<readonly Sample[]>;

export interface Metrics {
  /** Monotonic milliseconds, with fractions, for the durations below. */
  now(): number;
  countOrder(venue: string, outcome: OrderOutcome): void;
  /** From the begin to the end of the transaction that makes an order durable before it is sent. */
  observeIntent(durationMs: number): void;
  /** From taking the event that is decided on to the request of the order leaving us, the durable intent in between. */
  observeWire(venue: string, durationMs: number): void;
  /** A round of reconciliation; incomplete when the venue could not be asked. */
  observeReconcile(venue: string, durationMs: number, isComplete: boolean): void;
  /** A run ended by a failure: its own (a broken invariant), or that of the database, the lease, the venue. */
  countRunFailure(cause: 'own' | 'outside'): void;
  /** What came of sending notices on a channel. */
  countDelivery(channel: string, outcome: 'sent' | 'refused' | 'gone' | 'later', notices: number): void;
  /** From the event to its notice having gone out. */
  observeDelivery(channel: string, durationMs: number): void;
  /** A call of the Telegram Bot API and what came of it; `waitMs` is how long Telegram has asked to wait because there were too many. */
  countTelegramCall(method: string, outcome: 'ok' | TelegramProblem, waitMs: number): void;
  /** Updates of Telegram: kept for the first time, dealt with, or to be tried again. */
  countTelegramUpdates(outcome: 'received' | 'settled' | 'failed', updates: number): void;
  countRequest(request: { readonly method: string; readonly route: string; readonly status: number; readonly durationMs: number }): void;
  /** Reads a gauge whenever it is asked for, until the returned function is called. Several readers of one gauge add their samples. */
  watch(gauge: GaugeName, read: GaugeReader): () => void;
}

/** Tells nobody. */
export const NO_METRICS: Metrics = {
  now: () => 0,
  countOrder: () => undefined,
  observeIntent: () => undefined,
  observeWire: () => undefined,
  observeReconcile: () => undefined,
  countRunFailure: () => undefined,
  countDelivery: () => undefined,
  observeDelivery: () => undefined,
  countTelegramCall: () => undefined,
  countTelegramUpdates: () => undefined,
  countRequest: () => undefined,
  watch: () => () => undefined,
};

/** Counts what a commit has made of orders, after it is durable. */
export function countOutcomes(metrics: Metrics, venue: string, changes: readonly { readonly state?: string }[]): void {
  for (const { state } of changes) if (state !== undefined && isOutcome(state)) metrics.countOrder(venue, state);
}

function isOutcome(state: string): state is OrderOutcome {
  return (ORDER_OUTCOMES as readonly string[]).includes(state);
}

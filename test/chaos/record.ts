/**
 * Judges a venue's own record of one account by itself, moment by moment: what a bot ever had at stake, whether two
 * orders ever stood for the same level, and whether a former owner's order ever came after its successor's.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { type Decimal, decimal, plain } from '#core/money.ts';
import type { LoggedRequest } from '../venues/_request-log.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';

/** Orders and executions of one bot as the venue has them, in its sequence. */
export interface BotRecord {
  readonly name: string;
  readonly number: number;
  readonly orders: readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
}

/** The record of an account by bot; `names` are those of the bots by number. */
export function byBot(orders: readonly TrueOrder[], fills: readonly TrueFill[], names: ReadonlyMap<number, string>): readonly BotRecord[] {
  const numberOf = new Map(orders.map((order) => [order.venueOrderId, botOf(order)]));
  return [...names].map(([number, name]) => ({
    name,
    number,
    orders: orders.filter((order) => numberOf.get(order.venueOrderId) === number),
    fills: fills.filter((fill) => numberOf.get(fill.venueOrderId) === number),
  }));
}

function botOf(order: TrueOrder): number | null {
  const parsed = parseClientOrderId(order.clientOrderId);
  return parsed?.kind === 'bot' ? parsed.number : null;
}

/** The most quote that was spent net of sales or promised to resting buys, at any moment. */
export function peakAtStake({ orders, fills }: BotRecord): string {
  const moments: { readonly at: number; readonly rank: number; readonly change: Decimal }[] = [];
  const priceOf = new Map<string, string>();
  for (const order of orders) {
    if (order.side !== 'buy' || order.price === null) continue;
    priceOf.set(order.venueOrderId, order.price);
    moments.push({ at: order.createdAt, rank: 2, change: decimal(order.price).times(order.size) });
    const rest = decimal(order.size).minus(order.filledSize);
    if (order.status === 'cancelled' || order.status === 'expired') moments.push({ at: order.updatedAt, rank: 1, change: rest.times(order.price).negated() });
  }
  for (const fill of fills) {
    const value = decimal(fill.price).times(fill.size);
    const price = priceOf.get(fill.venueOrderId);
    const released = price === undefined ? decimal('0') : decimal(price).times(fill.size);
    moments.push({ at: fill.at, rank: fill.side === 'sell' ? 0 : 3, change: fill.side === 'buy' ? value.minus(released) : value.negated() });
  }
  // Within a millisecond what frees money comes first: the venue's own sequence is finer than its times.
  moments.sort((one, other) => one.at - other.at || one.rank - other.rank);
  let present = decimal('0');
  let peak = decimal('0');
  for (const { change } of moments) {
    present = present.plus(change);
    if (present.gt(peak)) peak = present;
  }
  return plain(peak);
}

/** Pairs of orders of one bot that stood on the same side at the same price at the same time: one intent placed twice. */
export function doublesEver({ name, orders }: BotRecord): string[] {
  const found: string[] = [];
  const standing = new Map<string, TrueOrder>();
  for (const order of orders) {
    if (order.price === null) continue;
    const key = `${order.side} at ${order.price}`;
    const former = standing.get(key);
    if (former !== undefined && endOf(former) > order.createdAt)
      found.push(`doubled: ${former.clientOrderId} and ${order.clientOrderId} of ${name} stood together (${key})`);
    if (former === undefined || endOf(order) >= endOf(former)) standing.set(key, order);
  }
  return found;
}

function endOf(order: TrueOrder): number {
  return order.status === 'open' || order.status === 'partiallyFilled' ? Number.POSITIVE_INFINITY : order.updatedAt;
}

export interface Succession {
  /** Owners that placed at least one order. */
  readonly epochs: number;
  /** Orders of a former owner accepted after its successor's first, their request fixed before that. */
  readonly late: number;
  /** The same, but fixed afterwards: two owners at a time. */
  readonly violations: readonly string[];
}

/** Names under which the venues' requests carry their time: as a parameter or a header, in milliseconds or ISO 8601. */
const TIME_NAMES = ['timestamp', 'x-bapi-timestamp', 'ok-access-timestamp', 'access-timestamp'];

/** The venue time a request was fixed at; `null` where it does not say. */
function fixedAt({ parameters, times }: LoggedRequest): number | null {
  const carried = new URLSearchParams(parameters);
  const texts = TIME_NAMES.flatMap((name) => times[name] ?? carried.get(name) ?? []);
  const [text] = texts;
  if (text === undefined) return null;
  return /^\d+$/.test(text) ? Number(text) : new Date(text).getTime();
}

/** `requests` are those to place, by the id they carry. */
export function succession({ name, orders }: BotRecord, requests: ReadonlyMap<string, LoggedRequest>): Succession {
  const epochs = new Set<number>();
  const violations: string[] = [];
  let highest = 0;
  let since = 0;
  let late = 0;
  for (const order of orders) {
    const epoch = parseClientOrderId(order.clientOrderId)?.epoch ?? 0;
    epochs.add(epoch);
    if (epoch > highest) {
      highest = epoch;
      since = order.createdAt;
    } else if (epoch < highest) {
      const request = requests.get(order.clientOrderId);
      const at = request === undefined ? null : fixedAt(request);
      if (at !== null && at < since) late += 1;
      else
        violations.push(
          `${order.clientOrderId} of ${name}, epoch ${epoch}, was accepted after epoch ${highest} had begun ${since - (at ?? 0)} ms before its time`,
        );
    }
  }
  return { epochs: epochs.size, late, violations };
}

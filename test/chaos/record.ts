/**
 * Judges a venue's own record of one account by itself, movement by movement in the venue's sequence: what a bot ever had
 * at stake, whether two orders ever stood for the same level, and whether a former owner's order ever came after its
 * successor's. Times serve only the last, and there the venue's skew is taken out of them.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { type Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import type { Movement, Skew } from '../venues/_movements.ts';
import type { LoggedRequest } from '../venues/_request-log.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';

/** Orders and executions of one bot as the venue has them, in its sequence. */
export interface BotRecord {
  readonly name: string;
  readonly number: number;
  readonly orders: readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
  /** Of these orders. */
  readonly movements: readonly Movement[];
}

/** What a venue's record of one account consists of. */
export interface VenueRecord {
  readonly orders: readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
  readonly movements: readonly Movement[];
}

/** The record of an account by bot; `names` are those of the bots by number. */
export function byBot({ orders, fills, movements }: VenueRecord, names: ReadonlyMap<number, string>): readonly BotRecord[] {
  const numberOf = new Map(orders.map((order) => [order.venueOrderId, botOf(order)]));
  return [...names].map(([number, name]) => ({
    name,
    number,
    orders: orders.filter((order) => numberOf.get(order.venueOrderId) === number),
    fills: fills.filter((fill) => numberOf.get(fill.venueOrderId) === number),
    movements: movements.filter((movement) => numberOf.get(movement.venueOrderId) === number),
  }));
}

function botOf(order: TrueOrder): number | null {
  const parsed = parseClientOrderId(order.clientOrderId);
  return parsed?.kind === 'bot' ? parsed.number : null;
}

/** The most a bot ever had at stake, and how it came to that. */
export interface Peak {
  readonly amount: DecimalString;
  /** One line a movement, the last ones before and at the peak. */
  readonly evidence: readonly string[];
}

/** Movements shown before the peak. */
const EVIDENCE_LINES = 12;

/** The most quote that was spent net of sales or promised to resting buys, after any movement. */
export function peakAtStake({ orders, fills, movements }: BotRecord): Peak {
  const orderOf = new Map(orders.map((order) => [order.venueOrderId, order]));
  const fillOf = new Map(fills.map((fill) => [fill.tradeId, fill]));
  const restOf = new Map<string, Decimal>();
  const lines: string[] = [];
  let peak: Peak = { amount: '0', evidence: [] };
  let present = decimal('0');
  for (const movement of movements) {
    const order = orderOf.get(movement.venueOrderId);
    if (order === undefined) continue;
    const fill = movement.tradeId === null ? undefined : fillOf.get(movement.tradeId);
    const promisedBefore = promised(order, restOf);
    if (movement.cause === 'accepted') restOf.set(order.venueOrderId, decimal(order.size));
    if (fill !== undefined) restOf.set(order.venueOrderId, (restOf.get(order.venueOrderId) ?? decimal(order.size)).minus(fill.size));
    if (movement.cause === 'cancelled' || movement.cause === 'expired') restOf.delete(order.venueOrderId);
    const spent =
      fill === undefined
        ? decimal('0')
        : decimal(fill.price)
            .times(fill.size)
            .times(fill.side === 'buy' ? 1 : -1);
    present = present.plus(promised(order, restOf)).minus(promisedBefore).plus(spent);
    lines.push(describe(movement, order, fill, present));
    if (present.gt(peak.amount)) peak = { amount: plain(present), evidence: lines.slice(-EVIDENCE_LINES) };
  }
  return peak;
}

/** What the rest of a buy can still cost at its price; nothing for sells, and for market orders until they have executed. */
function promised(order: TrueOrder, restOf: ReadonlyMap<string, Decimal>): Decimal {
  const rest = restOf.get(order.venueOrderId);
  return rest === undefined || order.side !== 'buy' || order.price === null ? decimal('0') : rest.times(order.price);
}

function describe(movement: Movement, order: TrueOrder, fill: TrueFill | undefined, present: Decimal): string {
  const at = new Date(movement.machineAt).toISOString();
  const what = fill === undefined ? `${order.size} at ${order.price ?? 'market'}` : `${fill.size} at ${fill.price}`;
  return `${movement.sequence} ${at} ${order.clientOrderId} ${movement.cause} ${order.side} ${what}, then ${plain(present)} at stake`;
}

/** Pairs of orders of one bot that stood on the same side at the same price at the same time: one intent placed twice. */
export function doublesEver({ name, orders, movements }: BotRecord): string[] {
  const found: string[] = [];
  const orderOf = new Map(orders.map((order) => [order.venueOrderId, order]));
  const standing = new Map<string, TrueOrder>();
  for (const { venueOrderId, cause, status } of movements) {
    const order = orderOf.get(venueOrderId);
    if (order === undefined || order.price === null) continue;
    const key = `${order.side} at ${order.price}`;
    const former = standing.get(key);
    if (status !== 'open' && status !== 'partiallyFilled') {
      if (former === order) standing.delete(key);
    } else if (cause === 'accepted') {
      if (former !== undefined) found.push(`doubled: ${former.clientOrderId} and ${order.clientOrderId} of ${name} stood together (${key})`);
      standing.set(key, order);
    }
  }
  return found;
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

/** A process compares its clock with the venue's once a minute, and a comparison may fail. */
const SKEW_MEMORY_MS = 130_000;

/**
 * The earliest moment by the machine's clock at which a request may have been fixed: its writer knew the venue's clock
 * as it was when it last looked. Where the clock stood still that is exact.
 */
function fixedNotBefore(carriedAt: number, receivedAt: number, skews: readonly Skew[]): number {
  const isRemembered = (index: number): boolean => (skews[index + 1]?.machineAt ?? Number.POSITIVE_INFINITY) >= receivedAt - SKEW_MEMORY_MS;
  const known = [{ machineAt: 0, ms: 0 }, ...skews].filter(({ machineAt }, index) => machineAt <= receivedAt && isRemembered(index - 1));
  return carriedAt - Math.max(...known.map(({ ms }) => ms));
}

/** What tells requests from each other in time: those to place, by the id they carry, and how the venue's clock was set. */
export interface Requests {
  readonly byId: ReadonlyMap<string, LoggedRequest>;
  readonly skews: readonly Skew[];
}

export function succession({ name, orders, movements }: BotRecord, { byId, skews }: Requests): Succession {
  const acceptedAt = new Map(movements.filter(({ cause }) => cause === 'accepted').map((each) => [each.venueOrderId, each.machineAt]));
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
      since = acceptedAt.get(order.venueOrderId) ?? order.createdAt;
    } else if (epoch < highest) {
      const request = byId.get(order.clientOrderId);
      const carriedAt = request === undefined ? null : fixedAt(request);
      const at = request === undefined || carriedAt === null ? null : fixedNotBefore(carriedAt, request.receivedAt, skews);
      if (at !== null && at < since) late += 1;
      else
        violations.push(
          `${order.clientOrderId} of ${name}, epoch ${epoch}, was accepted after epoch ${highest} had begun ${at === null ? 'at a time unknown' : `${at - since} ms`} before it was fixed`,
        );
    }
  }
  return { epochs: epochs.size, late, violations };
}

/**
 * Reconciliation compares what a holder of orders believes with what the venue says. It is the only place that decides
 * about orders in doubt: it looks for them, and lets time prove their absence. Everything it finds goes to the holder
 * as reports, which may repeat what is known.
 */
import type { TradingSession, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import type { OrderHolder, TrackedOrder } from './order-holder.ts';

export interface ReconcileOptions {
  readonly session: Pick<TradingSession, 'openOrders' | 'fillsSince' | 'findOrder'>;
  readonly holder: OrderHolder;
  readonly symbol: string;
  /** Executions from here on are asked for, in venue time; give the last certain one minus an overlap. */
  readonly fillsSince: number;
  /** Our clock. */
  readonly now: () => number;
  /** Those of these executions that neither the holder nor the ledger knows. */
  readonly newsOf: (fills: readonly VenueFill[]) => Promise<readonly VenueFill[]>;
  /** How long after its deadline a missing order is proven never to have been placed. */
  readonly absenceMarginMs: number;
  /** Whether an order of ours that is open at the venue is unknown to the holder. Ids that are not ours are `false`. */
  readonly isOurs: (clientOrderId: string) => boolean;
}

export interface Reconciled {
  /** Time of the newest execution seen, to begin the next round from. */
  readonly newestFillAt: number;
  /** Orders of ours that rest at the venue although the holder has closed them or never knew them. */
  readonly orphans: readonly VenueOrder[];
  /** Orders still in doubt. */
  readonly inDoubt: number;
}

/** One round. Throws PortError when the venue cannot be asked; nothing is concluded from silence. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { session, holder, symbol } = options;
  const open = await session.openOrders(symbol);
  const newestFillAt = await deliverFills(options);
  const openIds = new Set(open.map((order) => order.clientOrderId));
  const tracked = holder.alive().filter((order) => order.symbol === symbol);
  const trackedIds = new Set(tracked.map((order) => order.clientOrderId));
  for (const order of open) if (trackedIds.has(order.clientOrderId)) holder.onReport(order);
  for (const order of tracked) if (!openIds.has(order.clientOrderId)) await look(options, order);
  const orphans = await findOrphans(options, open, trackedIds);
  return { newestFillAt, orphans, inDoubt: holder.alive().filter((order) => order.state === 'unknown').length };
}

/** Asks for one order and reports what the venue knows; absence counts only after the deadline and the venue's margin. */
async function look(options: ReconcileOptions, order: TrackedOrder): Promise<void> {
  const { session, holder, symbol } = options;
  // The deadline is read before asking: a venue that could still act later proves nothing by not knowing the order now.
  const isPastDeadline = order.deadlineAt !== null && options.now() > order.deadlineAt + options.absenceMarginMs;
  const found = await session.findOrder(order.clientOrderId, symbol, order.deadlineAt ?? undefined);
  if (found !== null) holder.onReport(found);
  else if (isPastDeadline && order.state !== 'submitting') holder.onAbsent(order.clientOrderId);
}

/** Fetches executions and hands over those of the holder; returns the time of the newest. */
async function deliverFills(options: ReconcileOptions): Promise<number> {
  let newest = options.fillsSince;
  const fills = await options.session.fillsSince(options.symbol, options.fillsSince);
  for (const { at } of fills) newest = Math.max(newest, at);
  for (const fill of await options.newsOf(fills)) {
    // Every holder of the account sees all its executions: whoever books one that is not his takes it from its owner.
    const clientOrderId = await options.holder.clientOrderIdOf(fill);
    if (clientOrderId !== null) options.holder.onFill(fill, clientOrderId);
  }
  return newest;
}

/** An order may have been placed and closed since the list was made, so each suspect is asked for again. */
async function findOrphans(options: ReconcileOptions, open: readonly VenueOrder[], trackedIds: ReadonlySet<string>): Promise<VenueOrder[]> {
  const orphans: VenueOrder[] = [];
  for (const order of open) {
    if (trackedIds.has(order.clientOrderId) || !options.isOurs(order.clientOrderId)) continue;
    if (options.holder.alive().some((alive) => alive.clientOrderId === order.clientOrderId)) continue;
    const again = await options.session.findOrder(order.clientOrderId, options.symbol);
    if (again?.status === 'open') orphans.push(again);
  }
  return orphans;
}

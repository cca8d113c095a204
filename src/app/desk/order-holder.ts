/**
 * Whoever owns orders at a venue (a run, or the steward of an account) as its desk and reconciliation see it.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import type { OrderState } from '#core/order.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';

/** An order that is not over, as far as comparing it with the venue needs. */
export interface TrackedOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly state: OrderState;
  /** Until when the venue may act on the request, in our clock; `null` when it was never to be sent by us. */
  readonly deadlineAt: number | null;
}

/** Takes what the venue says, in any order and any number of times; applying it is idempotent. */
export interface OrderHolder {
  readonly symbols: ReadonlySet<string>;
  alive(): readonly TrackedOrder[];
  /** The venue's state of an order of this holder. */
  onReport(report: VenueOrder): void;
  /** Whether this execution has been handed to the holder before. */
  knowsTrade(symbol: string, tradeId: string): boolean;
  /** An execution of an order of this holder. */
  onFill(fill: VenueFill, clientOrderId: string): void;
  /** Proof that the venue never had the order, or forgot it without a trace. */
  onAbsent(clientOrderId: string): void;
  /**
   * The ClientOrderId of the order of this holder that an execution belongs to, over or not, whether the venue's list
   * carries our id or only its own; `null` when the order is not this holder's.
   */
  clientOrderIdOf(fill: VenueFill): Promise<string | null>;
}

/** The order in our books that an execution belongs to; `null` for one that is not ours. */
export async function bookedOrderOf(store: Pick<Store, 'orders'>, accountId: string, fill: VenueFill): Promise<OrderRecord | null> {
  const { clientOrderId, symbol, venueOrderId } = fill;
  if (clientOrderId === null) return await store.orders.byVenueOrderId(accountId, symbol, venueOrderId);
  return parseClientOrderId(clientOrderId) === null ? null : await store.orders.byClientOrderId(clientOrderId);
}

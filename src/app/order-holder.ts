/**
 * Whoever owns orders at a venue (a run, or the steward of an account) as its desk and reconciliation see it.
 */
import type { OrderState } from '#core/order.ts';
import type { VenueFill, VenueOrder } from '#core/ports.ts';

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
  /** An execution of an order of this holder. */
  onFill(fill: VenueFill, clientOrderId: string): void;
  /** Proof that the venue never had the order, or forgot it without a trace. */
  onAbsent(clientOrderId: string): void;
  /** The ClientOrderId behind a venue's own id, for lists of trades that do not carry ours; `null` when it is not this holder's. */
  clientOrderIdOf(symbol: string, venueOrderId: string): Promise<string | null>;
}

/**
 * What a simulated venue reports, as the events a run receives.
 */
import type { OrderAccepted, OrderEvent, OrderFilled } from '#core/events.ts';
import type { Report } from '#core/matching/reports.ts';
import type { Fill } from '#core/position.ts';

type Mutable<Event> = { -readonly [Key in keyof Event]: Event[Key] };

const NO_FILL: Fill = { tradeId: '', side: 'buy', priceTicks: 0, sizeLots: 0, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: false };

/** One object for all events of the two frequent kinds: whoever keeps one copies it. */
export class SimulatedEvents {
  readonly #accepted: Mutable<OrderAccepted> = { type: 'orderAccepted', at: 0, clientOrderId: '', venueOrderId: '' };
  readonly #filled: Mutable<OrderFilled> = { type: 'orderFilled', at: 0, clientOrderId: '', fill: NO_FILL };

  /** The simulated venue has no names of its own for orders. */
  accepted(clientOrderId: string, at: number): OrderAccepted {
    const event = this.#accepted;
    event.at = at;
    event.clientOrderId = clientOrderId;
    event.venueOrderId = clientOrderId;
    return event;
  }

  filled(clientOrderId: string, fill: Fill, at: number): OrderFilled {
    const event = this.#filled;
    event.at = at;
    event.clientOrderId = clientOrderId;
    event.fill = fill;
    return event;
  }
}

/** An order is over without being filled whole. */
export function overEvent(report: Extract<Report, { readonly type: 'rejected' | 'cancelled' | 'expired' }>, at: number): OrderEvent {
  const { clientOrderId } = report.order;
  switch (report.type) {
    case 'rejected':
      return { type: 'orderRejected', at, clientOrderId, code: report.reason, message: 'refused by the simulated venue' };
    case 'cancelled':
      return { type: 'orderCancelled', at, clientOrderId };
    case 'expired':
      return { type: 'orderExpired', at, clientOrderId };
  }
}

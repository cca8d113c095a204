/**
 * The venue's answer to an attempt to place, as an event of the order.
 */
import type { OrderEvent } from '#core/events.ts';
import type { PlaceOutcome } from '#core/venue-ports.ts';

/** `at` is 0: whoever takes the event stamps the time. */
export function eventOfOutcome(clientOrderId: string, outcome: PlaceOutcome): OrderEvent {
  switch (outcome.outcome) {
    case 'accepted':
      return { type: 'orderAccepted', at: 0, clientOrderId, venueOrderId: outcome.venueOrderId };
    case 'rejected':
      return { type: 'orderRejected', at: 0, clientOrderId, code: outcome.code, message: outcome.message };
    case 'unknown':
      return { type: 'orderUnknown', at: 0, clientOrderId };
  }
}

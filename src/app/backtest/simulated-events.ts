/**
 * What a simulated venue reports, as the events a run receives.
 */
import type { OrderEvent } from '#core/events.ts';
import type { Report } from '#core/matching/reports.ts';

/** The event of a report; `null` for one a run does not hear of. */
export function eventOf(report: Report, at: number): OrderEvent | null {
  const { clientOrderId } = report.order;
  switch (report.type) {
    case 'accepted':
      return { type: 'orderAccepted', at, clientOrderId, venueOrderId: `s${report.order.arrival}` };
    case 'rejected':
      return { type: 'orderRejected', at, clientOrderId, code: report.reason, message: 'refused by the simulated venue' };
    case 'filled':
      return { type: 'orderFilled', at, clientOrderId, fill: report.fill };
    case 'cancelled':
      return { type: 'orderCancelled', at, clientOrderId };
    case 'expired':
      return { type: 'orderExpired', at, clientOrderId };
    case 'triggered':
      return null;
  }
}

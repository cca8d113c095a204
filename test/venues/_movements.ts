/**
 * What happened to orders at a simulated venue in the sequence it did, by the machine's clock: the venue's own times
 * jump with its skew, so nothing that asks "which came first" may go by them.
 */
import type { ExchangeEvent, SimulatedOrder } from '#core/simulated-exchange.ts';

export interface Movement {
  /** Grows with everything that happens at the venue. */
  readonly sequence: number;
  /** Milliseconds since 1970, without the venue's skew. */
  readonly machineAt: number;
  readonly account: string;
  readonly venueOrderId: string;
  readonly cause: 'accepted' | 'triggered' | 'cancelled' | 'expired' | 'filled';
  /** Of the execution; `null` for other causes. */
  readonly tradeId: string | null;
  /** Of the order right after. */
  readonly status: SimulatedOrder['status'];
}

/** From when on the venue's clock ran ahead by how much. */
export interface Skew {
  readonly machineAt: number;
  readonly ms: number;
}

/** The movement an event of the exchange is; `null` for what concerns no order. */
export function movementOf(event: ExchangeEvent, machineAt: number): Movement | null {
  if (event.type !== 'order' && event.type !== 'fill') return null;
  const { sequence, order } = event;
  const { account, venueOrderId, status } = order;
  const filled = event.type === 'fill' ? ({ cause: 'filled', tradeId: event.fill.tradeId } as const) : ({ cause: event.cause, tradeId: null } as const);
  return { sequence, machineAt, account, venueOrderId, ...filled, status };
}

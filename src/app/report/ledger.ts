/** What a run leaves behind to be judged by, whichever way it ran: its executions and funding in their sequence, in the integers of its instrument. */
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';

/** One execution and when it happened, in milliseconds since 1970. */
export interface LedgerFill {
  readonly at: number;
  readonly clientOrderId: string;
  readonly fill: Fill;
}

export interface LedgerFunding {
  readonly at: number;
  /** Positive when received. */
  readonly amountAtoms: number;
}

/** An order and what became of it. */
export interface LedgerOrder {
  readonly order: Omit<Order, 'state' | 'filledLots' | 'filledAtoms' | 'cancelRequested'>;
  /** The code of a refusal, `filled`, `cancelled`, `expired`, or `open` where the run ended before the order did. */
  outcome: string;
  endedAt: number | null;
  filledLots: number;
  filledAtoms: number;
  /** Bid and ask that the run knew when it asked for the order; zeros where it knew none. */
  readonly bidTicks: number;
  readonly askTicks: number;
}

export interface Ledger {
  readonly fills: readonly LedgerFill[];
  readonly funding: readonly LedgerFunding[];
  /** Base the run was lent at its start, at the price it counts for in the capital; `null` for none. */
  readonly lent: { readonly at: number; readonly grains: number; readonly priceTicks: number } | null;
}

/** How sales find the purchases they close: the oldest first, or the newest first, which is how a grid pairs them. */
export type LotMatching = 'fifo' | 'lifo';

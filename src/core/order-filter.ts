/** Which orders a user asks for, and which are to be cancelled. */
import type { OrderState, OrderType, Side } from './order.ts';

export interface OrderFilter {
  readonly botId?: string;
  readonly accountId?: string;
  readonly symbol?: string;
  readonly side?: Side;
  readonly type?: OrderType;
  readonly states?: readonly OrderState[];
  /** Made at this time or later. */
  readonly createdFrom?: number;
  /** Made before this time. */
  readonly createdBefore?: number;
  /** Our ClientOrderId or the venue's id begins with it, or it is our id. */
  readonly search?: string;
}

/** Which orders are to be cancelled. */
export type CancelSelection = { readonly ids: readonly string[] } | { readonly accountId: string; readonly symbol: string | null } | { readonly botId: string };

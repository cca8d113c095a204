/** What a matching engine says of its orders. */
import type { OrderRequest } from '../order.ts';
import type { Fill } from '../position.ts';
import type { RestingOrder } from './book.ts';

/** Why a simulated venue refuses an order. */
export type MatchingRefusal = 'would_take' | 'duplicate_id';

/** What happened to one order, in the sequence it happened. */
export type Report<Request extends OrderRequest = OrderRequest> =
  | { readonly type: 'accepted'; readonly order: RestingOrder<Request> }
  | { readonly type: 'rejected'; readonly order: RestingOrder<Request>; readonly reason: MatchingRefusal }
  | { readonly type: 'triggered'; readonly order: RestingOrder<Request> }
  | { readonly type: 'filled'; readonly order: RestingOrder<Request>; readonly fill: Fill }
  | { readonly type: 'cancelled'; readonly order: RestingOrder<Request> }
  /** The part of an immediate order that found no counterpart. */
  | { readonly type: 'expired'; readonly order: RestingOrder<Request> };

/** What the risk gate looks at and how it says no; the gate itself is risk.ts. */
import type { Scale } from './instrument.ts';
import type { Order, OrderRequest } from './order.ts';
import type { Position } from './position.ts';

/** Which coin the venue takes its fee in: what the trade receives, the quote, or a third coin. */
export type FeeAsset = 'received' | 'quote' | 'other';

/** `reducing` lets only orders pass that shrink the holding; `halted` lets none. */
export type TradingState = 'active' | 'reducing' | 'halted';

export interface RiskLimits {
  /** Quote the run may spend beyond what its own sales bring in, in atoms; of a perpetual the margin it may lose or bind. */
  readonly budgetAtoms: number;
  /** Largest value of one order, in atoms. */
  readonly maxOrderAtoms: number;
  readonly maxOpenOrders: number;
  /** How far beyond the market a price may lie to the side that costs us, as a share; 0.1 is ten per cent. */
  readonly priceCollar: number;
  /** Orders that may be placed at once, and again after a pause; refilled evenly over a minute. */
  readonly ordersPerMinute: number;
  /** Of a perpetual: how many times its margin a position may be worth; 1 where not given. */
  readonly leverage?: number;
}

export type DenialCode =
  | 'order_invalid'
  | 'size_below_minimum'
  | 'size_above_maximum'
  | 'notional_below_minimum'
  | 'notional_above_limit'
  | 'price_outside_limits'
  | 'price_outside_collar'
  | 'no_market_price'
  | 'budget_exceeded'
  | 'holding_exceeded'
  | 'too_many_open_orders'
  | 'order_rate_exceeded'
  | 'trading_halted'
  | 'reduce_only';

export interface Denial {
  readonly code: DenialCode;
  readonly message: string;
}

/** What the gate looks at; plain figures of the run at this moment. */
export interface RiskView {
  readonly scale: Scale;
  readonly limits: RiskLimits;
  readonly feeAsset: FeeAsset;
  readonly tradingState: TradingState;
  readonly position: Position;
  readonly orders: Iterable<Order>;
  /** What those bind, where it is kept, none of them terminal: otherwise they are gone through. */
  readonly bound?: { readonly quoteAtoms: number; readonly lots: number; readonly uncounted: number };
  readonly bidTicks: number;
  readonly askTicks: number;
  /** Orders the rate limit still allows now. */
  readonly orderTokens: number;
}

/** The price an order can cost at most (buy) or bring at least (sell): its limit, or the collar for a market order. */
export function worstTicks(request: OrderRequest, view: Pick<RiskView, 'bidTicks' | 'askTicks' | 'limits'>): number {
  if (request.type === 'limit' || request.type === 'stopLimit') return request.priceTicks;
  const reference = request.type === 'stopMarket' ? request.triggerTicks : request.side === 'buy' ? view.askTicks : view.bidTicks;
  return request.side === 'buy' ? Math.ceil(reference * (1 + view.limits.priceCollar)) : Math.floor(reference * (1 - view.limits.priceCollar));
}

export function deny(code: DenialCode, message: string): Denial {
  return { code, message };
}

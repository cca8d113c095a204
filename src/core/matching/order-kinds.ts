/** What an order's type says of how it may trade. */
import type { OrderRequest, Side } from '../order.ts';

export function isStop(order: OrderRequest): boolean {
  return order.type === 'stopMarket' || order.type === 'stopLimit';
}

export function hasLimit(order: OrderRequest): boolean {
  return order.type === 'limit' || order.type === 'stopLimit';
}

export function isImmediate(order: OrderRequest): boolean {
  return !hasLimit(order) || order.timeInForce !== 'gtc';
}

/** Whether an order may trade at a price. */
export function reaches(order: OrderRequest, ticks: number): boolean {
  return !hasLimit(order) || (order.side === 'buy' ? ticks <= order.priceTicks : ticks >= order.priceTicks);
}

/** Whether `ticks` is strictly better than `other` for the taker. */
export function isBetter(side: Side, ticks: number, other: number): boolean {
  return side === 'buy' ? ticks < other : ticks > other;
}

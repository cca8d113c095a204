/**
 * One side of an order book in price-time priority: a sorted array whose last element is the next to trade,
 * so taking the best is a pop and looking at it costs nothing.
 */

import { takeOut } from '../engine/order-index.ts';
import type { OrderRequest } from '../order.ts';

/** An order as the simulated venue holds it. */
export interface RestingOrder<Request extends OrderRequest = OrderRequest> extends OrderRequest {
  /** What it was placed with: the very record, for whoever placed it. */
  readonly request: Request;
  readonly clientOrderId: string;
  /** Whose order it is; the matching engine only carries it. */
  readonly account: string;
  /** Arrival number: the earlier trades first at the same price. A stop arrives when it triggers. */
  arrival: number;
  remainingLots: number;
}

/** `highFirst` for bids and sell stops, `lowFirst` for asks and buy stops. */
export type Priority = 'highFirst' | 'lowFirst';

export class BookSide<Request extends OrderRequest = OrderRequest> {
  readonly #orders: RestingOrder<Request>[] = [];
  #best: RestingOrder<Request> | undefined = undefined;
  readonly #sign: 1 | -1;
  readonly #isByTrigger: boolean;

  constructor(priority: Priority, key: 'priceTicks' | 'triggerTicks') {
    this.#sign = priority === 'highFirst' ? 1 : -1;
    this.#isByTrigger = key === 'triggerTicks';
  }

  get size(): number {
    return this.#orders.length;
  }

  /** The next order to trade; kept beside the array, because it is looked at for every price. */
  get best(): RestingOrder<Request> | undefined {
    return this.#best;
  }

  insert(order: RestingOrder<Request>): void {
    let low = 0;
    let high = this.#orders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#orders[middle];
      if (other !== undefined && this.#precedes(order, other)) low = middle + 1;
      else high = middle;
    }
    const orders = this.#orders;
    orders.push(order);
    for (let index = orders.length - 1; index > low; index -= 1) orders[index] = orders[index - 1] as RestingOrder<Request>;
    orders[low] = order;
    this.#best = orders[orders.length - 1];
  }

  takeBest(): RestingOrder<Request> | undefined {
    const taken = this.#orders.pop();
    this.#best = this.#orders[this.#orders.length - 1];
    return taken;
  }

  remove(order: RestingOrder<Request>): boolean {
    const isTaken = takeOut(this.#orders, order);
    this.#best = this.#orders[this.#orders.length - 1];
    return isTaken;
  }

  /** Best first. */
  *[Symbol.iterator](): IterableIterator<RestingOrder<Request>> {
    for (let index = this.#orders.length - 1; index >= 0; index -= 1) {
      const order = this.#orders[index];
      if (order !== undefined) yield order;
    }
  }

  #precedes(order: RestingOrder, other: RestingOrder): boolean {
    const difference = (this.#isByTrigger ? order.triggerTicks - other.triggerTicks : order.priceTicks - other.priceTicks) * this.#sign;
    return difference > 0 || (difference === 0 && order.arrival < other.arrival);
  }
}

/** Written out name by name, so that all orders have one shape, whatever their request was part of. */
export function restingOrder<Request extends OrderRequest>(
  request: Request,
  clientOrderId: string,
  account: string,
  arrival: number,
  remainingLots: number,
): RestingOrder<Request> {
  return {
    request,
    side: request.side,
    type: request.type,
    priceTicks: request.priceTicks,
    triggerTicks: request.triggerTicks,
    sizeLots: request.sizeLots,
    timeInForce: request.timeInForce,
    postOnly: request.postOnly,
    reduceOnly: request.reduceOnly,
    tag: request.tag,
    clientOrderId,
    account,
    arrival,
    remainingLots,
  };
}

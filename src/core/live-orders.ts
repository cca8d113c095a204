/** The orders of a run that are not over, oldest first: found by id, and gone through at the speed of an array. */
import type { Order } from './order.ts';

export class LiveOrders {
  /** Not to be changed while it is gone through: whoever cancels or places meanwhile goes through a copy. */
  readonly list: readonly Order[];
  readonly byId: ReadonlyMap<string, Order>;
  readonly #list: Order[];
  readonly #byId = new Map<string, Order>();

  constructor(orders: readonly Order[]) {
    this.#list = [...orders];
    for (const order of orders) this.#byId.set(order.clientOrderId, order);
    this.list = this.#list;
    this.byId = this.#byId;
  }

  add(order: Order): void {
    this.#list.push(order);
    this.#byId.set(order.clientOrderId, order);
  }

  remove(order: Order): void {
    if (!this.#byId.delete(order.clientOrderId)) return;
    const index = this.#list.indexOf(order);
    if (index === this.#list.length - 1) this.#list.pop();
    else this.#list.splice(index, 1);
  }
}

/**
 * Where our orders stand in the queue at their price. What stands ahead when an order comes is an assumption: a share of the volume that is
 * traded around that time. It shrinks by what others trade at that price, never by cancels, which nobody tells of.
 */
import type { RestingOrder } from './book.ts';

export class OrderQueue {
  readonly #share: number;
  readonly #volumeLots: () => number;
  readonly #ahead = new WeakMap<RestingOrder, number>();

  /** `volumeLots` is the volume that is traded around now. */
  constructor(share: number, volumeLots: () => number) {
    this.#share = share;
    this.#volumeLots = volumeLots;
  }

  /** An order takes its place. */
  enter(order: RestingOrder): void {
    this.#ahead.set(order, Math.floor(this.#share * this.#volumeLots()));
  }

  /** Others trade at its price; returns what of it is left for the order once those ahead have had theirs. */
  pass(order: RestingOrder, lots: number): number {
    const ahead = this.#ahead.get(order) ?? 0;
    const passed = Math.min(ahead, lots);
    if (passed > 0) this.#ahead.set(order, ahead - passed);
    return lots - passed;
  }
}

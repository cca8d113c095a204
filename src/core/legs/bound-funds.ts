/**
 * What the open orders of one instrument bind, kept as they come, trade and go: the gate asks at every order, and a grid has many of them.
 * Sums of whole numbers, so they are what counting the orders anew would give.
 */
import type { Order } from '../order.ts';
import { costAtoms, type RiskView } from '../risk.ts';

export class BoundFunds {
  /** What purchases with a limit can cost at most, in atoms. */
  quoteAtoms = 0;
  /** Offered for sale. */
  lots = 0;
  /** Purchases whose cost depends on the present price. */
  uncounted = 0;
  readonly #view: Pick<RiskView, 'limits' | 'feeAsset' | 'scale' | 'bidTicks' | 'askTicks'>;

  constructor(view: RiskView, orders: Iterable<Order>) {
    this.#view = view;
    for (const order of orders) this.add(order);
  }

  /** An order is on its way, or goes on with what is left of it. */
  add(order: Order): void {
    this.#count(order, 1);
  }

  /** An order is over, or is about to have less left. */
  remove(order: Order): void {
    this.#count(order, -1);
  }

  #count(order: Order, sign: 1 | -1): void {
    const lots = order.sizeLots - order.filledLots;
    if (order.side === 'sell') this.lots += sign * lots;
    else if (order.type === 'limit' || order.type === 'stopLimit') this.quoteAtoms += sign * costAtoms(order, lots, this.#view);
    else this.uncounted += sign;
  }
}

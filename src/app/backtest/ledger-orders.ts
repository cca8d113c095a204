/** The orders of a run for its ledger: those under way are found by their ids, and all of them once somebody asks. */
import type { LedgerOrder } from '../report/ledger.ts';

export class LedgerOrders {
  readonly #all: LedgerOrder[] = [];
  readonly #live = new Map<string, LedgerOrder>();

  get size(): number {
    return this.#all.length;
  }

  /** One that is under way. */
  get(clientOrderId: string): LedgerOrder | undefined {
    return this.#live.get(clientOrderId);
  }

  add(order: LedgerOrder): void {
    this.#all.push(order);
    this.#live.set(order.order.clientOrderId, order);
  }

  end(order: LedgerOrder, outcome: string, at: number): void {
    order.outcome = outcome;
    order.endedAt = at;
    this.#live.delete(order.order.clientOrderId);
  }

  /** All by id, in the sequence they were placed. */
  byId(): ReadonlyMap<string, LedgerOrder> {
    return new Map(this.#all.map((each) => [each.order.clientOrderId, each]));
  }
}

/** What word of an order changes: the order, the position of its leg, and what the rules of the user and the strategy make of it. */

import type { RunActions } from '../actions/run-actions.ts';
import type { OrderEvent, OrderFilled } from '../events.ts';
import { EXIT_TAG } from '../exit.ts';
import type { Legs } from '../legs/legs.ts';
import { applyFact, isTerminal, type Order, type OrderFact } from '../order.ts';
import type { RunDesk } from './run-desk.ts';
import type { StrategyTeller } from './strategy-teller.ts';

export class OrderNews {
  readonly #desk: RunDesk;
  readonly #legs: Legs;
  readonly #actions: RunActions | null;
  readonly #teller: StrategyTeller;

  constructor(desk: RunDesk, legs: Legs, actions: RunActions | null, teller: StrategyTeller) {
    this.#desk = desk;
    this.#legs = legs;
    this.#actions = actions;
    this.#teller = teller;
  }

  /** `order` is the one it is about, `undefined` where that is over already. */
  take(event: OrderEvent, order: Order | undefined): void {
    if (event.type === 'orderFilled') return this.#onFilled(event, order);
    if (order === undefined) return;
    if (event.type === 'orderAccepted') return this.#onAccepted(order);
    if (!applyFact(order, FACTS[event.type])) return;
    this.#legs.ofOrder(order).cancelOnceKnown(order);
    if (isTerminal(order.state)) this.#close(order, event.type === 'orderRejected' ? event.code : order.state);
  }

  #onAccepted(order: Order): void {
    if (!applyFact(order, 'accept')) return;
    this.#legs.ofOrder(order).cancelOnceKnown(order);
    this.#teller.tell({ type: 'orderAccepted', order });
  }

  #onFilled(event: OrderFilled, order: Order | undefined): void {
    this.#legs.of(order === undefined ? event.leg : order.leg).fill(order, event.fill);
    // The strategy has counted without an order that is already over.
    if (order === undefined) return;
    if (order.tag === EXIT_TAG) this.#desk.state.exitAttempts = 0;
    // What guards it is placed before the strategy thinks of anything else.
    this.#actions?.filled(order, event.fill);
    this.#teller.tell({ type: 'orderFilled', order, fill: event.fill });
  }

  #close(order: Order, code: string): void {
    this.#legs.ofOrder(order).end(order);
    const again = this.#actions?.over(order, code) ?? null;
    this.#teller.tell(again === null ? { type: 'orderClosed', order, code } : { type: 'orderReplaced', order: again, former: order });
  }
}

const FACTS: Readonly<Record<Exclude<OrderEvent['type'], 'orderFilled' | 'orderAccepted'>, OrderFact>> = {
  orderRejected: 'reject',
  orderCancelled: 'cancel',
  orderExpired: 'expire',
  orderUnknown: 'loseAnswer',
};

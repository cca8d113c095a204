/** What the parts of a run share while it takes an event in: the time, the live orders, their ids, and the commands that come of it. */
import { ClientOrderIds, type OrderOwner } from './client-order-id.ts';
import type { Command } from './commands.ts';
import type { Order } from './order.ts';
import { OrderIndex } from './order-index.ts';
import type { RunState } from './run-state.ts';

const NO_COMMANDS: readonly Command[] = [];

export class RunDesk {
  /** Time of the event in hand, in milliseconds since 1970. */
  at = 0;
  readonly state: RunState;
  readonly orders: OrderIndex<Order>;
  readonly #ids: ClientOrderIds;
  #commands: Command[] | null = null;

  constructor(state: RunState, owner: OrderOwner) {
    this.state = state;
    this.orders = new OrderIndex(state.orders);
    this.#ids = new ClientOrderIds(owner);
  }

  nextOrderId(): string {
    this.state.orderSequence += 1;
    return this.lastOrderId();
  }

  lastOrderId(): string {
    return this.#ids.of(this.state.epoch, this.state.orderSequence);
  }

  emit(command: Command): void {
    if (this.#commands === null) this.#commands = [command];
    else this.#commands.push(command);
  }

  /** Commands since the last call, the caller's to keep. Most events ask for nothing: they share one empty answer. */
  takeCommands(): readonly Command[] {
    const commands = this.#commands ?? NO_COMMANDS;
    this.#commands = null;
    return commands;
  }
}

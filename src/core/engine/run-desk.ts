/** What the parts of a run share while it takes an event in: the time, the live orders, their ids, and the commands that come of it. */
import { ClientOrderIds, type OrderOwner } from '../client-order-id.ts';
import type { Command, ReportFact, WriteReport } from '../commands.ts';
import { isTerminal, type Order } from '../order.ts';
import { append, emptied, OrderIndex } from './order-index.ts';
import type { RunState } from './run-state.ts';

const NO_COMMANDS: readonly Command[] = [];

/**
 * Who gets the commands of a run: `keeper` may keep them, so orders go out as copies; `reader` is done with them before the next step, but for
 * what an order asks for, which never changes: so the engine's own records go out, in one list for all steps.
 */
export type CommandTaker = 'keeper' | 'reader';

/** A report for a reader, who may have heard enough of them. */
class UnwrittenReport implements ReportFact {
  readonly type = 'reportFact';
  readonly fact: ReportFact['fact'];
  readonly #write: WriteReport;

  constructor(fact: ReportFact['fact'], write: WriteReport) {
    this.fact = fact;
    this.#write = write;
  }

  get text() {
    return this.#write().text;
  }
  get data() {
    return this.#write().data;
  }
}

export class RunDesk {
  /** Time of the event in hand, in milliseconds since 1970. */
  at = 0;
  readonly state: RunState;
  readonly orders: OrderIndex<Order>;
  readonly #ids: ClientOrderIds;
  readonly taker: CommandTaker;
  #commands: Command[] = [];
  #given: Command[] = [];

  constructor(state: RunState, owner: OrderOwner, taker: CommandTaker) {
    this.state = state;
    this.taker = taker;
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

  /** The record of an order that went out with its command: to a reader the record itself did. `undefined` once it is over. */
  ownOf(given: Order): Order | undefined {
    if (this.taker === 'keeper') return this.orders.get(given.clientOrderId);
    return isTerminal(given.state) ? undefined : given;
  }

  emit(command: Command): void {
    append(this.#commands, command);
  }

  setTimer(name: string, at: number): void {
    this.state.timers[name] = at;
    this.emit({ type: 'setTimer', name, at });
  }

  clearTimer(name: string): void {
    if (this.state.timers[name] === undefined) return;
    delete this.state.timers[name];
    this.emit({ type: 'clearTimer', name });
  }

  report(fact: ReportFact['fact'], text: string | WriteReport, data: ReportFact['data'] = {}): void {
    if (typeof text === 'string') this.emit({ type: 'reportFact', fact, text, data });
    else this.emit(this.taker === 'keeper' ? { type: 'reportFact', fact, ...text() } : new UnwrittenReport(fact, text));
  }

  /** Commands since the last call. Most events ask for nothing: they share one empty answer. */
  takeCommands(): readonly Command[] {
    if (this.#commands.length === 0) return NO_COMMANDS;
    const commands = this.#commands;
    this.#commands = this.taker === 'keeper' ? [] : emptied(this.#given);
    this.#given = commands;
    return commands;
  }
}

/** What happened in a backtest: counts always, and where a report is wanted every execution, order and payment, with the bar it fell into. */
import type { Command, ReportFact } from '#core/commands.ts';
import { AppError } from '#core/errors.ts';
import type { Event, OrderFilled, QuoteChanged } from '#core/events.ts';
import type { Order } from '#core/order.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { Ledger, LedgerFill, LedgerFunding, LedgerOrder } from '../report/ledger.ts';
import type { StepLog } from './engine-driver.ts';
import { LedgerOrders } from './ledger-orders.ts';

/** Notes of the strategy that are kept; the rest is counted. */
const MAX_NOTES = 100;
/** Orders a run with a ledger may place: beyond it neither memory nor anybody's patience lasts. */
export const MAX_LEDGER_ORDERS = 2_000_000;

export interface RunLedger extends Ledger {
  /** Index of the bar that each fill and each payment happened in; bars before it closed without it. */
  readonly fillBars: readonly number[];
  readonly fundingBars: readonly number[];
  readonly orders: ReadonlyMap<string, LedgerOrder>;
}

export interface RunLogParts {
  readonly keepsTape: boolean;
  readonly keepsLedger: boolean;
  readonly lent: Ledger['lent'];
  /** Bars that are done. */
  readonly barsDone: () => number;
}

export class RunLog implements StepLog {
  readonly orders = { placed: 0, denied: 0, cancelled: 0, rejected: 0, expired: 0 };
  readonly trades = { count: 0, buys: 0, sells: 0 };
  readonly notes: { readonly at: number; readonly text: string }[] = [];
  readonly tape: JournalEntry[] = [];
  notesDropped = 0;
  readonly #parts: RunLogParts;
  readonly #keepsTape: boolean;
  readonly #fills: LedgerFill[] = [];
  readonly #funding: LedgerFunding[] = [];
  readonly #fillBars: number[] = [];
  readonly #fundingBars: number[] = [];
  readonly #orders = new LedgerOrders();
  #bidTicks = 0;
  #askTicks = 0;

  constructor(parts: RunLogParts) {
    this.#parts = parts;
    this.#keepsTape = parts.keepsTape;
  }

  get ledger(): RunLedger | null {
    if (!this.#parts.keepsLedger) return null;
    const orders = this.#orders;
    let byId: RunLedger['orders'] | null = null;
    return {
      fills: this.#fills,
      funding: this.#funding,
      lent: this.#parts.lent,
      fillBars: this.#fillBars,
      fundingBars: this.#fundingBars,
      get orders() {
        return (byId ??= orders.byId());
      },
    };
  }

  /** Whether an order is under way, as far as its ledger tells. */
  knows(clientOrderId: string): boolean {
    return this.#orders.get(clientOrderId) !== undefined;
  }

  /** Throws AppError `backtest_too_large` past {@link MAX_LEDGER_ORDERS}. */
  add(event: Event, commands: readonly Command[]): void {
    this.step(event, commands);
    this.hear(event);
    for (const command of commands) this.take(command, event.at);
  }

  step(event: Event, commands: readonly Command[]): void {
    // Events may be objects used again; the commands are the engine's, which gives them away.
    if (this.#keepsTape) this.tape.push({ sequence: this.tape.length + 1, event: { ...event }, commands });
  }

  /** One event without the commands that it led to. */
  hear(event: Event): void {
    if (event.type === 'quoteChanged') this.quoted(event);
    else if (event.type === 'orderFilled') this.filled(event);
    else this.#count(event);
  }

  quoted({ bidTicks, askTicks }: QuoteChanged): void {
    this.#bidTicks = bidTicks;
    this.#askTicks = askTicks;
  }

  filled(event: OrderFilled): void {
    this.trades.count += 1;
    if (event.fill.side === 'buy') this.trades.buys += 1;
    else this.trades.sells += 1;
    if (this.#parts.keepsLedger) this.#keepFill(event);
  }

  #count(event: Event): void {
    if (event.type === 'orderCancelled') this.orders.cancelled += 1;
    else if (event.type === 'orderRejected') this.orders.rejected += 1;
    else if (event.type === 'orderExpired') this.orders.expired += 1;
    if (this.#parts.keepsLedger) this.#keep(event);
  }

  /** One command of a moment; throws as {@link add} does. */
  take(command: Command, at: number): void {
    if (command.type === 'submitOrder') {
      this.orders.placed += 1;
      if (this.#parts.keepsLedger) this.#open(command.order);
    } else if (command.type === 'denyOrder') {
      this.orders.denied += 1;
      if (this.#parts.keepsLedger) this.#end(this.#open(command.order), command.code, at);
    } else if (command.type === 'reportFact') this.#note(at, command);
  }

  #keepFill({ at, clientOrderId, fill }: OrderFilled): void {
    this.#fills.push({ at, clientOrderId, fill });
    this.#fillBars.push(this.#parts.barsDone());
    const order = this.#orders.get(clientOrderId);
    if (order === undefined) return;
    order.filledLots += fill.sizeLots;
    order.filledAtoms += fill.sizeLots * fill.priceTicks;
    if (order.filledLots >= order.order.sizeLots) this.#end(order, 'filled', at);
  }

  #keep(event: Event): void {
    const { at } = event;
    if (event.type === 'fundingPaid') {
      this.#funding.push({ at, amountAtoms: event.amountAtoms });
      this.#fundingBars.push(this.#parts.barsDone());
    } else if (event.type === 'orderCancelled') this.#end(this.#orders.get(event.clientOrderId), 'cancelled', at);
    else if (event.type === 'orderExpired') this.#end(this.#orders.get(event.clientOrderId), 'expired', at);
    else if (event.type === 'orderRejected') this.#end(this.#orders.get(event.clientOrderId), event.code, at);
  }

  #open(order: Order): LedgerOrder {
    if (this.#orders.size >= MAX_LEDGER_ORDERS)
      throw new AppError('backtest_too_large', `the run placed more than ${MAX_LEDGER_ORDERS} orders; choose a shorter period or settings that trade less`);
    const kept: LedgerOrder = { order, outcome: 'open', endedAt: null, filledLots: 0, filledAtoms: 0, bidTicks: this.#bidTicks, askTicks: this.#askTicks };
    this.#orders.add(kept);
    return kept;
  }

  #end(order: LedgerOrder | undefined, outcome: string, at: number): void {
    if (order !== undefined) this.#orders.end(order, outcome, at);
  }

  #note(at: number, report: ReportFact): void {
    if (this.notes.length < MAX_NOTES) this.notes.push({ at, text: report.text });
    else this.notesDropped += 1;
  }
}

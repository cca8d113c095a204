/**
 * Carries what a simulated venue reports to the engine as events, and the engine's commands back to the venue, each at
 * its time. It knows no history: whoever owns it moves the price and the time.
 */
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed, Event, OrderFilled, QuoteChanged, RuleTurned } from '#core/events.ts';
import type { Matching } from '#core/matching/matching.ts';
import type { LatencyModel } from '#core/matching/models.ts';
import type { OrderQueue } from '#core/matching/queue.ts';
import type { Report } from '#core/matching/reports.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import { Agenda, type VenueRequest } from './agenda.ts';
import type { BarPassed } from './bar-feed.ts';
import type { PerpetualDesk } from './perpetual-desk.ts';
import { overEvent, SimulatedEvents } from './simulated-events.ts';

/** Sees every step as it happens. Events may be used again: who keeps one copies it. */
export interface StepLog {
  /** Comes first, for the tape. */
  step(event: Event, commands: readonly Command[]): void;
  /** What the event was. Of bars, their turns and acceptances nothing is kept, so nobody tells. */
  hear(event: Event): void;
  /** As {@link hear}, by whoever knows: events come in many shapes, and to look which it is costs. */
  quoted(event: QuoteChanged): void;
  filled(event: OrderFilled): void;
  /** One of the commands of a step, which came `at` that time. */
  take(command: Command, at: number): void;
}

export interface EngineDriverParts {
  readonly engine: Engine;
  readonly matching: Matching<Order>;
  readonly latency: LatencyModel;
  /** Where orders stand in their queues; `null` where that does not matter. */
  readonly queue: OrderQueue | null;
  /** What the venue does to a position; `null` for spot. */
  readonly perpetual: PerpetualDesk | null;
  readonly log: StepLog;
  /** Called before a fill changes the holding. */
  readonly beforeFill: () => void;
}

/** Steps of the engine within one bar; more means that a strategy answers itself. */
export const MAX_ACTIONS_PER_BAR = 100_000;

export class EngineDriver {
  readonly agenda = new Agenda();
  /** Time of the simulation in milliseconds since 1970; never set back. */
  now = 0;
  isFinished = false;
  finishReason = '';
  /** Fees paid in a third asset: they lower what was earned but neither holding. */
  otherFeeAtoms = 0;
  readonly #parts: EngineDriverParts;
  readonly #engine: Engine;
  readonly #matching: Matching<Order>;
  readonly #log: StepLog;
  /** One object for all quotes: whoever keeps it copies it. */
  readonly #quote: { -readonly [Key in keyof QuoteChanged]: QuoteChanged[Key] } = { type: 'quoteChanged', at: 0, bidTicks: 0, askTicks: 0 };
  readonly #events = new SimulatedEvents();
  #actions = 0;

  constructor(parts: EngineDriverParts) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.#matching = parts.matching;
    this.#log = parts.log;
  }

  passTimeTo(at: number): void {
    if (at > this.now) this.now = at;
  }

  /** Begins the run at the present price. */
  begin(): void {
    this.syncQuote();
    this.#step({ type: 'runStarted', at: this.now, epoch: 1 });
    this.deliver();
  }

  /** Counts actions anew: a bar begins. */
  beginBar(): void {
    this.#actions = 0;
  }

  /** A strategy that answers every answer at once would never let the bar end. */
  guard(): void {
    this.#actions += 1;
    if (this.#actions > MAX_ACTIONS_PER_BAR)
      throw new Error(`strategy ${this.#engine.setup.strategy.name} acted more than ${MAX_ACTIONS_PER_BAR} times within one bar`);
  }

  /** The price goes before whatever is decided on it. */
  syncQuote(): void {
    const { bidTicks, askTicks } = this.#matching;
    const { state } = this.#engine;
    if (state.bidTicks !== bidTicks || state.askTicks !== askTicks) this.#tellQuote();
  }

  #tellQuote(): void {
    const { bidTicks, askTicks } = this.#matching;
    const quote = this.#quote;
    quote.at = this.now;
    quote.bidTicks = bidTicks;
    quote.askTicks = askTicks;
    const commands = this.#engine.takeQuote(quote);
    this.#log.step(quote, commands);
    this.#log.quoted(quote);
    this.#carryOutAll(commands);
  }

  /** Tells the engine what the venue has reported until nothing is left, its own answers included. */
  deliver(): void {
    do this.#deliverReports();
    while (this.#quoteAgain());
  }

  #deliverReports(): void {
    const { perpetual, queue } = this.#parts;
    for (let reports = this.#matching.takeReports(); reports.length > 0; reports = this.#matching.takeReports()) {
      const isLiquidated = perpetual?.take(reports) ?? false;
      for (const report of reports) {
        if (perpetual?.isOwn(report)) continue;
        if (report.type === 'filled') this.#tellFilled(report.order.request, report.fill);
        else if (report.type === 'accepted') {
          queue?.enter(report.order);
          this.#tellAccepted(report.order.request);
        } else this.#tellOver(report);
      }
      if (perpetual !== null && isLiquidated) this.#liquidate(perpetual);
    }
  }

  /** A rule that has come to wait for a price which is there already: live the next quote would tell it, whether it is another one or not. */
  #quoteAgain(): boolean {
    const { rules } = this.#engine;
    if (rules === null) return false;
    const { bidTicks, askTicks } = this.#matching;
    if (bidTicks <= 0 || !rules.wantsQuote(bidTicks, askTicks, this.now)) return false;
    this.guard();
    this.#tellQuote();
    return true;
  }

  #tellAccepted(order: Order): void {
    this.guard();
    this.syncQuote();
    const event = this.#events.accepted(order.clientOrderId, this.now);
    const commands = this.#engine.takeOrderEvent(event, order);
    this.#log.step(event, commands);
    this.#carryOutAll(commands);
  }

  #tellFilled(order: Order, fill: Fill): void {
    const { beforeFill, perpetual } = this.#parts;
    this.guard();
    beforeFill();
    this.otherFeeAtoms += fill.otherFeeAtoms;
    this.syncQuote();
    const event = this.#events.filled(order.clientOrderId, fill, this.now);
    const commands = this.#engine.takeOrderEvent(event, order);
    this.#log.step(event, commands);
    this.#log.filled(event);
    this.#carryOutAll(commands);
    if (perpetual !== null) this.#followPosition(perpetual);
  }

  /** An order has ended without being filled whole; that a stop was triggered a run does not hear of. */
  #tellOver(report: Exclude<Report<Order>, { readonly type: 'filled' | 'accepted' }>): void {
    if (report.type === 'triggered') return;
    this.guard();
    this.syncQuote();
    this.#step(overEvent(report, this.now));
  }

  #followPosition(perpetual: PerpetualDesk): void {
    perpetual.follow(this.#matching, this.now);
    this.agenda.venueDueAt = perpetual.dueAt;
  }

  #liquidate(perpetual: PerpetualDesk): void {
    const event = perpetual.liquidate(this.#matching, this.now);
    for (const clientOrderId of [...this.#matching.orders.keys()]) this.#matching.cancel(clientOrderId);
    if (event === null) return;
    this.#parts.beforeFill();
    this.syncQuote();
    this.#step(event);
    this.#followPosition(perpetual);
  }

  #settleFunding(perpetual: PerpetualDesk): void {
    const event = perpetual.settle(this.#matching, this.now);
    this.agenda.venueDueAt = perpetual.dueAt;
    if (event === null) return;
    this.#parts.beforeFill();
    this.syncQuote();
    this.#step(event);
    // What was paid is no margin any more.
    this.#followPosition(perpetual);
    this.deliver();
  }

  /** A request that is due reaches the venue, or a timer fires. */
  runDue(): void {
    const { perpetual } = this.#parts;
    if (perpetual !== null && this.agenda.venueDueAt <= this.now) return this.#settleFunding(perpetual);
    const due = this.agenda.take(this.now);
    if (due === null) return;
    if (typeof due === 'string') {
      this.syncQuote();
      this.#step({ type: 'timerFired', at: this.now, name: due });
    } else {
      this.#carryOut(due);
    }
    this.deliver();
  }

  closeBar(bar: BarClosed | RuleTurned | BarPassed): void {
    this.beginBar();
    this.syncQuote();
    if (bar.type !== 'barPassed') {
      const commands = bar.type === 'ruleTurned' ? this.#engine.takeTurn(bar) : this.#engine.step(bar);
      this.#log.step(bar, commands);
      this.#carryOutAll(commands);
    }
    this.deliver();
  }

  #step(event: Event): void {
    const commands = this.#engine.step(event);
    this.#log.step(event, commands);
    this.#log.hear(event);
    this.#carryOutAll(commands);
  }

  /** Those of the step in hand. */
  #carryOutAll(commands: readonly Command[]): void {
    for (const command of commands) {
      this.#log.take(command, this.#engine.at);
      this.#take(command);
    }
  }

  #take(command: Command): void {
    switch (command.type) {
      case 'submitOrder':
      case 'cancelOrder':
        return this.#send(command);
      case 'setTimer':
        return this.agenda.setTimer(command.name, command.at);
      case 'clearTimer':
        return this.agenda.clearTimer(command.name);
      case 'finishRun':
        this.isFinished = true;
        this.finishReason = command.reason;
        return;
      default:
        return;
    }
  }

  #send(request: VenueRequest): void {
    const latencyMs = this.#parts.latency(request.type === 'submitOrder' ? 'place' : 'cancel');
    if (latencyMs <= 0) this.#carryOut(request);
    else this.agenda.addRequest(request, this.now + latencyMs);
  }

  #carryOut(request: VenueRequest): void {
    if (request.type === 'submitOrder') this.#matching.submit(request.order, request.order.clientOrderId);
    else this.#matching.cancel(request.clientOrderId);
  }
}

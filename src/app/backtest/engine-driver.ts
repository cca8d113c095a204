/**
 * Carries what a simulated venue reports to the engine as events, and the engine's commands back to the venue, each at
 * its time. It knows no history: whoever owns it moves the price and the time.
 */
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed, Event, QuoteChanged, RuleTurned } from '#core/events.ts';
import type { Matching } from '#core/matching/matching.ts';
import type { LatencyModel } from '#core/matching/models.ts';
import type { OrderQueue } from '#core/matching/queue.ts';
import { Agenda, type VenueRequest } from './agenda.ts';
import type { BarPassed } from './bar-feed.ts';
import type { PerpetualDesk } from './perpetual-desk.ts';
import { SimulatedEvents } from './simulated-events.ts';

export interface EngineDriverParts {
  readonly engine: Engine;
  readonly matching: Matching;
  readonly latency: LatencyModel;
  /** Where orders stand in their queues; `null` where that does not matter. */
  readonly queue: OrderQueue | null;
  /** What the venue does to a position; `null` for spot. */
  readonly perpetual: PerpetualDesk | null;
  /** Sees every step as it happens, such as to record the tape. The event may be used again: copy it. */
  readonly onStep: (event: Event, commands: readonly Command[]) => void;
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
  readonly #matching: Matching;
  /** One object for all quotes: whoever keeps it copies it. */
  readonly #quote: { -readonly [Key in keyof QuoteChanged]: QuoteChanged[Key] } = { type: 'quoteChanged', at: 0, bidTicks: 0, askTicks: 0 };
  readonly #events = new SimulatedEvents();
  #actions = 0;

  constructor(parts: EngineDriverParts) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.#matching = parts.matching;
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
    this.#carryOutAll(quote, this.#engine.takeQuote(quote));
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
        if (queue !== null && report.type === 'accepted') queue.enter(report.order);
        const event = this.#events.of(report, this.now);
        if (event === null) continue;
        this.guard();
        if (event.type === 'orderFilled') {
          this.#parts.beforeFill();
          this.otherFeeAtoms += event.fill.otherFeeAtoms;
        }
        this.syncQuote();
        this.#carryOutAll(event, this.#engine.takeOrderEvent(event));
        if (perpetual !== null && event.type === 'orderFilled') this.#followPosition(perpetual);
      }
      if (perpetual !== null && isLiquidated) this.#liquidate(perpetual);
    }
  }

  /** A rule that has come to wait for a price which is there already: live the next quote would tell it, whether it is another one or not. */
  #quoteAgain(): boolean {
    const { bidTicks, askTicks } = this.#matching;
    if (bidTicks <= 0 || this.#engine.rules?.wantsQuote(bidTicks, askTicks, this.now) !== true) return false;
    this.guard();
    this.#tellQuote();
    return true;
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
    if (bar.type === 'ruleTurned') this.#carryOutAll(bar, this.#engine.takeTurn(bar));
    else if (bar.type === 'barClosed') this.#step(bar);
    this.deliver();
  }

  #step(event: Event): void {
    this.#carryOutAll(event, this.#engine.step(event));
  }

  #carryOutAll(event: Event, commands: readonly Command[]): void {
    this.#parts.onStep(event, commands);
    for (const command of commands) this.#take(command);
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

/**
 * Drives a run over several instruments against the simulated exchange: what the exchange reports goes to the engine as events, and
 * the engine's commands to the exchange, at once. It knows no history: whoever owns it moves prices and time.
 */
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event, QuoteChanged } from '#core/events.ts';
import type { Leg } from '#core/legs/leg.ts';
import type { LegQuote } from '#core/legs/legs.ts';
import { decimal } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import type { SimulatedExchange, SimulatedFunding } from '#core/simulated-exchange.ts';
import type { ExchangeMail, ExchangeNews } from './exchange-news.ts';

/** The one account of the simulated exchange. */
export const DRIVEN_ACCOUNT = 'run';
/** Events of the engine's own making within one moment; more means that a strategy answers itself. */
export const MAX_EVENTS_PER_MOMENT = 20_000;

export interface ExchangeDriverParts {
  readonly engine: Engine;
  readonly exchange: SimulatedExchange;
  /** What hears of it. */
  readonly mail: ExchangeMail;
  /** Sees every step as it happens. The event may be used again: copy it. */
  readonly onStep: (event: Event, commands: readonly Command[]) => void;
}

type QuoteRecord = { -readonly [Key in keyof QuoteChanged]: QuoteChanged[Key] };

export class ExchangeDriver {
  engine: Engine;
  readonly exchange: SimulatedExchange;
  /** Milliseconds since 1970; never set back. */
  now = 0;
  finishReason: string | null = null;
  readonly #mail: ExchangeMail;
  readonly #onStep: ExchangeDriverParts['onStep'];
  /** Prices at the exchange, in the sequence of the legs. */
  readonly #quotes: readonly LegQuote[];
  /** One object for all quotes of a leg, and one for those that others follow: whoever keeps them copies them. */
  readonly #lastQuotes: readonly QuoteRecord[];
  readonly #quotesWithMore: readonly QuoteRecord[];
  /** In the sequence in which their names were set first; there are few. */
  readonly #timers: { readonly name: string; at: number }[] = [];
  #nextTimerAt = Number.POSITIVE_INFINITY;
  #eventsNow = 0;

  constructor({ engine, exchange, mail, onStep }: ExchangeDriverParts) {
    this.engine = engine;
    this.exchange = exchange;
    this.#mail = mail;
    this.#onStep = onStep;
    this.#quotes = engine.legs.all.map(({ symbol }) => exchange.movingQuote(symbol));
    this.#lastQuotes = engine.legs.all.map(({ mark }) => ({ type: 'quoteChanged', at: 0, bidTicks: 0, askTicks: 0, ...mark }));
    this.#quotesWithMore = this.#lastQuotes.map((quote) => ({ ...quote, hasMore: true }));
  }

  /** When the next timer fires; infinity where none is set. */
  get nextTimerAt(): number {
    return this.#nextTimerAt;
  }

  /** Lets time go by; due timers fire on the way. */
  passTo(at: number): void {
    while (this.#nextTimerAt <= at) {
      const dueAt = this.#nextTimerAt;
      const name = this.#takeTimer(dueAt);
      this.#moveTo(dueAt);
      this.tell({ type: 'timerFired', at: this.now, name });
    }
    this.#moveTo(at);
  }

  /** Tells the engine every price that has changed, as of one moment, and then what they have led to. */
  sync(): void {
    const { all } = this.engine.legs;
    let last = all.length - 1;
    while (last >= 0 && !this.#isChanged(last)) last -= 1;
    for (let index = 0; index <= last; index += 1) if (this.#isChanged(index)) this.#tellQuote(index, index < last);
    this.deliver();
  }

  tell(event: Event): void {
    this.step(event);
    this.deliver();
  }

  /** Passes on what the exchange has done until nothing is left, its answers to the engine's own orders included. */
  deliver(): void {
    do this.#deliverNews();
    while (this.#quoteAgain());
  }

  #deliverNews(): void {
    for (let news = this.#mail.take(); news.length > 0; news = this.#mail.take()) for (const each of news) this.#hear(each);
  }

  /** A rule that has come to wait for a price which is there already: live the next quote would tell it, whether it is another one or not. */
  #quoteAgain(): boolean {
    const { rules, legs } = this.engine;
    if (rules === null) return false;
    const { symbol, mark } = legs.first;
    const quote = this.exchange.quote(symbol);
    if (quote.bidTicks <= 0 || !rules.wantsQuote(quote.bidTicks, quote.askTicks, this.now)) return false;
    this.step({ type: 'quoteChanged', at: this.now, ...quote, ...mark });
    return true;
  }

  step(event: Event): void {
    this.#guard();
    this.#carryOut(event, this.engine.step(event));
  }

  #guard(): void {
    this.#eventsNow += 1;
    if (this.#eventsNow > MAX_EVENTS_PER_MOMENT) throw new Error(`strategy ${this.engine.setup.strategy.name} acts without end at ${this.now}`);
  }

  #carryOut(event: Event, commands: readonly Command[]): void {
    this.#onStep(event, commands);
    // A refusal is told at once, and the engine may use its list of commands again then.
    for (const command of commands.length > 1 ? [...commands] : commands) this.#take(command);
  }

  #isChanged(index: number): boolean {
    const { state } = this.engine.legs.all[index] as Leg;
    const { bidTicks, askTicks } = this.#quotes[index] as LegQuote;
    return bidTicks !== state.bidTicks || askTicks !== state.askTicks;
  }

  #tellQuote(index: number, hasMore: boolean): void {
    const { bidTicks, askTicks } = this.#quotes[index] as LegQuote;
    const quote = (hasMore ? this.#quotesWithMore : this.#lastQuotes)[index] as QuoteRecord;
    quote.at = this.now;
    quote.bidTicks = bidTicks;
    quote.askTicks = askTicks;
    this.#guard();
    this.#carryOut(quote, this.engine.takeQuote(quote));
  }

  protected place(order: Order): void {
    const { clientOrderId } = order;
    const { symbol } = this.engine.legs.ofOrder(order);
    const refusal = this.exchange.placeRequest(DRIVEN_ACCOUNT, symbol, clientOrderId, order, this.now);
    if (refusal !== null) this.report({ type: 'orderRejected', at: this.now, clientOrderId, code: refusal, message: 'refused by the simulated exchange' });
  }

  /** Word of an order. */
  protected report(event: Event & { readonly clientOrderId: string }): void {
    this.step(event);
  }

  #moveTo(at: number): void {
    if (at <= this.now) return;
    this.now = at;
    this.#eventsNow = 0;
  }

  /** The oldest of those that are due then. */
  #takeTimer(dueAt: number): string {
    for (const { name, at } of this.#timers) {
      if (at !== dueAt) continue;
      this.#clearTimer(name);
      return name;
    }
    throw new Error(`no timer is due at ${dueAt}`);
  }

  /** A second timer of a name takes the place of the first. */
  #setTimer(name: string, at: number): void {
    const known = this.#timers[this.#placeOf(name)];
    if (known === undefined) this.#timers.push({ name, at });
    else known.at = at;
    this.#findNextTimer();
  }

  #clearTimer(name: string): void {
    const place = this.#placeOf(name);
    if (place === this.#timers.length) return;
    this.#timers.splice(place, 1);
    this.#findNextTimer();
  }

  /** Behind the last for a name that is not there. */
  #placeOf(name: string): number {
    let place = 0;
    while (place < this.#timers.length && this.#timers[place]?.name !== name) place += 1;
    return place;
  }

  #findNextTimer(): void {
    this.#nextTimerAt = Number.POSITIVE_INFINITY;
    for (const { at } of this.#timers) if (at < this.#nextTimerAt) this.#nextTimerAt = at;
  }

  #take(command: Command): void {
    switch (command.type) {
      case 'submitOrder':
        return this.place(command.order);
      case 'cancelOrder':
        this.exchange.cancel(DRIVEN_ACCOUNT, this.engine.legs.of(command.leg).symbol, { clientOrderId: command.clientOrderId }, this.now);
        return;
      case 'setTimer':
        return this.#setTimer(command.name, command.at);
      case 'clearTimer':
        return this.#clearTimer(command.name);
      case 'finishRun':
        this.finishReason = command.reason;
        return;
      default:
        return;
    }
  }

  #hear(news: ExchangeNews): void {
    if (news.type === 'funding') return this.#hearFunding(news.funding);
    const { clientOrderId, venueOrderId, symbol } = news.order;
    const at = this.now;
    if (news.type === 'filled') return this.report({ type: 'orderFilled', at, clientOrderId, fill: news.fill, ...this.#markOf(symbol) });
    if (news.type === 'accepted') return this.report({ type: 'orderAccepted', at, clientOrderId, venueOrderId });
    this.report({ type: news.type === 'cancelled' ? 'orderCancelled' : 'orderExpired', at, clientOrderId });
  }

  /** What is paid is rounded up and what is received down. */
  #hearFunding({ symbol, paymentId, amount }: SimulatedFunding): void {
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) return;
    const paid = decimal(amount);
    const atoms = scale.atoms(paid.abs(), paid.isNegative() ? 'up' : 'down');
    this.step({ type: 'fundingPaid', at: this.now, paymentId, amountAtoms: paid.isNegative() ? -atoms : atoms, ...this.#markOf(symbol) });
  }

  #markOf(symbol: string): { readonly leg?: string } {
    return this.engine.legs.ofSymbol(symbol)?.mark ?? {};
  }
}

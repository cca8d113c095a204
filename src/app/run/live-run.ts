/**
 * One run in paper or live mode: a mailbox consumed strictly one event at a time, the engine, the commit that makes
 * each batch of steps durable, and only then the commands going out. Any failure in between ends this object; the
 * supervisor makes a new one from the store, so every recovery is the same start.
 */

import type { DesiredState } from '#core/bot-states.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events.ts';
import { isPerpetualSymbol } from '#core/instrument.ts';
import type { Leg } from '#core/legs/leg.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import { Decimal, plain } from '#core/money.ts';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { Ids } from '#core/ports.ts';
import { floatingAtoms } from '#core/position.ts';
import type { StoredCommand } from '#core/store/commands.ts';
import { NO_TRACING, type SpanAttributes, type Tracing } from '#core/tracing.ts';
import type { Quote, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { bookedOrderOf, type OrderHolder, type TrackedOrder } from '../desk/order-holder.ts';
import { NewestQuotes } from '../legs/newest-quotes.ts';
import { barOf } from '../market/candle-bars.ts';
import type { OwnRun } from '../own-strategies/own-run.ts';
import { CommitDraft } from './commit-draft.ts';
import { EarlyBars } from './early-bars.ts';
import { type Mail, RunBooks, type RunBooksParts } from './run-books.ts';

/** Steps that share one commit at most. */
export const MAX_BATCH = 64;
/** While a run parks, this is how often it is looked at. */
const PARK_LOOK_MS = 20;

export type RunEnd = { readonly kind: 'finished' } | { readonly kind: 'failed'; readonly error: unknown };

export interface LiveRunParts extends Omit<RunBooksParts, 'quotes'> {
  readonly ids: Ids;
  readonly onEnd: (end: RunEnd) => void;
}

export class LiveRun implements OrderHolder {
  readonly symbols: ReadonlySet<string>;
  readonly #parts: LiveRunParts;
  readonly #metrics: Metrics;
  readonly #tracing: Tracing;
  readonly #engine: Engine;
  readonly #own: OwnRun | null;
  readonly #quotes: NewestQuotes;
  readonly #mail: Mail[] = [];
  readonly #books: RunBooks;
  readonly #early: EarlyBars;
  readonly #names: SpanAttributes;
  /** Commands of the user on their way to the engine, or through it. */
  readonly #commandsTold = new Set<string>();
  #isWorking = false;
  #isOver = false;
  #isParking = false;

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.#tracing = parts.tracing ?? NO_TRACING;
    this.#engine = parts.engine;
    this.#own = parts.own ?? null;
    this.#quotes = new NewestQuotes(parts.engine);
    this.#books = new RunBooks(
      { ...parts, quotes: this.#quotes },
      {
        holder: this,
        post: (mail) => this.#post(mail),
        onFinished: () => {
          this.drop();
          parts.onEnd({ kind: 'finished' });
        },
      },
    );
    this.#early = new EarlyBars(parts.engine, () => this.#books.stamp());
    this.#names = { run_id: parts.identity.runId, bot_id: parts.identity.bot.id };
    this.symbols = new Set(parts.engine.legs.all.map(({ symbol }) => symbol));
  }

  get runId(): string {
    return this.#parts.identity.runId;
  }

  /** Begins or takes over: the first events tell the price of each instrument, where it is known, and the owner's epoch, and put in doubt what may have been sent. */
  start(...quotes: readonly (Quote | null)[]): void {
    for (const [index, leg] of this.#engine.legs.all.entries()) {
      const quote = quotes[index] ?? null;
      if (quote !== null) this.#quotes.take(leg, quote);
    }
    const at = this.#books.stamp();
    this.#post({ kind: 'event', event: { type: 'runStarted', at, epoch: this.#parts.held.lease.epoch } });
    for (const order of this.#engine.orders.values()) {
      // A cancel may have overtaken its order in a crash, so what was never accepted is in doubt in either state.
      const wasSent = order.state === 'submitting' || (order.state === 'cancelling' && ![...this.#books.venueIds.values()].includes(order.clientOrderId));
      if (wasSent) this.#post({ kind: 'event', event: { type: 'orderUnknown', at, clientOrderId: order.clientOrderId } });
    }
  }

  /** What the user wants now; repeating it changes nothing. */
  want(desired: DesiredState): void {
    const { phase, liquidation } = this.#engine.state;
    const at = this.#books.stamp();
    const isEnding = phase === 'stopping' || phase === 'liquidating' || phase === 'finished';
    if (desired === 'paused' && phase === 'running') this.#post({ kind: 'event', event: { type: 'pauseRequested', at } });
    else if (desired === 'running' && phase === 'paused') this.#post({ kind: 'event', event: { type: 'resumeRequested', at } });
    else if (desired === 'stopped' && !isEnding)
      this.#post({ kind: 'event', event: { type: 'stopRequested', at, liquidation: 'keep', reason: 'stopped by the user' } });
    else if (desired === 'panicked' && !(isEnding && liquidation === 'toQuote'))
      this.#post({ kind: 'event', event: { type: 'stopRequested', at, liquidation: 'toQuote', reason: 'panic: cancelled and sold by the user' } });
  }

  /** Takes every order off the book and lets none pass, or lets trading go on. */
  halt(isHalted: boolean): void {
    const tradingState = isHalted ? 'halted' : 'active';
    if (this.#engine.state.tradingState !== tradingState)
      this.#post({ kind: 'event', event: { type: 'tradingStateChanged', at: this.#books.stamp(), tradingState } });
  }

  /** The user wants this order off the book; repeating it changes nothing. */
  cancelOrder(clientOrderId: string): void {
    if (this.#engine.orders.get(clientOrderId)?.cancelRequested !== false) return;
    this.#post({ kind: 'event', event: { type: 'cancelRequested', at: this.#books.stamp(), clientOrderId } });
  }

  /** The user tells the strategy to do something; repeating it changes nothing. */
  command({ commandId, name, params }: StoredCommand): void {
    if (this.#commandsTold.has(commandId) || this.#engine.state.commandIds?.includes(commandId) === true) return;
    this.#commandsTold.add(commandId);
    this.#post({ kind: 'event', event: { type: 'userCommand', at: this.#books.stamp(), commandId, name, params } });
  }

  /** Keeps the newest quote; `true` when it took the place of one that the run would have acted on. */
  onQuote(quote: Quote, leg: Leg = this.#engine.legs.first): boolean {
    if (this.#isOver || this.#isParking) return false;
    const isReplaced = this.#isWorking && this.#quotes.areWanted();
    if (!this.#quotes.take(leg, quote)) return false;
    if (this.#quotes.areWanted()) void this.#work();
    return isReplaced;
  }

  /** A bar that has closed, in the integers in which a backtest would tell the same; one that is known already is left out. */
  onBar(candle: Candle, interval: CandleInterval, { isHistory, leg }: { readonly isHistory: boolean; readonly leg: Leg }): void {
    const newest = leg.state.newestBars?.find(({ intervalMs }) => intervalMs === CANDLE_INTERVALS[interval]);
    if (newest !== undefined && candle.startAt < newest.closedAt) return;
    try {
      const bar = barOf(candle, interval, leg.terms.scale.instrument, this.#books.stamp());
      this.#post({ kind: 'event', event: { ...bar, ...(isHistory ? { isHistory } : {}), ...leg.mark } });
    } catch (error) {
      this.#parts.log.warn({ err: error, candle }, 'a bar cannot be told in the increments of the instrument; it is left out');
    }
  }

  alive(): readonly TrackedOrder[] {
    return [...this.#engine.orders.values()].map((order) => ({
      clientOrderId: order.clientOrderId,
      symbol: this.#engine.legs.ofOrder(order).symbol,
      state: order.state,
      deadlineAt: this.#books.deadlines.get(order.clientOrderId) ?? null,
    }));
  }

  onReport(report: VenueOrder): void {
    this.#post({ kind: 'report', report });
  }

  knowsTrade(symbol: string, tradeId: string): boolean {
    return this.#books.reader.isKnownTrade({ symbol, tradeId });
  }

  onFill(fill: VenueFill, clientOrderId: string): void {
    if (!this.#books.reader.isKnownTrade(fill)) this.#post({ kind: 'fill', fill, clientOrderId });
  }

  onAbsent(clientOrderId: string): void {
    this.#post({ kind: 'absent', clientOrderId });
  }

  /** A settlement of the position; told again it changes nothing. */
  onFunding(payment: FundingPayment): void {
    this.#post({ kind: 'funding', payment });
  }

  /** Base held in an instrument of the run, signed. */
  positionSize(symbol: string): string {
    const { terms, state } = this.#engine.legs.ofSymbol(symbol) ?? this.#engine.legs.first;
    return terms.scale.base(state.position.baseGrains);
  }

  /** An instrument of the run cannot be traded any more, or can again; told again it changes nothing. */
  onMarket(leg: Leg, isOpen: boolean, reason: string): void {
    if (leg.isOpen !== isOpen) this.#post({ kind: 'event', event: { type: 'marketChanged', at: this.#books.stamp(), isOpen, reason, ...leg.mark } });
  }

  async clientOrderIdOf(fill: VenueFill): Promise<string | null> {
    if (fill.isLiquidation === true)
      return isPerpetualSymbol(fill.symbol) && this.symbols.has(fill.symbol)
        ? `liquidation:${this.#parts.identity.bot.accountId}:${fill.symbol}:${fill.tradeId}`
        : null;
    const known = fill.clientOrderId ?? this.#books.venueIds.get(fill.venueOrderId);
    if (known !== undefined && this.#engine.orders.has(known)) return known;
    const order = await bookedOrderOf(this.#parts.store, this.#parts.identity.bot.accountId, fill);
    return order === null || order.runId !== this.runId ? null : order.clientOrderId;
  }

  /** Profit of all instruments since the start of the run at their newest prices, as decimals for a chart, and the first one's price. */
  equity(): { readonly profit: string; readonly price: string } | null {
    const { all, first } = this.#engine.legs;
    if (all.some((leg) => this.#quotes.of(leg).bidTicks <= 0)) return null;
    const profits = all.map((leg) => {
      const { position } = leg.state;
      return leg.terms.scale.quote(position.realisedAtoms + floatingAtoms(position, this.#quotes.of(leg).bidTicks));
    });
    return { profit: plain(Decimal.sum(...profits)), price: first.terms.scale.price(this.#quotes.of(first).bidTicks) };
  }

  /**
   * Stops between two events with nothing on its way: no more news is taken, only answers to orders that were sent. Whatever
   * is left after `patienceMs`, and all news, is found by the next owner.
   */
  async park(patienceMs: number): Promise<void> {
    const { clock } = this.#parts;
    const endsAt = clock.now() + patienceMs;
    this.#isParking = true;
    this.#mail.splice(0, this.#mail.length, ...this.#mail.filter(isAnswer));
    const isBusy = (): boolean => this.#isWorking || [...this.#engine.orders.values()].some((order) => order.state === 'submitting');
    while (!this.#isOver && isBusy() && clock.now() < endsAt) await new Promise<void>((resolve) => clock.after(PARK_LOOK_MS, resolve));
    this.drop();
  }

  /** Stops working without touching orders: another owner or a later start goes on from the store. */
  drop(): void {
    this.#isOver = true;
    this.#own?.close();
    this.#books.close();
  }

  #post(mail: Mail): void {
    if (this.#isOver || (this.#isParking && !isAnswer(mail))) return;
    this.#mail.push(mail);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      // Whoever posts in the same turn shares the commit.
      await Promise.resolve();
      while (!this.#isOver && (this.#mail.length > 0 || (!this.#isParking && this.#quotes.areWanted())))
        await this.#tracing.span('run.step', this.#names, () => this.#workBatch());
    } catch (error) {
      this.drop();
      this.#parts.onEnd({ kind: 'failed', error });
    } finally {
      this.#isWorking = false;
    }
  }

  async #workBatch(): Promise<void> {
    const decidedAt = this.#metrics.now();
    const draft = new CommitDraft(this.#parts.identity, () => this.#parts.ids.next());
    await this.#stepHalts(draft);
    if (this.#quotes.areWanted()) await this.#books.stepQuotes(draft);
    // Who has to ask elsewhere takes one at a time, so that a halt never waits behind many answers.
    for (const mail of this.#mail.splice(0, this.#own === null ? MAX_BATCH : 1)) if (!this.#early.takes(mail)) await this.#books.stepMail(mail, draft);
    this.#mail.unshift(...this.#early.release());
    if (draft.entries.length === 0 || (this.#own !== null && this.#isOver)) return;
    const window = await this.#books.makeDurable(draft);
    if (this.#isOver) return;
    this.#books.carryOut(draft, { ...window, decidedAt });
  }

  /** A halt goes in front of everything: what would be decided before it in the same commit is refused with all of it, time and again. */
  async #stepHalts(draft: CommitDraft): Promise<void> {
    const halts = this.#mail.filter(isHalt);
    if (halts.length === 0) return;
    const at = this.#mail.reduce((least, mail) => (mail.kind === 'event' ? Math.min(least, mail.event.at) : least), Number.POSITIVE_INFINITY);
    for (const mail of halts) {
      this.#mail.splice(this.#mail.indexOf(mail), 1);
      await this.#books.step({ ...mail.event, at }, draft);
    }
  }
}

/** Whether it ends the sending of an order. */
function isAnswer(mail: Mail): boolean {
  return mail.kind === 'event' && ANSWERS.has(mail.event.type);
}

const ANSWERS: ReadonlySet<string> = new Set(['orderAccepted', 'orderRejected', 'orderUnknown'] satisfies Event['type'][]);

function isHalt(mail: Mail): mail is { readonly kind: 'event'; readonly event: Event } {
  return mail.kind === 'event' && mail.event.type === 'tradingStateChanged' && mail.event.tradingState === 'halted';
}

/**
 * One run in paper or live mode: a mailbox consumed strictly one event at a time, the engine, the commit that makes
 * each batch of steps durable, and only then the commands going out. Any failure in between ends this object; the
 * supervisor makes a new one from the store, so every recovery is the same start.
 */
import type { StoredCommand } from '#core/command-store.ts';
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine.ts';
import { AppError } from '#core/errors.ts';
import type { Event, OrderEvent } from '#core/events.ts';
import { isPerpetualSymbol } from '#core/instrument.ts';
import type { Leg } from '#core/legs/leg.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { countOutcomes, type Metrics, NO_METRICS } from '#core/metrics.ts';
import { Decimal, plain } from '#core/money.ts';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { Clock, Ids, Log, Quote, VenueFill, VenueOrder } from '#core/ports.ts';
import { floatingAtoms } from '#core/position.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type { Commit, DesiredState, OrderRecord, Store } from '#core/store.ts';
import { NO_TRACING, type SpanAttributes, type Tracing } from '#core/tracing.ts';
import { barOf } from './candle-bars.ts';
import { CommitDraft, type RunIdentity, statusOf, toOutbound } from './commit-draft.ts';
import type { HeldLease } from './lease-keeper.ts';
import { NewestQuotes } from './legs/newest-quotes.ts';
import type { OrderDesk } from './order-desk.ts';
import { bookedOrderOf, type OrderHolder, type TrackedOrder } from './order-holder.ts';
import type { OwnRun } from './own-strategies/own-run.ts';
import { RunTimers } from './run-timers.ts';
import { type VenueMail, VenueMailReader } from './venue-mail.ts';

/** Steps that share one commit at most. */
export const MAX_BATCH = 64;
/** While a run parks, this is how often it is looked at. */
const PARK_LOOK_MS = 20;
/** Time the lease must outlast the venue's receive window. */
const LEASE_MARGIN_MS = 1_000;

type Mail = { readonly kind: 'event'; readonly event: Event } | VenueMail;

export type RunEnd = { readonly kind: 'finished' } | { readonly kind: 'failed'; readonly error: unknown };

export interface LiveRunParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  readonly identity: RunIdentity;
  readonly engine: Engine;
  /** The other end of a strategy that lives in a sandbox. */
  readonly own?: OwnRun | null;
  readonly held: HeldLease;
  readonly desk: OrderDesk;
  /** Number of the last journalled event. */
  readonly sequence: number;
  /** Orders of the run that are not over, as stored. */
  readonly orders: readonly OrderRecord[];
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
  readonly #reader: VenueMailReader;
  readonly #deadlines = new Map<string, number>();
  readonly #venueIds = new Map<string, string>();
  readonly #timers: RunTimers;
  readonly #names: SpanAttributes;
  /** Commands of the user on their way to the engine, or through it. */
  readonly #commandsTold = new Set<string>();
  #sequence: number;
  #lastAt = 0;
  #isWorking = false;
  #isOver = false;
  #isParking = false;
  #lastStatus = '';

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.#tracing = parts.tracing ?? NO_TRACING;
    this.#engine = parts.engine;
    this.#own = parts.own ?? null;
    this.#quotes = new NewestQuotes(parts.engine);
    this.#reader = new VenueMailReader(parts.engine, parts.orders);
    this.#timers = new RunTimers(parts.clock, (name) => this.#post({ kind: 'event', event: { type: 'timerFired', at: this.#stamp(), name } }));
    this.#names = { run_id: parts.identity.runId, bot_id: parts.identity.bot.id };
    this.#sequence = parts.sequence;
    this.symbols = new Set(parts.engine.legs.all.map(({ symbol }) => symbol));
    for (const order of parts.orders) {
      if (order.deadlineAt !== null) this.#deadlines.set(order.clientOrderId, order.deadlineAt);
      if (order.venueOrderId !== null) this.#venueIds.set(order.venueOrderId, order.clientOrderId);
    }
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
    const at = this.#stamp();
    this.#post({ kind: 'event', event: { type: 'runStarted', at, epoch: this.#parts.held.lease.epoch } });
    for (const order of this.#engine.orders.values()) {
      // A cancel may have overtaken its order in a crash, so what was never accepted is in doubt in either state.
      const wasSent = order.state === 'submitting' || (order.state === 'cancelling' && ![...this.#venueIds.values()].includes(order.clientOrderId));
      if (wasSent) this.#post({ kind: 'event', event: { type: 'orderUnknown', at, clientOrderId: order.clientOrderId } });
    }
  }

  /** What the user wants now; repeating it changes nothing. */
  want(desired: DesiredState): void {
    const { phase, liquidation } = this.#engine.state;
    const at = this.#stamp();
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
      this.#post({ kind: 'event', event: { type: 'tradingStateChanged', at: this.#stamp(), tradingState } });
  }

  /** The user wants this order off the book; repeating it changes nothing. */
  cancelOrder(clientOrderId: string): void {
    if (this.#engine.orders.get(clientOrderId)?.cancelRequested !== false) return;
    this.#post({ kind: 'event', event: { type: 'cancelRequested', at: this.#stamp(), clientOrderId } });
  }

  /** The user tells the strategy to do something; repeating it changes nothing. */
  command({ commandId, name, params }: StoredCommand): void {
    if (this.#commandsTold.has(commandId) || this.#engine.state.commandIds?.includes(commandId) === true) return;
    this.#commandsTold.add(commandId);
    this.#post({ kind: 'event', event: { type: 'userCommand', at: this.#stamp(), commandId, name, params } });
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
  onBar(candle: Candle, interval: CandleInterval, isHistory: boolean): void {
    const newest = this.#engine.state.newestBars?.find(({ intervalMs }) => intervalMs === CANDLE_INTERVALS[interval]);
    if (newest !== undefined && candle.startAt < newest.closedAt) return;
    try {
      const bar = barOf(candle, interval, this.#parts.identity.scale.instrument, this.#stamp());
      this.#post({ kind: 'event', event: isHistory ? { ...bar, isHistory } : bar });
    } catch (error) {
      this.#parts.log.warn({ err: error, candle }, 'a bar cannot be told in the increments of the instrument; it is left out');
    }
  }

  alive(): readonly TrackedOrder[] {
    return [...this.#engine.orders.values()].map((order) => ({
      clientOrderId: order.clientOrderId,
      symbol: this.#engine.legs.ofOrder(order).symbol,
      state: order.state,
      deadlineAt: this.#deadlines.get(order.clientOrderId) ?? null,
    }));
  }

  onReport(report: VenueOrder): void {
    this.#post({ kind: 'report', report });
  }

  knowsTrade(symbol: string, tradeId: string): boolean {
    return this.#reader.isKnownTrade({ symbol, tradeId });
  }

  onFill(fill: VenueFill, clientOrderId: string): void {
    if (!this.#reader.isKnownTrade(fill)) this.#post({ kind: 'fill', fill, clientOrderId });
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
    if (leg.isOpen !== isOpen) this.#post({ kind: 'event', event: { type: 'marketChanged', at: this.#stamp(), isOpen, reason, ...leg.mark } });
  }

  async clientOrderIdOf(fill: VenueFill): Promise<string | null> {
    if (fill.isLiquidation === true)
      return isPerpetualSymbol(fill.symbol) && this.symbols.has(fill.symbol)
        ? `liquidation:${this.#parts.identity.bot.accountId}:${fill.symbol}:${fill.tradeId}`
        : null;
    const known = fill.clientOrderId ?? this.#venueIds.get(fill.venueOrderId);
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
    this.#timers.clearAll();
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
    if (this.#quotes.areWanted()) await this.#stepQuotes(draft);
    // Who has to ask elsewhere takes one at a time, so that a halt never waits behind many answers.
    for (const mail of this.#mail.splice(0, this.#own === null ? MAX_BATCH : 1)) await this.#stepMail(mail, draft);
    if (draft.entries.length === 0 || (this.#own !== null && this.#isOver)) return;
    const window = await this.#makeDurable(draft);
    if (this.#isOver) return;
    this.#carryOut(draft, { ...window, decidedAt });
  }

  /** A halt goes in front of everything: what would be decided before it in the same commit is refused with all of it, time and again. */
  async #stepHalts(draft: CommitDraft): Promise<void> {
    const halts = this.#mail.filter(isHalt);
    if (halts.length === 0) return;
    const at = this.#mail.reduce((least, mail) => (mail.kind === 'event' ? Math.min(least, mail.event.at) : least), Number.POSITIVE_INFINITY);
    for (const mail of halts) {
      this.#mail.splice(this.#mail.indexOf(mail), 1);
      await this.#step({ ...mail.event, at }, draft);
    }
  }

  /** The newest price goes in front of whatever is decided on it, and of nothing else: the tape holds all that mattered. */
  async #stepQuotes(draft: CommitDraft): Promise<void> {
    for (const event of this.#quotes.untold(this.#stamp())) await this.#step(event, draft);
  }

  /** A strategy of the product answers within the step; one of a user's own is asked before it, and stopped when it fails. */
  async #step(event: Event, draft: CommitDraft): Promise<void> {
    const own = this.#own;
    if (own === null) {
      this.#stepNow(event, draft);
      return;
    }
    const hadFailed = own.failure !== null;
    await own.prepare(event);
    own.settle(this.#stepNow(event, draft), this.#engine.state);
    if (own.failure === null || hadFailed) return;
    const reason = failureText(own.failure);
    this.#parts.log.warn({ failure: own.failure }, 'a strategy of a user was stopped');
    draft.addFact(`${this.runId}:${this.#sequence}`, 'bot_error', event.at, { reason });
    this.#stepNow({ type: 'stopRequested', at: event.at, liquidation: 'keep', reason }, draft);
  }

  #stepNow(event: Event, draft: CommitDraft): readonly Command[] {
    const order = 'clientOrderId' in event ? this.#engine.orders.get(event.clientOrderId) : undefined;
    const before = order?.state;
    const commands = this.#engine.step(event);
    if (order !== undefined && order.state !== before) draft.outcomes.push({ state: order.state });
    this.#sequence += 1;
    draft.addStep(this.#sequence, event, commands, order);
    return commands;
  }

  /** Steps what a piece of mail means in the present state; nothing when it is known already. */
  async #stepMail(mail: Mail, draft: CommitDraft): Promise<void> {
    const isNews = mail.kind === 'event' || this.#reader.isNews(mail, this.#stamp());
    if (isNews) await this.#stepQuotes(draft);
    if (mail.kind === 'event') return await this.#step(mail.event, draft);
    const { desk } = this.#parts;
    const reading = this.#reader.read(mail, this.#stamp());
    if (mail.kind === 'report') this.#venueIds.set(mail.report.venueOrderId, mail.report.clientOrderId);
    if (reading.fill !== undefined) {
      this.#venueIds.set(reading.fill.venueOrderId, reading.fill.clientOrderId);
      draft.fills.push(reading.fill);
      if (reading.fill.isLiquidation === true) draft.adoptLiquidation(reading.fill, this.#lastAt);
    }
    if (reading.funding !== undefined) draft.funding.push(reading.funding);
    for (const event of reading.events) await this.#step(event, draft);
    if (mail.kind === 'report' && reading.isAhead === true) desk.fetchFills(this, mail.report);
    if (mail.kind === 'report' && reading.isCancelLost === true) desk.cancel(this, mail.report.clientOrderId, mail.report.symbol);
  }

  /** Commits, with the request time of new orders fixed before and the lease outlasting their window. */
  async #makeDurable(draft: CommitDraft): Promise<{ readonly sentAt: number; readonly deadlineAt: number }> {
    const { store, clock, held, desk, identity } = this.#parts;
    const { bot, runId } = identity;
    // The request time is fixed before the lease is looked at: whatever pause comes between, the venue's window ends first.
    const sentAt = clock.now();
    const deadlineAt = sentAt + desk.windowMs;
    if (draft.hasSubmits && !(await held.holdUntil(deadlineAt + LEASE_MARGIN_MS)))
      throw new AppError('lease_lost', 'the lease does not last for the next orders');
    const status = statusOf(this.#engine.state.phase);
    const isNewStatus = status !== this.#lastStatus;
    const newOrders = draft.newOrders(deadlineAt);
    const begunAt = this.#metrics.now();
    // A run starts once, however often it is taken over.
    if (isNewStatus && status === 'running') draft.addFact(runId, 'bot_started', sentAt, {});
    const commit: Commit = {
      lease: held.lease,
      userId: bot.userId,
      accountId: bot.accountId,
      botId: bot.id,
      run: { id: runId, entries: draft.entries, state: this.#engine.snapshot(), end: draft.end },
      newOrders,
      orderChanges: draft.orderChanges,
      fills: draft.fills,
      ...(draft.funding.length > 0 ? { funding: draft.funding } : {}),
      facts: draft.facts,
      status: isNewStatus ? { status, reason: draft.end?.reason ?? '' } : null,
      at: sentAt,
    };
    await this.#tracing.span('intent.commit', this.#names, () => store.commit(commit));
    this.#tell(draft, newOrders, begunAt);
    this.#lastStatus = status;
    return { sentAt, deadlineAt };
  }

  /** Measures what has just become durable. */
  #tell(draft: CommitDraft, newOrders: readonly { readonly state: string }[], begunAt: number): void {
    const { venueId } = this.#parts.desk;
    if (draft.hasSubmits) this.#metrics.observeIntent(this.#metrics.now() - begunAt);
    countOutcomes(this.#metrics, venueId, newOrders);
    countOutcomes(this.#metrics, venueId, draft.outcomes);
  }

  #carryOut(draft: CommitDraft, window: { readonly sentAt: number; readonly deadlineAt: number; readonly decidedAt: number }): void {
    const { desk, identity } = this.#parts;
    for (const command of draft.commands) {
      switch (command.type) {
        case 'submitOrder':
          this.#deadlines.set(command.order.clientOrderId, window.deadlineAt);
          desk.place(this, toOutbound(command.order, identity), window.sentAt, (event) => this.#postOutcome(event), window.decidedAt);
          break;
        case 'cancelOrder':
          desk.cancel(this, command.clientOrderId, this.#engine.legs.of(command.leg).symbol);
          break;
        case 'setTimer':
          this.#timers.set(command.name, command.at);
          break;
        case 'clearTimer':
          this.#timers.clear(command.name);
          break;
        case 'finishRun':
          this.drop();
          this.#parts.onEnd({ kind: 'finished' });
          break;
        default:
          break;
      }
    }
  }

  #postOutcome(event: OrderEvent): void {
    if (event.type === 'orderAccepted') this.#venueIds.set(event.venueOrderId, event.clientOrderId);
    this.#post({ kind: 'event', event: { ...event, at: this.#stamp() } });
  }

  /** Time never goes back within a run, whatever the machine's clock does. */
  #stamp(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#parts.clock.now());
    return this.#lastAt;
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

/**
 * One run in paper or live mode: a mailbox consumed strictly one event at a time, the engine, the commit that makes
 * each batch of steps durable, and only then the commands going out. Any failure in between ends this object; the
 * supervisor makes a new one from the store, so every recovery is the same start.
 */
import { Engine } from '#core/engine.ts';
import type { Event, OrderEvent } from '#core/events.ts';
import type { Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Clock, Ids, Log, Quote, VenueFill, VenueOrder } from '#core/ports.ts';
import { type Fill, floatingAtoms } from '#core/position.ts';
import type { DesiredState, OrderRecord, Store } from '#core/store.ts';
import { CommitDraft, type RunIdentity, statusOf, toOutbound } from './commit-draft.ts';
import type { HeldLease } from './lease-keeper.ts';
import type { OrderDesk } from './order-desk.ts';
import type { OrderHolder, TrackedOrder } from './order-holder.ts';

/** Steps that share one commit at most. */
export const MAX_BATCH = 64;
/** Time the lease must outlast the venue's receive window. */
const LEASE_MARGIN_MS = 1_000;
/** Trade ids remembered to drop repeated executions without asking the ledger. */
const MAX_KNOWN_TRADES = 10_000;

type Mail =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'report'; readonly report: VenueOrder }
  | { readonly kind: 'fill'; readonly fill: VenueFill; readonly clientOrderId: string }
  | { readonly kind: 'absent'; readonly clientOrderId: string };

export type RunEnd = { readonly kind: 'finished' } | { readonly kind: 'failed'; readonly error: unknown };

export interface LiveRunParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly identity: RunIdentity;
  readonly engine: Engine;
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
  readonly #engine: Engine;
  readonly #scale: Scale;
  readonly #mail: Mail[] = [];
  readonly #knownTrades = new Set<string>();
  readonly #deadlines = new Map<string, number>();
  readonly #venueIds = new Map<string, string>();
  readonly #timers = new Map<string, () => void>();
  #sequence: number;
  #lastAt = 0;
  #newestQuote: { readonly bidTicks: number; readonly askTicks: number } | null = null;
  #isWorking = false;
  #isOver = false;
  #lastStatus = '';

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.#scale = parts.identity.scale;
    this.#sequence = parts.sequence;
    this.symbols = new Set([parts.identity.bot.symbol]);
    for (const order of parts.orders) {
      if (order.deadlineAt !== null) this.#deadlines.set(order.clientOrderId, order.deadlineAt);
      if (order.venueOrderId !== null) this.#venueIds.set(order.venueOrderId, order.clientOrderId);
    }
  }

  get runId(): string {
    return this.#parts.identity.runId;
  }

  /** Begins or takes over: the first events tell the price and the owner's epoch, and put in doubt what may have been sent. */
  start(quote: Quote): void {
    this.#newestQuote = this.#toTicks(quote);
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
    else if (desired === 'stopped' && !isEnding) this.#post({ kind: 'event', event: { type: 'stopRequested', at, liquidation: 'keep', reason: 'stopped by the user' } });
    else if (desired === 'panicked' && !(isEnding && liquidation === 'toQuote'))
      this.#post({ kind: 'event', event: { type: 'stopRequested', at, liquidation: 'toQuote', reason: 'panic: cancelled and sold by the user' } });
  }

  /** Takes every order off the book and lets none pass, or lets trading go on. */
  halt(isHalted: boolean): void {
    const tradingState = isHalted ? 'halted' : 'active';
    if (this.#engine.state.tradingState !== tradingState) this.#post({ kind: 'event', event: { type: 'tradingStateChanged', at: this.#stamp(), tradingState } });
  }

  cancelOrder(clientOrderId: string): void {
    this.#post({ kind: 'event', event: { type: 'cancelRequested', at: this.#stamp(), clientOrderId } });
  }

  onQuote(quote: Quote): void {
    const ticks = this.#toTicks(quote);
    if (ticks.bidTicks <= 0 || this.#isOver) return;
    this.#newestQuote = ticks;
    if (this.#engine.wantsQuote(ticks.bidTicks, ticks.askTicks)) void this.#work();
  }

  alive(): readonly TrackedOrder[] {
    const symbol = this.#parts.identity.bot.symbol;
    return [...this.#engine.orders.values()].map((order) => ({
      clientOrderId: order.clientOrderId,
      symbol,
      state: order.state,
      deadlineAt: this.#deadlines.get(order.clientOrderId) ?? null,
    }));
  }

  onReport(report: VenueOrder): void {
    this.#post({ kind: 'report', report });
  }

  onFill(fill: VenueFill, clientOrderId: string): void {
    if (!this.#knownTrades.has(fill.tradeId)) this.#post({ kind: 'fill', fill, clientOrderId });
  }

  onAbsent(clientOrderId: string): void {
    this.#post({ kind: 'absent', clientOrderId });
  }

  async clientOrderIdOf(symbol: string, venueOrderId: string): Promise<string | null> {
    const known = this.#venueIds.get(venueOrderId);
    if (known !== undefined) return known;
    const order = await this.#parts.store.orders.byVenueOrderId(this.#parts.identity.bot.accountId, symbol, venueOrderId);
    if (order === null || order.runId !== this.#parts.identity.runId) return null;
    this.#venueIds.set(venueOrderId, order.clientOrderId);
    return order.clientOrderId;
  }

  /** Profit since the start of the run at the newest price, as decimals for a chart. */
  equity(): { readonly profit: string; readonly price: string } | null {
    const ticks = this.#newestQuote?.bidTicks ?? 0;
    if (ticks <= 0) return null;
    const { position } = this.#engine.state;
    return { profit: this.#scale.quote(position.realisedAtoms + floatingAtoms(position, ticks)), price: this.#scale.price(ticks) };
  }

  /** Stops working without touching orders: another owner or a later start goes on from the store. */
  drop(): void {
    this.#isOver = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #post(mail: Mail): void {
    if (this.#isOver) return;
    this.#mail.push(mail);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      // Whoever posts in the same turn shares the commit.
      await Promise.resolve();
      while (!this.#isOver && (this.#mail.length > 0 || this.#isQuoteWanted())) await this.#workBatch();
    } catch (error) {
      this.drop();
      this.#parts.onEnd({ kind: 'failed', error });
    } finally {
      this.#isWorking = false;
    }
  }

  async #workBatch(): Promise<void> {
    const draft = new CommitDraft(this.#parts.identity, () => this.#parts.ids.next());
    this.#stepQuote(draft);
    for (const mail of this.#mail.splice(0, MAX_BATCH)) for (const event of this.#eventsOf(mail, draft)) this.#step(event, draft);
    if (draft.entries.length === 0) return;
    const window = await this.#makeDurable(draft);
    if (this.#isOver) return;
    this.#carryOut(draft, window);
  }

  /** The newest price goes in front of whatever is decided on it, so that the tape holds all that mattered. */
  #stepQuote(draft: CommitDraft): void {
    const quote = this.#newestQuote;
    const { state } = this.#engine;
    if (quote === null || (quote.bidTicks === state.bidTicks && quote.askTicks === state.askTicks)) return;
    this.#step({ type: 'quoteChanged', at: this.#stamp(), ...quote }, draft);
  }

  #isQuoteWanted(): boolean {
    const quote = this.#newestQuote;
    const { state } = this.#engine;
    if (quote === null || (quote.bidTicks === state.bidTicks && quote.askTicks === state.askTicks)) return false;
    return this.#engine.wantsQuote(quote.bidTicks, quote.askTicks);
  }

  #step(event: Event, draft: CommitDraft): void {
    const order = 'clientOrderId' in event ? this.#engine.orders.get(event.clientOrderId) : undefined;
    const commands = this.#engine.step(event);
    this.#sequence += 1;
    draft.addStep(this.#sequence, event, commands, order);
  }

  /** What a piece of mail means in the present state; nothing when it is known already. */
  #eventsOf(mail: Mail, draft: CommitDraft): readonly Event[] {
    switch (mail.kind) {
      case 'event':
        return [mail.event];
      case 'fill':
        return this.#fillEvent(mail.fill, mail.clientOrderId, draft);
      case 'report':
        return this.#reportEvents(mail.report);
      case 'absent':
        return this.#absentEvents(mail.clientOrderId);
    }
  }

  #fillEvent(fill: VenueFill, clientOrderId: string, draft: CommitDraft): readonly Event[] {
    if (this.#knownTrades.has(fill.tradeId)) return [];
    this.#rememberTrade(fill.tradeId);
    this.#venueIds.set(fill.venueOrderId, clientOrderId);
    draft.fills.push({ ...fill, clientOrderId });
    return [{ type: 'orderFilled', at: this.#stamp(), clientOrderId, fill: this.#toEngineFill(fill) }];
  }

  #reportEvents(report: VenueOrder): readonly Event[] {
    const order = this.#engine.orders.get(report.clientOrderId);
    if (order === undefined) return [];
    const { clientOrderId } = report;
    const at = this.#stamp();
    this.#venueIds.set(report.venueOrderId, clientOrderId);
    const isNews = order.state === 'submitting' || order.state === 'unknown';
    const accepted: OrderEvent[] = isNews ? [{ type: 'orderAccepted', at, clientOrderId, venueOrderId: report.venueOrderId }] : [];
    const filledLots = this.#scale.lots(report.filledSize, 'nearest');
    if (filledLots > order.filledLots) {
      // The executions themselves are still to come; without them no end of the order is believed.
      this.#parts.desk.fetchFills(this, report);
      return accepted;
    }
    if (report.status === 'cancelled') return [{ type: 'orderCancelled', at, clientOrderId }];
    if (report.status === 'expired') return [{ type: 'orderExpired', at, clientOrderId }];
    if (report.status === 'rejected') return [{ type: 'orderRejected', at, clientOrderId, code: 'rejected_by_venue', message: 'the venue rejected the order after accepting it' }];
    if (report.status === 'open' && order.state === 'cancelling') this.#parts.desk.cancel(this, clientOrderId, report.symbol);
    return accepted;
  }

  #absentEvents(clientOrderId: string): readonly Event[] {
    const order = this.#engine.orders.get(clientOrderId);
    if (order === undefined || order.state === 'submitting') return [];
    const at = this.#stamp();
    return order.state === 'unknown'
      ? [{ type: 'orderRejected', at, clientOrderId, code: 'never_placed', message: 'the venue never received the order' }]
      : [{ type: 'orderExpired', at, clientOrderId }];
  }

  /** Commits, with the request time of new orders fixed before and the lease outlasting their window. */
  async #makeDurable(draft: CommitDraft): Promise<{ readonly sentAt: number; readonly deadlineAt: number }> {
    const { store, clock, held, desk, identity } = this.#parts;
    const { bot, runId } = identity;
    if (draft.hasSubmits && !(await held.holdFor(desk.windowMs + LEASE_MARGIN_MS))) throw new Error('the lease does not last for the next orders');
    const sentAt = clock.now();
    const deadlineAt = sentAt + desk.windowMs;
    const status = statusOf(this.#engine.state.phase);
    const isNewStatus = status !== this.#lastStatus;
    if (isNewStatus && status === 'running' && this.#lastStatus !== 'paused') draft.addFact(`${runId}:${this.#sequence}`, 'bot_started', sentAt, {});
    await store.commit({
      lease: held.lease,
      userId: bot.userId,
      accountId: bot.accountId,
      botId: bot.id,
      run: { id: runId, entries: draft.entries, state: this.#engine.snapshot(), end: draft.end },
      newOrders: draft.newOrders(deadlineAt),
      orderChanges: draft.orderChanges,
      fills: draft.fills,
      facts: draft.facts,
      status: isNewStatus ? { status, reason: draft.end?.reason ?? '' } : null,
      at: sentAt,
    });
    this.#lastStatus = status;
    return { sentAt, deadlineAt };
  }

  #carryOut(draft: CommitDraft, window: { readonly sentAt: number; readonly deadlineAt: number }): void {
    const { desk, identity } = this.#parts;
    for (const command of draft.commands) {
      switch (command.type) {
        case 'submitOrder':
          this.#deadlines.set(command.order.clientOrderId, window.deadlineAt);
          desk.place(this, toOutbound(command.order, identity), window.sentAt, (event) => this.#postOutcome(event));
          break;
        case 'cancelOrder':
          desk.cancel(this, command.clientOrderId, identity.bot.symbol);
          break;
        case 'setTimer':
          this.#setTimer(command.name, command.at);
          break;
        case 'clearTimer':
          this.#clearTimer(command.name);
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

  #setTimer(name: string, at: number): void {
    this.#clearTimer(name);
    const delayMs = Math.max(0, at - this.#parts.clock.now());
    this.#timers.set(
      name,
      this.#parts.clock.after(delayMs, () => {
        this.#timers.delete(name);
        this.#post({ kind: 'event', event: { type: 'timerFired', at: this.#stamp(), name } });
      }),
    );
  }

  #clearTimer(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  /** Time never goes back within a run, whatever the machine's clock does. */
  #stamp(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#parts.clock.now());
    return this.#lastAt;
  }

  #rememberTrade(tradeId: string): void {
    this.#knownTrades.add(tradeId);
    if (this.#knownTrades.size <= MAX_KNOWN_TRADES) return;
    for (const oldest of this.#knownTrades) {
      this.#knownTrades.delete(oldest);
      return;
    }
  }

  #toTicks(quote: Quote): { readonly bidTicks: number; readonly askTicks: number } {
    return { bidTicks: this.#scale.ticks(quote.bid, 'down'), askTicks: this.#scale.ticks(quote.ask, 'up') };
  }

  #toEngineFill(fill: VenueFill): Fill {
    const { instrument } = this.#scale;
    const fee = decimal(fill.feeAmount);
    return {
      tradeId: fill.tradeId,
      side: fill.side,
      priceTicks: this.#scale.ticks(fill.price, 'nearest'),
      sizeLots: this.#scale.lots(fill.size, 'nearest'),
      feeGrains: fill.feeAsset === instrument.base ? this.#scale.grains(fee, 'up') : 0,
      feeAtoms: fill.feeAsset === instrument.quote ? this.#scale.atoms(fee, 'up') : 0,
      otherFeeAtoms: 0,
      isMaker: fill.isMaker,
    };
  }
}

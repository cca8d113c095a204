/**
 * The desk of one account: its one session with the venue, shared by every run and the steward on it. It carries out
 * what has been committed, each order at most once, and routes what the venue pushes to whoever owns the order. What it may
 * have missed its rounds find.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import type { OrderEvent } from '#core/events.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import { decimal } from '#core/money.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { OutboundOrder, PlaceOutcome, TradingSession, VenueCapabilities, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { BookedTrades } from './booked-trades.ts';
import type { OrderHolder } from './order-holder.ts';
import { eventOfOutcome } from './place-outcome.ts';
import { RECONCILE_SOON_MS, ReconcileRounds, type Seat } from './reconcile-rounds.ts';
import { SharedReads } from './shared-reads.ts';
import { VenueClock } from './venue-clock.ts';

/** An order without an answer for this long is looked for, while the answer may still come. */
export const ANSWER_OVERDUE_MS = 2_000;

export interface OrderDeskParts {
  readonly session: TradingSession;
  readonly capabilities: VenueCapabilities;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountId: string;
  readonly installation: number;
  /** Name of the venue, for measuring. */
  readonly venueId?: string;
  readonly metrics?: Metrics | undefined;
  /** Something the user should know: an order of ours found where none should be, a venue that does not answer. */
  readonly onTrouble: (message: string, code: string) => void;
}

export class OrderDesk {
  /** What many owners on the account ask for, asked once. */
  readonly reads: SharedReads;
  readonly #parts: OrderDeskParts;
  readonly #venueClock: VenueClock;
  /** By owner as it stands in a ClientOrderId: kind and number. */
  readonly #seats = new Map<string, Seat>();
  readonly #placing = new Map<string, Promise<void>>();
  readonly #cancelling = new Set<string>();
  readonly #metrics: Metrics;
  readonly #rounds: ReconcileRounds;
  #isClosed = false;

  constructor(parts: OrderDeskParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.reads = new SharedReads(parts.session, parts.clock);
    this.#venueClock = new VenueClock(parts.session, parts.clock, parts.log);
    this.#rounds = new ReconcileRounds({
      ...parts,
      ...{ metrics: this.#metrics, venueId: this.venueId, reads: this.reads, venueClock: this.#venueClock },
      isSeated: (seat) => [...this.#seats.values()].includes(seat),
      isOursFor: (seat, clientOrderId) => this.#isOursFor(seat, clientOrderId),
    });
  }

  /** How long the venue may act on a request after it was fixed. */
  get windowMs(): number {
    return this.#parts.capabilities.requestWindowMs;
  }

  get venueId(): string {
    return this.#parts.venueId ?? 'unknown';
  }

  /** How long ago the holder that waits longest was compared with the venue in full, and how many orders were in doubt in the last rounds. */
  standing(): { readonly lagMs: number; readonly inDoubt: number } {
    const now = this.#parts.clock.now();
    const seats = [...this.#seats.values()];
    return { lagMs: seats.reduce((most, seat) => Math.max(most, now - seat.reconciledAt), 0), inDoubt: seats.reduce((sum, seat) => sum + seat.inDoubt, 0) };
  }

  async open(): Promise<void> {
    await this.#venueClock.check();
    await this.#parts.session.listen({
      onOrder: (order) => this.#seatOf(order.clientOrderId)?.holder.onReport(order),
      onFill: (fill) => this.#routeFill(fill),
      onStream: (state) => {
        this.#parts.log.info({ state }, 'private stream');
        if (state === 'up') for (const seat of this.#seats.values()) this.#rounds.soon(seat, 0);
      },
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rounds.close();
    this.#venueClock.close();
    for (const seat of this.#seats.values()) seat.cancelTimer();
    this.#seats.clear();
    await this.#parts.session.close();
  }

  /** Begins to route and reconcile for a holder; `owner` is its kind and number as in its ClientOrderIds. */
  join(owner: string, holder: OrderHolder): void {
    const { store, accountId } = this.#parts;
    const seat: Seat = {
      holder,
      isSteward: owner.startsWith('account:'),
      booked: new BookedTrades(holder, (symbol, tradeIds) => store.fills.known(accountId, symbol, tradeIds)),
      fillsSince: new Map(),
      cancelTimer: () => undefined,
      reconciledAt: this.#parts.clock.now(),
      inDoubt: 0,
      isReconciling: false,
      isWantedAgain: false,
      isStoreAway: false,
    };
    this.#seats.set(owner, seat);
    this.#rounds.soon(seat, 0);
  }

  leave(owner: string, holder: OrderHolder): void {
    const seat = this.#seats.get(owner);
    if (seat?.holder !== holder) return;
    seat.cancelTimer();
    this.#seats.delete(owner);
  }

  /**
   * Sends a committed order once. `sentAt` was fixed before the commit; too late for its window means it is never sent.
   * `decidedAt`, on the clock of the metrics, is when the event was taken that the order answers.
   */
  place(holder: OrderHolder, order: OutboundOrder, sentAt: number, answer: (event: OrderEvent) => void, decidedAt = this.#metrics.now()): void {
    const callOff = this.#parts.clock.after(ANSWER_OVERDUE_MS, () => this.reconcileSoon(holder, 0));
    const work = this.#place(order, sentAt, decidedAt).then((outcome) => {
      callOff();
      this.#placing.delete(order.clientOrderId);
      answer(eventOfOutcome(order.clientOrderId, outcome));
      // A refusal may mean that the clocks have drifted apart.
      if (outcome.outcome === 'rejected') void this.#venueClock.check();
      if (outcome.outcome === 'unknown') {
        this.#parts.log.warn({ clientOrderId: order.clientOrderId, code: outcome.code }, 'no certain answer to an order');
        this.reconcileSoon(holder);
      }
    });
    this.#placing.set(order.clientOrderId, work);
  }

  /** Asks the venue to cancel, after any placing of the same order is answered; then reads how the order ended. */
  cancel(holder: OrderHolder, clientOrderId: string, symbol: string): void {
    if (this.#cancelling.has(clientOrderId) || this.#isClosed) return;
    this.#cancelling.add(clientOrderId);
    void this.#cancel(holder, clientOrderId, symbol).finally(() => this.#cancelling.delete(clientOrderId));
  }

  /** Fetches the executions of an order whose report is ahead of the books, then tells the report again. */
  fetchFills(holder: OrderHolder, report: VenueOrder): void {
    void this.#fetchFills(holder, report).catch((error: unknown) => {
      this.#parts.log.warn({ clientOrderId: report.clientOrderId, err: error }, 'executions could not be read');
      this.reconcileSoon(holder);
    });
  }

  reconcileSoon(holder: OrderHolder, delayMs = RECONCILE_SOON_MS): void {
    for (const seat of this.#seats.values()) if (seat.holder === holder) this.#rounds.soon(seat, delayMs);
  }

  async #place(order: OutboundOrder, sentAt: number, decidedAt: number): Promise<PlaceOutcome> {
    const { session, clock } = this.#parts;
    const metrics = this.#metrics;
    const onSent = (): void => metrics.observeWire(this.venueId, metrics.now() - decidedAt);
    if (clock.now() >= sentAt + this.windowMs)
      return { outcome: 'rejected', code: 'not_sent_in_time', message: 'the order was not sent: its time window had passed' };
    try {
      return await session.place(order, { timestampMs: this.#venueClock.at(sentAt), windowMs: this.windowMs, onSent });
    } catch (error) {
      return { outcome: 'unknown', code: 'adapter_failed', message: error instanceof Error ? error.message : 'the venue adapter failed' };
    }
  }

  async #cancel(holder: OrderHolder, clientOrderId: string, symbol: string): Promise<void> {
    const { session, log } = this.#parts;
    await this.#placing.get(clientOrderId);
    try {
      const outcome = await session.cancel(clientOrderId, symbol);
      const found = outcome.outcome === 'unknown' ? null : await session.findOrder(clientOrderId, symbol);
      if (found !== null && found.status !== 'open') holder.onReport(found);
      else this.reconcileSoon(holder);
    } catch (error) {
      log.warn({ clientOrderId, err: error }, 'cancel is in doubt');
      this.reconcileSoon(holder);
    }
  }

  async #fetchFills(holder: OrderHolder, report: VenueOrder): Promise<void> {
    const { session, store, accountId } = this.#parts;
    const fills = await session.fillsOf(report.venueOrderId, report.symbol);
    const known = await store.fills.known(
      accountId,
      report.symbol,
      fills.map((fill) => fill.tradeId),
    );
    for (const fill of fills) if (!known.has(fill.tradeId)) holder.onFill(fill, report.clientOrderId);
    const total = fills.reduce((sum, fill) => sum.plus(fill.size), decimal('0'));
    // Venues may list executions later than the order's own figure; then the next round sees both.
    if (total.gte(report.filledSize)) holder.onReport(report);
    else this.reconcileSoon(holder);
  }

  #routeFill(fill: VenueFill): void {
    if (fill.isLiquidation === true) return this.#routeLiquidation(fill);
    const { clientOrderId } = fill;
    const holder = clientOrderId === null ? undefined : this.#seatOf(clientOrderId)?.holder;
    if (holder === undefined || clientOrderId === null) return;
    if (holder.alive().some((order) => order.clientOrderId === clientOrderId)) holder.onFill(fill, clientOrderId);
    else void this.#routeLateFill(holder, fill);
  }

  /** It closes the position of whoever trades the symbol; nobody has ordered it. */
  #routeLiquidation(fill: VenueFill): void {
    for (const { holder, isSteward } of this.#seats.values()) if (!isSteward && holder.symbols.has(fill.symbol)) void this.#routeLateFill(holder, fill);
  }

  /** The order may be one of the owner's former run, whose position is none of the present one's. */
  async #routeLateFill(holder: OrderHolder, fill: VenueFill): Promise<void> {
    try {
      const clientOrderId = await holder.clientOrderIdOf(fill);
      if (clientOrderId !== null) holder.onFill(fill, clientOrderId);
    } catch (error) {
      this.#parts.log.warn({ venueOrderId: fill.venueOrderId, err: error }, 'the order of a late execution could not be looked up');
      this.reconcileSoon(holder);
    }
  }

  #seatOf(clientOrderId: string): Seat | undefined {
    const parsed = parseClientOrderId(clientOrderId);
    if (parsed === null || parsed.installation !== this.#parts.installation) return undefined;
    return this.#seats.get(`${parsed.kind}:${parsed.number}`);
  }

  /** A run's desk looks for that run's orders; the steward for those whose owner has no seat here. */
  #isOursFor(seat: Seat, clientOrderId: string): boolean {
    const parsed = parseClientOrderId(clientOrderId);
    if (parsed === null || parsed.installation !== this.#parts.installation) return false;
    const owner = this.#seatOf(clientOrderId);
    return owner === seat || (owner === undefined && seat.isSteward);
  }
}

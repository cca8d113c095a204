/**
 * The desk of one account: its one session with the venue, shared by every run and the steward on it. It carries out
 * what has been committed, each order at most once, routes what the venue pushes to whoever owns the order, and drives
 * reconciliation.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { PortError } from '#core/errors.ts';
import type { OrderEvent } from '#core/events.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import { decimal } from '#core/money.ts';
import { isTerminal } from '#core/order.ts';
import type { Clock, Log, OutboundOrder, PlaceOutcome, TradingSession, VenueCapabilities, VenueFill, VenueOrder } from '#core/ports.ts';
import type { Store } from '#core/store.ts';
import { BookedTrades } from './booked-trades.ts';
import type { OrderHolder } from './order-holder.ts';
import { eventOfOutcome } from './place-outcome.ts';
import { reconcile } from './reconcile.ts';
import { SharedReads } from './shared-reads.ts';
import { VenueClock } from './venue-clock.ts';

/** Between rounds while a holder has orders that are not over, otherwise, and after something was left in doubt. */
export const RECONCILE_BUSY_MS = 6_000;
export const RECONCILE_IDLE_MS = 60_000;
export const RECONCILE_SOON_MS = 1_000;
/** An order without an answer for this long is looked for, while the answer may still come. */
export const ANSWER_OVERDUE_MS = 2_000;
/** Executions are asked for again this far back, because venues list them late. */
export const FILLS_OVERLAP_MS = 60_000;

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
  readonly onTrouble: (message: string) => void;
}

interface Seat {
  readonly holder: OrderHolder;
  readonly isSteward: boolean;
  readonly booked: BookedTrades;
  /** Venue time from which executions are asked for, by symbol. */
  readonly fillsSince: Map<string, number>;
  cancelTimer: () => void;
  /** When it was last compared with the venue in full; when it joined, before that. */
  reconciledAt: number;
  /** Orders in doubt after the last full round. */
  inDoubt: number;
  isReconciling: boolean;
  isWantedAgain: boolean;
  /** The last round failed because the store did not answer. */
  isStoreAway: boolean;
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
  readonly #madeAt: number;
  #isClosed = false;

  constructor(parts: OrderDeskParts) {
    this.#parts = parts;
    this.#madeAt = parts.clock.now();
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.reads = new SharedReads(parts.session, parts.clock);
    this.#venueClock = new VenueClock(parts.session, parts.clock, parts.log);
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
        if (state === 'up') for (const seat of this.#seats.values()) this.#reconcileSoon(seat, 0);
      },
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
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
    this.#reconcileSoon(seat, 0);
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
    for (const seat of this.#seats.values()) if (seat.holder === holder) this.#reconcileSoon(seat, delayMs);
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

  #reconcileSoon(seat: Seat, delayMs: number): void {
    seat.cancelTimer();
    if (this.#isClosed) return;
    seat.cancelTimer = this.#parts.clock.after(delayMs, () => void this.#reconcile(seat));
  }

  /** Owners on one account look in the same moment, so that one answer serves all; not sooner than half a pause. */
  #untilNextRound(): number {
    const restMs = RECONCILE_BUSY_MS - ((this.#parts.clock.now() - this.#madeAt) % RECONCILE_BUSY_MS);
    return restMs < RECONCILE_BUSY_MS / 2 ? restMs + RECONCILE_BUSY_MS : restMs;
  }

  async #reconcile(seat: Seat): Promise<void> {
    if (seat.isReconciling) {
      seat.isWantedAgain = true;
      return;
    }
    seat.isReconciling = true;
    let inDoubt = 0;
    const startedAt = this.#metrics.now();
    const from = this.#parts.clock.now();
    let isComplete = true;
    try {
      // What the venue says can be used only with the ledger beside it, and each asking costs of the venue's budget.
      if (seat.isStoreAway) await this.#parts.store.ping();
      seat.isStoreAway = false;
      for (const symbol of seat.holder.symbols) inDoubt += await this.#reconcileSymbol(seat, symbol);
    } catch (error) {
      inDoubt = 1;
      isComplete = false;
      seat.isStoreAway = error instanceof PortError && error.code === 'store_unavailable';
      this.#parts.log.warn({ err: error }, seat.isStoreAway ? 'reconciliation waits for the database' : 'reconciliation could not ask the venue');
    } finally {
      seat.isReconciling = false;
    }
    if (isComplete) {
      seat.reconciledAt = from;
      seat.inDoubt = inDoubt;
    }
    if (seat.holder.symbols.size > 0) this.#metrics.observeReconcile(this.venueId, this.#metrics.now() - startedAt, isComplete);
    const isSeated = [...this.#seats.values()].includes(seat);
    if (!isSeated || this.#isClosed) return;
    const isBusy = seat.holder.alive().length > 0;
    const pauseMs = seat.isWantedAgain || inDoubt > 0 ? RECONCILE_SOON_MS : isBusy ? this.#untilNextRound() : RECONCILE_IDLE_MS;
    seat.isWantedAgain = false;
    this.#reconcileSoon(seat, pauseMs);
  }

  async #reconcileSymbol(seat: Seat, symbol: string): Promise<number> {
    const { session, clock, capabilities } = this.#parts;
    const since = seat.fillsSince.get(symbol) ?? this.#venueClock.at(clock.now()) - FIRST_LOOK_BACK_MS;
    const { newestFillAt, orphans, inDoubt } = await reconcile({
      session: {
        openOrders: (of) => this.reads.openOrders(of),
        fillsSince: (of, from) => this.reads.fillsSince(of, from),
        findOrder: (clientOrderId, of, placedBy) => session.findOrder(clientOrderId, of, placedBy),
      },
      holder: seat.holder,
      symbol,
      fillsSince: since,
      now: () => clock.now(),
      newsOf: (fills) => seat.booked.news(symbol, fills),
      absenceMarginMs: capabilities.absenceMarginMs,
      isOurs: (clientOrderId) => this.#isOursFor(seat, clientOrderId),
    });
    seat.fillsSince.set(symbol, Math.max(since, newestFillAt - FILLS_OVERLAP_MS));
    for (const orphan of orphans) await this.#onOrphan(orphan);
    return inDoubt;
  }

  /** An order that is over in our books must not rest at the venue. One that has no row at all is left to people. */
  async #onOrphan(orphan: VenueOrder): Promise<void> {
    const { store, session, onTrouble } = this.#parts;
    const order = await store.orders.byClientOrderId(orphan.clientOrderId);
    if (order === null) onTrouble(`order ${orphan.clientOrderId} at the venue carries our mark but is not in our books; look at it by hand`);
    else if (isTerminal(order.state)) {
      onTrouble(`order ${orphan.clientOrderId} rests at the venue but is ${order.state} in our books; it is being cancelled`);
      await session.cancel(orphan.clientOrderId, orphan.symbol);
    }
  }

  /** A run's desk looks for that run's orders; the steward for those whose owner has no seat here. */
  #isOursFor(seat: Seat, clientOrderId: string): boolean {
    const parsed = parseClientOrderId(clientOrderId);
    if (parsed === null || parsed.installation !== this.#parts.installation) return false;
    const owner = this.#seatOf(clientOrderId);
    return owner === seat || (owner === undefined && seat.isSteward);
  }
}

/** How far back the first round of an owner asks for executions. */
const FIRST_LOOK_BACK_MS = 600_000;

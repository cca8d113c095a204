/**
 * The rounds in which a desk compares what each holder believes with what the venue says: soon after something was left in
 * doubt, often while orders are out, seldom otherwise. What a round finds goes to the holder; what is nobody's is told.
 */
import { PortError } from '#core/errors.ts';
import type { Metrics } from '#core/metrics.ts';
import { isTerminal } from '#core/order.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { TradingSession, VenueCapabilities, VenueOrder } from '#core/venue-ports.ts';
import type { BookedTrades } from './booked-trades.ts';
import type { OrderHolder } from './order-holder.ts';
import { reconcile } from './reconcile.ts';
import type { SharedReads } from './shared-reads.ts';
import type { VenueClock } from './venue-clock.ts';

/** Between rounds while a holder has orders that are not over, otherwise, and after something was left in doubt. */
export const RECONCILE_BUSY_MS = 6_000;
export const RECONCILE_IDLE_MS = 60_000;
export const RECONCILE_SOON_MS = 1_000;
/** Executions are asked for again this far back, because venues list them late. */
export const FILLS_OVERLAP_MS = 60_000;
/** How far back the first round of an owner asks for executions. */
const FIRST_LOOK_BACK_MS = 600_000;

/** A holder at the desk, and how far it has been compared with the venue. */
export interface Seat {
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

export interface ReconcileRoundsParts {
  readonly session: TradingSession;
  readonly capabilities: VenueCapabilities;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly venueId: string;
  readonly reads: SharedReads;
  readonly venueClock: VenueClock;
  readonly onTrouble: (message: string, code: string) => void;
  readonly isSeated: (seat: Seat) => boolean;
  /** Whether it is this seat's to look for an order of this name. */
  readonly isOursFor: (seat: Seat, clientOrderId: string) => boolean;
}

export class ReconcileRounds {
  readonly #parts: ReconcileRoundsParts;
  readonly #madeAt: number;
  #isClosed = false;

  constructor(parts: ReconcileRoundsParts) {
    this.#parts = parts;
    this.#madeAt = parts.clock.now();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The next round of a seat begins after `delayMs`; one that was set before is called off. */
  soon(seat: Seat, delayMs: number): void {
    seat.cancelTimer();
    if (this.#isClosed) return;
    seat.cancelTimer = this.#parts.clock.after(delayMs, () => void this.#reconcile(seat));
  }

  /** Owners on one account look in the same moment, so that one answer serves all; not sooner than half a pause. */
  #untilNext(): number {
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
    const startedAt = this.#parts.metrics.now();
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
    if (seat.holder.symbols.size > 0) this.#parts.metrics.observeReconcile(this.#parts.venueId, this.#parts.metrics.now() - startedAt, isComplete);
    const isSeated = this.#parts.isSeated(seat);
    if (!isSeated || this.#isClosed) return;
    const isBusy = seat.holder.alive().length > 0;
    const pauseMs = seat.isWantedAgain || inDoubt > 0 ? RECONCILE_SOON_MS : isBusy ? this.#untilNext() : RECONCILE_IDLE_MS;
    seat.isWantedAgain = false;
    this.soon(seat, pauseMs);
  }

  async #reconcileSymbol(seat: Seat, symbol: string): Promise<number> {
    const { session, clock, capabilities } = this.#parts;
    const since = seat.fillsSince.get(symbol) ?? this.#parts.venueClock.at(clock.now()) - FIRST_LOOK_BACK_MS;
    const { newestFillAt, orphans, inDoubt } = await reconcile({
      session: {
        openOrders: (of) => this.#parts.reads.openOrders(of),
        fillsSince: (of, from) => this.#parts.reads.fillsSince(of, from),
        findOrder: (clientOrderId, of, placedBy) => session.findOrder(clientOrderId, of, placedBy),
      },
      holder: seat.holder,
      symbol,
      fillsSince: since,
      now: () => clock.now(),
      newsOf: (fills) => seat.booked.news(symbol, fills),
      absenceMarginMs: capabilities.absenceMarginMs,
      isOurs: (clientOrderId) => this.#parts.isOursFor(seat, clientOrderId),
    });
    seat.fillsSince.set(symbol, Math.max(since, newestFillAt - FILLS_OVERLAP_MS));
    for (const orphan of orphans) await this.#onOrphan(orphan);
    return inDoubt;
  }

  /** An order that is over in our books must not rest at the venue. One that has no row at all is left to people. */
  async #onOrphan(orphan: VenueOrder): Promise<void> {
    const { store, session, onTrouble } = this.#parts;
    const order = await store.orders.byClientOrderId(orphan.clientOrderId);
    if (order === null)
      onTrouble(`order ${orphan.clientOrderId} at the venue carries our mark but is not in our books; look at it by hand`, 'unknown_order_found');
    else if (isTerminal(order.state)) {
      onTrouble(`order ${orphan.clientOrderId} rests at the venue but is ${order.state} in our books; it is being cancelled`, 'ended_order_rests');
      await session.cancel(orphan.clientOrderId, orphan.symbol);
    }
  }
}

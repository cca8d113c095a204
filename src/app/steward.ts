/**
 * The steward of one account: sends the orders its user placed by hand, follows them to their end, and answers for what
 * belongs to no run. It uses the same table of states, the same commit and the same reconciliation as runs do.
 */

import { AppError, PortError } from '#core/errors.ts';
import type { OrderEvent } from '#core/events.ts';
import type { FactType, NewFact } from '#core/facts.ts';
import { countOutcomes, type Metrics, NO_METRICS } from '#core/metrics.ts';
import { decimal } from '#core/money.ts';
import { isTerminal, nextState, type OrderFact, type OrderState } from '#core/order.ts';
import { endReason } from '#core/order-life.ts';
import type { Bus, Clock, Log, VenueFill, VenueOrder } from '#core/ports.ts';
import type { Commit, OrderChange, OrderRecord, Store } from '#core/store.ts';
import type { HeldLease } from './lease-keeper.ts';
import type { OrderDesk } from './order-desk.ts';
import { bookedOrderOf, type OrderHolder, type TrackedOrder } from './order-holder.ts';

const LEASE_MARGIN_MS = 1_000;

export interface StewardParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly bus: Bus;
  readonly held: HeldLease;
  readonly desk: OrderDesk;
  readonly userId: string;
  readonly accountId: string;
  /** A commit failed: what is in memory may be wrong, so a new steward begins from the store. */
  readonly onFailed: (error: unknown) => void;
}

export class Steward implements OrderHolder {
  readonly #parts: StewardParts;
  readonly #metrics: Metrics;
  readonly #orders = new Map<string, OrderRecord>();
  readonly #knownTrades = new Set<string>();
  /** Orders that ended here: a list read before that may still name them. */
  readonly #ended = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(parts: StewardParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
  }

  get symbols(): ReadonlySet<string> {
    return new Set([...this.#orders.values()].map((order) => order.symbol));
  }

  alive(): readonly TrackedOrder[] {
    return [...this.#orders.values()].filter((order) => order.state !== 'initialized');
  }

  /** Takes up orders from the store: new ones are sent, those of a former owner that may have been sent are in doubt. */
  takeUp(orders: readonly OrderRecord[]): void {
    this.#enqueue(async () => {
      // The desk has looked before there was anything to look for.
      if (orders.some((order) => !this.#orders.has(order.clientOrderId))) this.#parts.desk.reconcileSoon(this, 0);
      for (const order of orders) {
        const known = this.#orders.get(order.clientOrderId);
        if (this.#ended.has(order.clientOrderId)) continue;
        if (known === undefined) await this.#adopt(order);
        else if (order.cancelRequestedAt !== null && known.cancelRequestedAt === null)
          await this.#cancel({ ...known, cancelRequestedAt: order.cancelRequestedAt });
      }
    });
  }

  onReport(report: VenueOrder): void {
    this.#enqueue(() => this.#applyReport(report));
  }

  onFill(fill: VenueFill, clientOrderId: string): void {
    this.#enqueue(() => this.#applyFill(fill, clientOrderId));
  }

  onAbsent(clientOrderId: string): void {
    this.#enqueue(async () => {
      const order = this.#orders.get(clientOrderId);
      if (order === undefined || order.state === 'submitting') return;
      if (order.state === 'unknown') await this.#apply(order, 'reject', { reasonCode: 'never_placed', reason: 'the exchange never received the order' });
      else await this.#apply(order, 'expire', { reasonCode: 'gone_at_exchange', reason: 'the exchange does not know the order any more' });
    });
  }

  async clientOrderIdOf(fill: VenueFill): Promise<string | null> {
    if (fill.clientOrderId !== null && this.#orders.has(fill.clientOrderId)) return fill.clientOrderId;
    const order = await bookedOrderOf(this.#parts.store, this.#parts.accountId, fill);
    return order === null || order.runId !== null ? null : order.clientOrderId;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #adopt(order: OrderRecord): Promise<void> {
    this.#orders.set(order.clientOrderId, order);
    if (order.state === 'submitting') return await this.#apply(order, 'loseAnswer', {});
    if (order.state !== 'initialized') return;
    if (order.cancelRequestedAt !== null)
      return await this.#apply({ ...order, state: 'submitting' }, 'cancel', {
        reasonCode: 'cancelled_before_sent',
        reason: 'it was cancelled before it was sent',
      });
    await this.#send(order);
  }

  async #send(order: OrderRecord): Promise<void> {
    const { desk, held, clock } = this.#parts;
    const decidedAt = this.#metrics.now();
    const sentAt = clock.now();
    if (!(await held.holdUntil(sentAt + desk.windowMs + LEASE_MARGIN_MS))) throw new AppError('lease_lost', 'the lease does not last for the next order');
    const next = { ...order, state: 'submitting' as const, deadlineAt: sentAt + desk.windowMs };
    try {
      await this.#commit([{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: next.deadlineAt }], [], []);
      this.#metrics.observeIntent(this.#metrics.now() - decidedAt);
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'trading_killed') throw error;
      // An order that may not go out must not keep the steward from those that are out.
      return await this.#apply(order, 'deny', { reasonCode: 'trading_killed', reason: 'the kill switch was on before the order could be sent' });
    }
    this.#orders.set(order.clientOrderId, next);
    desk.place(this, next, sentAt, (event) => this.#enqueue(() => this.#applyOutcome(event)), decidedAt);
  }

  async #cancel(order: OrderRecord): Promise<void> {
    this.#orders.set(order.clientOrderId, order);
    if (order.state !== 'unknown') {
      await this.#apply(order, 'requestCancel', {});
      this.#parts.desk.cancel(this, order.clientOrderId, order.symbol);
    }
  }

  async #applyOutcome(event: OrderEvent): Promise<void> {
    const order = this.#orders.get(event.clientOrderId);
    if (order === undefined) return;
    if (event.type === 'orderAccepted') await this.#apply(order, 'accept', { venueOrderId: event.venueOrderId });
    else if (event.type === 'orderRejected') await this.#apply(order, 'reject', { reasonCode: event.code, reason: event.message });
    else if (event.type === 'orderUnknown') await this.#apply(order, 'loseAnswer', {});
  }

  async #applyReport(report: VenueOrder): Promise<void> {
    const order = this.#orders.get(report.clientOrderId);
    if (order === undefined) return;
    const isNews = order.state === 'submitting' || order.state === 'unknown';
    if (isNews) await this.#apply(order, 'accept', { venueOrderId: report.venueOrderId });
    const present = this.#orders.get(report.clientOrderId);
    if (present === undefined) return;
    if (decimal(report.filledSize).gt(present.filledSize)) return this.#parts.desk.fetchFills(this, report);
    // Filled, but smaller than asked: the venue has made the order smaller, and what it left out is over.
    if (report.status === 'filled') await this.#apply(present, decimal(report.size).lt(present.size) ? 'expire' : 'fillAll', {});
    else if (report.status === 'cancelled') await this.#apply(present, 'cancel', {});
    else if (report.status === 'expired') await this.#apply(present, 'expire', {});
    else if (report.status === 'rejected')
      await this.#apply(present, 'reject', { reasonCode: 'rejected_by_venue', reason: 'the exchange rejected the order after accepting it' });
    else if (report.status === 'open' && present.cancelRequestedAt !== null) this.#parts.desk.cancel(this, present.clientOrderId, present.symbol);
  }

  async #applyFill(fill: VenueFill, clientOrderId: string): Promise<void> {
    if (this.#knownTrades.has(fill.tradeId)) return;
    this.#knownTrades.add(fill.tradeId);
    // The stream may be faster than the list of orders to take up.
    const order = this.#orders.get(clientOrderId) ?? (await this.#parts.store.orders.byClientOrderId(clientOrderId)) ?? undefined;
    const filledSize = decimal(order?.filledSize ?? '0').plus(fill.size);
    const isWhole = order !== undefined && filledSize.gte(order.size);
    const next = order === undefined ? null : nextState({ state: order.state, filledLots: 1 }, isWhole ? 'fillAll' : 'fillPart');
    const changes: OrderChange[] = order === undefined || next === null ? [] : [{ clientOrderId, state: next, venueOrderId: fill.venueOrderId }];
    const facts = order !== undefined && isWhole ? [this.#fact(order, 'order_filled', { filled_quantity: filledSize.toFixed() })] : [];
    await this.#commit(changes, [{ ...fill, clientOrderId }], facts);
    if (order !== undefined) this.#keep({ ...order, state: next ?? order.state, filledSize: filledSize.toFixed(), venueOrderId: fill.venueOrderId });
  }

  async #apply(order: OrderRecord, fact: OrderFact, known: Omit<OrderChange, 'clientOrderId' | 'state'>): Promise<void> {
    const next = nextState({ state: order.state, filledLots: Number(order.filledSize) > 0 ? 1 : 0 }, fact);
    if (next === null) return;
    const change = { ...endReason(next, order.cancelRequestedAt !== null), ...known };
    const type = FACTS[next];
    await this.#commit(
      [{ clientOrderId: order.clientOrderId, state: next, ...change }],
      [],
      type === undefined ? [] : [this.#fact(order, type, { code: change.reasonCode ?? null, reason: change.reason ?? null })],
    );
    this.#keep({ ...order, state: next, venueOrderId: change.venueOrderId ?? order.venueOrderId });
    if (order.state === 'unknown' && next === 'accepted' && order.cancelRequestedAt !== null) await this.#cancel({ ...order, state: next });
  }

  #keep(order: OrderRecord): void {
    if (isTerminal(order.state)) {
      this.#orders.delete(order.clientOrderId);
      this.#ended.add(order.clientOrderId);
    } else this.#orders.set(order.clientOrderId, order);
    this.#parts.bus.publish('order_changed', { orderId: order.id, state: order.state });
  }

  #fact(order: OrderRecord, type: FactType, data: Readonly<Record<string, unknown>>): NewFact {
    return {
      dedupeKey: `${order.clientOrderId}:${type}`,
      userId: order.userId,
      botId: order.botId,
      type,
      at: this.#parts.clock.now(),
      data: {
        symbol: order.symbol,
        client_order_id: order.clientOrderId,
        side: order.side,
        type: order.type,
        price: order.price,
        quantity: order.size,
        ...data,
      },
    };
  }

  async #commit(orderChanges: readonly OrderChange[], fills: Commit['fills'], facts: readonly NewFact[]): Promise<void> {
    const { store, held, userId, accountId, clock } = this.#parts;
    await store.commit({
      lease: held.lease,
      userId,
      accountId,
      botId: null,
      run: null,
      newOrders: [],
      orderChanges,
      fills,
      facts,
      status: null,
      at: clock.now(),
    });
    countOutcomes(this.#metrics, this.#parts.desk.venueId, orderChanges);
  }

  /** One thing at a time; the first failure ends this steward. */
  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isOver) return;
      try {
        await task();
      } catch (error) {
        this.#isOver = true;
        this.#parts.onFailed(error);
      }
    });
  }
}

const FACTS: Partial<Record<OrderState, FactType>> = {
  denied: 'risk_denied',
  accepted: 'order_placed',
  filled: 'order_filled',
  rejected: 'order_rejected',
  cancelled: 'order_cancelled',
  expired: 'order_cancelled',
};

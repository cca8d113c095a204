/**
 * The steward of one account: sends the orders its user placed by hand, follows them and their automatic actions to the end,
 * and answers for what belongs to no run. It uses the same table of states, the same commit and the same reconciliation as runs do.
 */

import { wakeAt } from '#core/actions/actions.ts';
import type { OrderEvent } from '#core/events.ts';
import { decimal, plain } from '#core/money.ts';
import { isTerminal, nextState, type OrderFact } from '#core/order.ts';
import type { Log } from '#core/ports.ts';
import type { OrderChange, OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { Quote, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { bookedOrderOf, type OrderHolder, type TrackedOrder } from '../desk/order-holder.ts';
import { ActionChain } from './action-chain.ts';
import { ActionWatch } from './action-watch.ts';
import { StewardBooks, type StewardBooksParts } from './steward-books.ts';

/** An order that could not be sent for this long after it was asked for is not sent any more: the market is another. */
export const SEND_PATIENCE_MS = 60_000;

export interface StewardParts extends StewardBooksParts {
  readonly log: Log;
  /** Pushes quotes until the returned function is called. */
  readonly watchQuotes: (symbol: string, onQuote: (quote: Quote) => void) => () => void;
  /** A commit failed: what is in memory may be wrong, so a new steward begins from the store. */
  readonly onFailed: (error: unknown) => void;
}

type StoredActions = Awaited<ReturnType<Store['actions']['alive']>>;

export class Steward implements OrderHolder {
  readonly #parts: StewardParts;
  readonly #books: StewardBooks;
  readonly #watch: ActionWatch;
  readonly #knownTrades = new Set<string>();
  #hasTakenUp = false;
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(parts: StewardParts) {
    this.#parts = parts;
    this.#books = new StewardBooks(parts, {
      holder: this,
      onOutcome: (event) => this.#enqueue(() => this.#applyOutcome(event)),
      onActions: () => this.#watchActions(),
    });
    this.#watch = new ActionWatch({ ...parts, onDue: (chain) => this.#enqueue(() => this.#wake(chain)) });
  }

  get symbols(): ReadonlySet<string> {
    return new Set([...this.#books.orders.values()].map((order) => order.symbol));
  }

  /** Whether it has taken up what there was and has nothing left of it. */
  get isIdle(): boolean {
    return this.#hasTakenUp && this.#books.orders.size === 0 && this.#books.chains.size === 0;
  }

  alive(): readonly TrackedOrder[] {
    return [...this.#books.orders.values()].filter((order) => order.state !== 'initialized');
  }

  /** Takes up what is new in the store: orders to be sent, those of a former owner that may have been sent and are in doubt, and wishes. */
  takeUp(): void {
    this.#enqueue(async () => {
      const found = await this.#read();
      if (found === null) return;
      this.#hasTakenUp = true;
      const books = this.#books;
      const { orders } = found;
      await this.#takeUpActions(found.actions);
      // The desk has looked before there was anything to look for.
      if (orders.some((order) => !books.orders.has(order.clientOrderId))) this.#parts.desk.reconcileSoon(this, 0);
      for (const order of orders) {
        const known = books.orders.get(order.clientOrderId);
        if (books.ended.has(order.clientOrderId)) continue;
        if (known === undefined) await this.#adopt(order);
        else if (order.cancelRequestedAt !== null && known.cancelRequestedAt === null)
          await this.#cancel({ ...known, cancelRequestedAt: order.cancelRequestedAt });
      }
    });
  }

  onReport(report: VenueOrder): void {
    this.#enqueue(() => this.#applyReport(report));
  }

  knowsTrade(symbol: string, tradeId: string): boolean {
    return this.#knownTrades.has(`${symbol} ${tradeId}`);
  }

  onFill(fill: VenueFill, clientOrderId: string): void {
    this.#enqueue(() => this.#applyFill(fill, clientOrderId));
  }

  onAbsent(clientOrderId: string): void {
    this.#enqueue(async () => {
      const order = this.#books.orders.get(clientOrderId);
      if (order === undefined || order.state === 'submitting') return;
      if (order.state === 'unknown') await this.#apply(order, 'reject', { reasonCode: 'never_placed', reason: 'the exchange never received the order' });
      else await this.#apply(order, 'expire', { reasonCode: 'gone_at_exchange', reason: 'the exchange does not know the order any more' });
    });
  }

  async clientOrderIdOf(fill: VenueFill): Promise<string | null> {
    if (fill.clientOrderId !== null && this.#books.orders.has(fill.clientOrderId)) return fill.clientOrderId;
    const order = await bookedOrderOf(this.#parts.store, this.#parts.accountId, fill);
    return order === null || order.runId !== null ? null : order.clientOrderId;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#watch.close();
    await this.#work;
  }

  /** Actions are read after orders: an order that is seen has its actions by then. */
  async #read(): Promise<{ readonly orders: readonly OrderRecord[]; readonly actions: StoredActions } | null> {
    const { store, accountId, log } = this.#parts;
    try {
      const orders = await store.orders.alive(accountId, null);
      return { orders, actions: await store.actions.alive(accountId) };
    } catch (error) {
      // Who knows what its actions are waits for the next sweep; who does not must not book anything without them.
      if (!this.#hasTakenUp) throw error;
      log.warn({ err: error }, 'orders and actions of the account could not be read');
      return null;
    }
  }

  async #takeUpActions(found: StoredActions): Promise<void> {
    const { store, clock, userId } = this.#parts;
    const { chains } = this.#books;
    for (const { root, actions } of found) if (!chains.has(root.id)) chains.set(root.id, new ActionChain(root, actions));
    this.#watchActions();
    const calledOff = new Set(found.filter(({ actions }) => actions.calledOffAt !== null).map(({ root }) => root.id));
    const isHalted = [...chains.values()].some((chain) => chain.state.isHalted) && (await store.killSwitch.isOn(userId));
    for (const chain of [...chains.values()]) {
      const at = clock.now();
      if (calledOff.has(chain.root.id)) await this.#books.book({ order: null, chain, events: [{ type: 'calledOff', at }] });
      else if (chain.state.isHalted && !isHalted)
        await this.#books.book({ order: null, chain, events: [{ type: 'tradingStateChanged', at, isHalted: false }] });
    }
  }

  #watchActions(): void {
    if (!this.#isOver) this.#watch.attend([...this.#books.chains.values()]);
  }

  /** A price or a moment that automatic actions wait for has come; by now it may have passed again. */
  async #wake(chain: ActionChain): Promise<void> {
    if (!this.#books.chains.has(chain.root.id)) return;
    const at = this.#parts.clock.now();
    if ((wakeAt(chain.state) ?? Number.POSITIVE_INFINITY) <= at) await this.#books.book({ order: null, chain, events: [{ type: 'timeReached', at }] });
    // In a step of its own: what one has placed the other may want off the book.
    const quote = this.#watch.wantedQuote(chain);
    if (quote !== null) await this.#books.book({ order: null, chain, events: [{ type: 'quoteChanged', at, ...quote }] });
  }

  async #adopt(order: OrderRecord): Promise<void> {
    this.#books.orders.set(order.clientOrderId, order);
    if (order.cancelRequestedAt !== null) await this.#tellCancel(order);
    if (order.state === 'submitting') return await this.#apply(order, 'loseAnswer', {});
    if (order.state !== 'initialized') return;
    if (order.cancelRequestedAt !== null)
      return await this.#apply({ ...order, state: 'submitting' }, 'cancel', {
        reasonCode: 'cancelled_before_sent',
        reason: 'it was cancelled before it was sent',
      });
    if (this.#parts.clock.now() > order.createdAt + SEND_PATIENCE_MS)
      return await this.#apply(order, 'deny', {
        reasonCode: 'not_sent_in_time',
        reason: `it could not be sent within ${SEND_PATIENCE_MS / 1_000} seconds and is not sent any more`,
      });
    await this.#books.send(order);
  }

  async #cancel(order: OrderRecord): Promise<void> {
    this.#books.orders.set(order.clientOrderId, order);
    await this.#tellCancel(order);
    if (order.state !== 'unknown') {
      await this.#apply(order, 'requestCancel', {});
      this.#parts.desk.cancel(this, order.clientOrderId, order.symbol);
    }
  }

  /** Lets automatic actions know that their user wants an order of theirs off the book. */
  async #tellCancel(order: OrderRecord): Promise<void> {
    const chain = this.#books.chainOf(order);
    if (chain?.isNewCancel(order) !== true) return;
    await this.#books.book({ order: null, chain, events: [chain.cancelRequested(order, this.#parts.clock.now())] });
  }

  async #applyOutcome(event: OrderEvent): Promise<void> {
    const order = this.#books.orders.get(event.clientOrderId);
    if (order === undefined) return;
    if (event.type === 'orderAccepted') await this.#apply(order, 'accept', { venueOrderId: event.venueOrderId });
    else if (event.type === 'orderRejected') await this.#apply(order, 'reject', { reasonCode: event.code, reason: event.message });
    else if (event.type === 'orderUnknown') await this.#apply(order, 'loseAnswer', {});
  }

  async #applyReport(report: VenueOrder): Promise<void> {
    const order = this.#books.orders.get(report.clientOrderId);
    if (order === undefined) return;
    const isNews = order.state === 'submitting' || order.state === 'unknown';
    if (isNews) await this.#apply(order, 'accept', { venueOrderId: report.venueOrderId });
    const present = this.#books.orders.get(report.clientOrderId);
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
    if (this.knowsTrade(fill.symbol, fill.tradeId)) return;
    this.#knownTrades.add(`${fill.symbol} ${fill.tradeId}`);
    const fills = [{ ...fill, clientOrderId }];
    // The stream may be faster than the list of orders to take up, and slower than the end of the order.
    const order = this.#books.orders.get(clientOrderId) ?? (await this.#parts.store.orders.byClientOrderId(clientOrderId));
    if (order === null) return await this.#books.book({ order: null, fills });
    const filledSize = plain(decimal(order.filledSize).plus(fill.size));
    const isWhole = decimal(filledSize).gte(order.size);
    const state = nextState({ state: order.state, filledLots: 1 }, isWhole ? 'fillAll' : 'fillPart');
    const next = { ...order, state: state ?? order.state, filledSize, venueOrderId: fill.venueOrderId };
    const chain = this.#books.chainOf(order);
    const at = this.#parts.clock.now();
    await this.#books.book({
      order: next,
      changes: state === null ? [] : [{ clientOrderId, state, venueOrderId: fill.venueOrderId }],
      fills,
      facts: isWhole ? [this.#books.fact(order, 'order_filled', { filled_quantity: filledSize })] : [],
      chain,
      events: chain === undefined ? [] : [chain.filled(order, fill, at), ...(state !== null && isTerminal(state) ? [chain.over(next, undefined, at)] : [])],
    });
  }

  async #apply(known: OrderRecord, fact: OrderFact, change: Omit<OrderChange, 'clientOrderId' | 'state'>): Promise<void> {
    const order = fact === 'cancel' || fact === 'expire' ? await this.#withWish(known) : known;
    await this.#books.apply(order, fact, change);
    const present = this.#books.orders.get(order.clientOrderId);
    const isFound = order.state === 'unknown' && fact === 'accept';
    if (isFound && present !== undefined && present.cancelRequestedAt !== null) await this.#cancel(present);
  }

  /** A wish to cancel that has not come here yet must not look as if the venue had cancelled by itself: actions would place the order again. */
  async #withWish(order: OrderRecord): Promise<OrderRecord> {
    if (order.cancelRequestedAt !== null || this.#books.chainOf(order) === undefined) return order;
    const stored = await this.#parts.store.orders.get(order.userId, order.id);
    const wished = { ...order, cancelRequestedAt: stored?.cancelRequestedAt ?? null };
    if (wished.cancelRequestedAt !== null) await this.#tellCancel(wished);
    return wished;
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

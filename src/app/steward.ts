/**
 * The steward of one account: sends the orders its user placed by hand, follows them and their automatic actions to the end,
 * and answers for what belongs to no run. It uses the same table of states, the same commit and the same reconciliation as runs do.
 */

import type { ActionEvent } from '#core/action-state.ts';
import { wakeAt } from '#core/actions.ts';
import { PortError } from '#core/errors.ts';
import type { OrderEvent } from '#core/events.ts';
import type { FactType, NewFact } from '#core/facts.ts';
import { decimal, plain } from '#core/money.ts';
import { isTerminal, nextState, type OrderFact, type OrderState } from '#core/order.ts';
import { endReason } from '#core/order-life.ts';
import type { Bus, Clock, Ids, Log, Quote, VenueFill, VenueOrder } from '#core/ports.ts';
import type { Commit, OrderChange, OrderRecord, Store } from '#core/store.ts';
import { ActionChain, type ActionDraft } from './action-chain.ts';
import { ActionWatch } from './action-watch.ts';
import type { HeldLease } from './lease-keeper.ts';
import { type OrderDesk, RECONCILE_BUSY_MS } from './order-desk.ts';
import type { OrderHolder, TrackedOrder } from './order-holder.ts';

const LEASE_MARGIN_MS = 1_000;
/** An order that could not be sent for this long after it was asked for is not sent any more: the market is another. */
export const SEND_PATIENCE_MS = 60_000;

export interface StewardParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly bus: Bus;
  readonly held: HeldLease;
  readonly desk: OrderDesk;
  readonly userId: string;
  readonly accountId: string;
  /** Pushes quotes until the returned function is called. */
  readonly watchQuotes: (symbol: string, onQuote: (quote: Quote) => void) => () => void;
  /** A commit failed: what is in memory may be wrong, so a new steward begins from the store. */
  readonly onFailed: (error: unknown) => void;
}

/** What becomes durable at once: an order as it stands afterwards, and what its automatic actions make of it. */
interface Step {
  readonly order: OrderRecord | null;
  readonly change?: OrderChange;
  readonly fills?: Commit['fills'];
  readonly facts?: readonly NewFact[];
  readonly chain?: ActionChain | undefined;
  readonly events?: readonly ActionEvent[];
}

export class Steward implements OrderHolder {
  readonly #parts: StewardParts;
  readonly #orders = new Map<string, OrderRecord>();
  /** Active automatic actions, by the id of their first order. */
  readonly #chains = new Map<string, ActionChain>();
  readonly #watch: ActionWatch;
  readonly #knownTrades = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(parts: StewardParts) {
    this.#parts = parts;
    this.#watch = new ActionWatch({ ...parts, onDue: (chain) => this.#enqueue(() => this.#wake(chain)) });
  }

  get symbols(): ReadonlySet<string> {
    return new Set([...this.#orders.values()].map((order) => order.symbol));
  }

  alive(): readonly TrackedOrder[] {
    return [...this.#orders.values()].filter((order) => order.state !== 'initialized');
  }

  /** Takes up what is new in the store: orders to be sent, those of a former owner that may have been sent and are in doubt, and wishes. */
  takeUp(): void {
    this.#enqueue(async () => {
      const { store, accountId } = this.#parts;
      // Actions are read after orders: an order that is seen has its actions by then.
      const orders = await store.orders.alive(accountId, null);
      await this.#takeUpActions(await store.actions.alive(accountId));
      // What a former owner may have sent is compared with the venue at once.
      if (orders.some((order) => order.state !== 'initialized' && !this.#orders.has(order.clientOrderId))) this.#parts.desk.reconcileSoon(this, 0);
      for (const order of orders) {
        const known = this.#orders.get(order.clientOrderId);
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

  async clientOrderIdOf(symbol: string, venueOrderId: string): Promise<string | null> {
    const order = await this.#parts.store.orders.byVenueOrderId(this.#parts.accountId, symbol, venueOrderId);
    return order === null || order.runId !== null ? null : order.clientOrderId;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#watch.close();
    await this.#work;
  }

  async #takeUpActions(found: Awaited<ReturnType<Store['actions']['alive']>>): Promise<void> {
    const { store, clock, userId } = this.#parts;
    for (const { root, actions } of found) if (!this.#chains.has(root.id)) this.#chains.set(root.id, new ActionChain(root, actions));
    this.#watch.attend([...this.#chains.values()]);
    const calledOff = new Set(found.filter(({ actions }) => actions.calledOffAt !== null).map(({ root }) => root.id));
    const isHalted = [...this.#chains.values()].some((chain) => chain.state.isHalted) && (await store.killSwitch.isOn(userId));
    for (const chain of [...this.#chains.values()]) {
      const at = clock.now();
      if (calledOff.has(chain.root.id)) await this.#book({ order: null, chain, events: [{ type: 'calledOff', at }] });
      else if (chain.state.isHalted && !isHalted) await this.#book({ order: null, chain, events: [{ type: 'tradingStateChanged', at, isHalted: false }] });
    }
  }

  /** A price or a moment that automatic actions wait for has come; by now it may have passed again. */
  async #wake(chain: ActionChain): Promise<void> {
    if (!this.#chains.has(chain.root.id)) return;
    const at = this.#parts.clock.now();
    const quote = this.#watch.wantedQuote(chain);
    const isTime = (wakeAt(chain.state) ?? Number.POSITIVE_INFINITY) <= at;
    const events: ActionEvent[] = [
      ...(isTime ? [{ type: 'timeReached', at } as const] : []),
      ...(quote === null ? [] : [{ type: 'quoteChanged', at, ...quote } as const]),
    ];
    if (events.length > 0) await this.#book({ order: null, chain, events });
  }

  async #adopt(order: OrderRecord): Promise<void> {
    this.#orders.set(order.clientOrderId, order);
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
    await this.#send(order);
  }

  async #send(order: OrderRecord): Promise<void> {
    const { desk, held, clock } = this.#parts;
    const sentAt = clock.now();
    if (!(await held.holdUntil(sentAt + desk.windowMs + LEASE_MARGIN_MS))) throw new Error('the lease does not last for the next order');
    const next = { ...order, state: 'submitting' as const, deadlineAt: sentAt + desk.windowMs };
    try {
      await this.#commit({ orderChanges: [{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: next.deadlineAt }] }, sentAt);
    } catch (error) {
      if (!isKilled(error)) throw error;
      return await this.#apply(order, 'deny', { reasonCode: 'trading_killed', reason: 'the kill switch is on, so the order was not sent' });
    }
    this.#place(next, sentAt);
  }

  /** Sends an order whose intent is durable, once. */
  #place(order: OrderRecord, sentAt: number): void {
    // A desk that had nothing to compare looks seldom; from now on it has.
    if (this.alive().length === 0) this.#parts.desk.reconcileSoon(this, RECONCILE_BUSY_MS);
    this.#orders.set(order.clientOrderId, order);
    this.#parts.desk.place(this, order, sentAt, (event) => this.#enqueue(() => this.#applyOutcome(event)));
  }

  async #cancel(order: OrderRecord): Promise<void> {
    this.#orders.set(order.clientOrderId, order);
    await this.#tellCancel(order);
    if (order.state !== 'unknown') {
      await this.#apply(order, 'requestCancel', {});
      this.#parts.desk.cancel(this, order.clientOrderId, order.symbol);
    }
  }

  /** Lets automatic actions know that their user wants an order of theirs off the book. */
  async #tellCancel(order: OrderRecord): Promise<void> {
    const chain = this.#chainOf(order);
    if (chain?.isNewCancel(order) === true) await this.#book({ order: null, chain, events: [chain.cancelRequested(order, this.#parts.clock.now())] });
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
    if (report.status === 'cancelled') await this.#apply(present, 'cancel', {});
    else if (report.status === 'expired') await this.#apply(present, 'expire', {});
    else if (report.status === 'rejected')
      await this.#apply(present, 'reject', { reasonCode: 'rejected_by_venue', reason: 'the exchange rejected the order after accepting it' });
    else if (report.status === 'open' && present.cancelRequestedAt !== null) this.#parts.desk.cancel(this, present.clientOrderId, present.symbol);
  }

  async #applyFill(fill: VenueFill, clientOrderId: string): Promise<void> {
    if (this.#knownTrades.has(fill.tradeId)) return;
    this.#knownTrades.add(fill.tradeId);
    const fills = [{ ...fill, clientOrderId }];
    const order = this.#orders.get(clientOrderId);
    if (order === undefined) return await this.#book({ order: null, fills });
    const filledSize = plain(decimal(order.filledSize).plus(fill.size));
    const isWhole = decimal(filledSize).gte(order.size);
    const state = nextState({ state: order.state, filledLots: 1 }, isWhole ? 'fillAll' : 'fillPart') ?? order.state;
    const next = { ...order, state, filledSize, venueOrderId: fill.venueOrderId };
    const chain = this.#chainOf(order);
    const at = this.#parts.clock.now();
    await this.#book({
      order: next,
      change: { clientOrderId, state, venueOrderId: fill.venueOrderId },
      fills,
      facts: isWhole ? [this.#fact(order, 'order_filled', { filled_quantity: filledSize })] : [],
      chain,
      events: chain === undefined ? [] : [chain.filled(order, fill, at), ...(isTerminal(state) ? [chain.over(next, undefined, at)] : [])],
    });
  }

  async #apply(known: OrderRecord, fact: OrderFact, change: Omit<OrderChange, 'clientOrderId' | 'state'>): Promise<void> {
    const state = nextState({ state: known.state, filledLots: Number(known.filledSize) > 0 ? 1 : 0 }, fact);
    if (state === null) return;
    const order = fact === 'cancel' || fact === 'expire' ? await this.#withWish(known) : known;
    const next = { ...order, state, venueOrderId: change.venueOrderId ?? order.venueOrderId };
    const why = { ...endReason(state, order.cancelRequestedAt !== null), ...change };
    const type = FACTS[state];
    const chain = this.#chainOf(order);
    await this.#book({
      order: next,
      change: { clientOrderId: order.clientOrderId, state, ...why },
      facts: type === undefined ? [] : [this.#fact(order, type, { code: why.reasonCode ?? null, reason: why.reason ?? null })],
      chain,
      events: chain !== undefined && isTerminal(state) ? [chain.over(next, why.reasonCode, this.#parts.clock.now())] : [],
    });
    if (order.state === 'unknown' && state === 'accepted' && order.cancelRequestedAt !== null) await this.#cancel({ ...order, state });
  }

  /** A wish to cancel that has not come here yet must not look as if the venue had cancelled by itself: actions would place the order again. */
  async #withWish(order: OrderRecord): Promise<OrderRecord> {
    if (order.cancelRequestedAt !== null || this.#chainOf(order) === undefined) return order;
    const stored = await this.#parts.store.orders.get(order.userId, order.id);
    const wished = { ...order, cancelRequestedAt: stored?.cancelRequestedAt ?? null };
    if (wished.cancelRequestedAt !== null) await this.#tellCancel(wished);
    return wished;
  }

  #chainOf(order: OrderRecord): ActionChain | undefined {
    return this.#chains.get(order.parentOrderId ?? order.id);
  }

  /** Makes a step durable, then carries out what its automatic actions want. */
  async #book(step: Step): Promise<void> {
    const { chain, events = [] } = step;
    if (chain === undefined || events.length === 0) {
      await this.#commit({ orderChanges: step.change === undefined ? [] : [step.change], fills: step.fills ?? [], facts: step.facts ?? [] });
      if (step.order !== null) this.#keep(step.order);
      return;
    }
    const { held, desk, clock, ids } = this.#parts;
    const sentAt = clock.now();
    let draft = chain.draft(events, () => ids.next());
    if (draft.orders.length > 0 && !(await held.holdUntil(sentAt + desk.windowMs + LEASE_MARGIN_MS)))
      throw new Error('the lease does not last for the next orders');
    try {
      await this.#commitActions(step, chain, draft, sentAt);
    } catch (error) {
      if (!isKilled(error)) throw error;
      // What has happened is booked all the same; what should follow waits until the switch is off.
      draft = chain.draft([{ type: 'tradingStateChanged', at: sentAt, isHalted: true }, ...events], () => ids.next());
      await this.#commitActions(step, chain, draft, sentAt);
    }
    chain.keep(draft);
    if (chain.state.status !== 'active') this.#chains.delete(chain.root.id);
    if (step.order !== null) this.#keep(step.order);
    this.#carryOut(draft, sentAt);
    this.#watch.attend([...this.#chains.values()]);
  }

  async #commitActions(step: Step, chain: ActionChain, draft: ActionDraft, at: number): Promise<void> {
    const { desk, clock } = this.#parts;
    const cancels = draft.cancels.flatMap(({ clientOrderId, reason }): OrderChange[] => {
      const order = step.order?.clientOrderId === clientOrderId ? step.order : this.#orders.get(clientOrderId);
      const state = order === undefined ? null : nextState({ state: order.state, filledLots: Number(order.filledSize) > 0 ? 1 : 0 }, 'requestCancel');
      return order === undefined || isTerminal(order.state)
        ? []
        : [{ clientOrderId, ...(state === null ? {} : { state }), cancelRequestedAt: at, reasonCode: 'by_rule', reason }];
    });
    await this.#commit(
      {
        botId: draft.orders.length > 0 ? chain.root.botId : null,
        newOrders: draft.orders.map((order) => ({ ...order, deadlineAt: at + desk.windowMs })),
        orderChanges: [...(step.change === undefined ? [] : [step.change]), ...cancels],
        fills: step.fills ?? [],
        facts: [
          ...(step.facts ?? []),
          ...draft.troubles.map(({ code, text }, index) =>
            this.#fact(chain.root, 'order_action', { code, reason: text }, `${draft.advance.steps[0]?.sequence ?? 0}:${index}`),
          ),
        ],
        actions: [draft.advance],
      },
      clock.now(),
    );
  }

  #carryOut(draft: ActionDraft, sentAt: number): void {
    const { desk, bus } = this.#parts;
    for (const order of draft.orders) {
      const { reduceOnly = false, parentOrderId = null } = order;
      const nothingYet = { filledSize: '0', filledQuote: '0', venueOrderId: null, cancelRequestedAt: null, updatedAt: sentAt } as const;
      this.#place({ ...order, reduceOnly, parentOrderId, ...nothingYet, deadlineAt: sentAt + desk.windowMs }, sentAt);
      bus.publish('order_changed', { orderId: order.id, state: order.state });
    }
    for (const { clientOrderId } of draft.cancels) {
      const order = this.#orders.get(clientOrderId);
      if (order === undefined) continue;
      const state = nextState({ state: order.state, filledLots: Number(order.filledSize) > 0 ? 1 : 0 }, 'requestCancel') ?? order.state;
      this.#orders.set(clientOrderId, { ...order, state, cancelRequestedAt: sentAt });
      if (state !== 'unknown') desk.cancel(this, clientOrderId, order.symbol);
    }
  }

  #keep(order: OrderRecord): void {
    if (isTerminal(order.state)) this.#orders.delete(order.clientOrderId);
    else this.#orders.set(order.clientOrderId, order);
    this.#parts.bus.publish('order_changed', { orderId: order.id, state: order.state });
  }

  #fact(order: OrderRecord, type: FactType, data: Readonly<Record<string, unknown>>, key = ''): NewFact {
    const { clientOrderId, userId, botId, symbol, side, price } = order;
    return {
      dedupeKey: `${clientOrderId}:${type}${key === '' ? '' : `:${key}`}`,
      userId,
      botId,
      type,
      at: this.#parts.clock.now(),
      data: { symbol, client_order_id: clientOrderId, side, type: order.type, price, quantity: order.size, ...data },
    };
  }

  async #commit(what: Partial<Commit>, at = this.#parts.clock.now()): Promise<void> {
    const { store, held, userId, accountId } = this.#parts;
    const nothing = { botId: null, run: null, newOrders: [], orderChanges: [], fills: [], facts: [], status: null } as const;
    await store.commit({ ...nothing, lease: held.lease, userId, accountId, at, ...what });
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

function isKilled(error: unknown): boolean {
  return error instanceof PortError && error.code === 'trading_killed';
}

const FACTS: Partial<Record<OrderState, FactType>> = {
  accepted: 'order_placed',
  denied: 'risk_denied',
  rejected: 'order_rejected',
  cancelled: 'order_cancelled',
  expired: 'order_cancelled',
};

/**
 * The books of one account's steward: the orders and automatic actions it holds, each step made durable in one commit, and
 * only then carried out. What has happened is never lost to what should follow from it.
 */
import type { ActionEvent } from '#core/actions/action-state.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { OrderEvent } from '#core/events.ts';
import type { FactType, NewFact } from '#core/facts.ts';
import { countOutcomes, type Metrics, NO_METRICS } from '#core/metrics.ts';
import { isTerminal, nextState, type OrderFact, type OrderState } from '#core/order.ts';
import { endReason } from '#core/order-life.ts';
import type { Bus, Clock, Ids } from '#core/ports.ts';
import type { Commit } from '#core/store/commit.ts';
import type { OrderChange, OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { OrderDesk } from '../desk/order-desk.ts';
import type { OrderHolder } from '../desk/order-holder.ts';
import { RECONCILE_BUSY_MS } from '../desk/reconcile-rounds.ts';
import type { HeldLease } from '../fleet/lease-keeper.ts';
import type { ActionChain, ActionDraft } from './action-chain.ts';

/** Time the lease must outlast the venue's receive window. */
const LEASE_MARGIN_MS = 1_000;

export interface StewardBooksParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
  readonly metrics?: Metrics | undefined;
  readonly held: HeldLease;
  readonly desk: OrderDesk;
  readonly userId: string;
  readonly accountId: string;
}

/** What the steward does with what comes of a step. */
export interface StewardDuty {
  /** Whose orders these are, for the desk. */
  readonly holder: OrderHolder;
  /** The venue's answer to an order that was sent. */
  readonly onOutcome: (event: OrderEvent) => void;
  /** The actions stand differently now. */
  readonly onActions: () => void;
}

/** What becomes durable at once: an order as it stands afterwards, and what its automatic actions make of it. */
interface Step {
  readonly order: OrderRecord | null;
  readonly changes?: readonly OrderChange[];
  readonly fills?: Commit['fills'];
  readonly facts?: readonly NewFact[];
  readonly chain?: ActionChain | undefined;
  readonly events?: readonly ActionEvent[];
}

export class StewardBooks {
  /** Orders that are not over, by ClientOrderId. */
  readonly orders = new Map<string, OrderRecord>();
  /** Active automatic actions, by the id of their first order. */
  readonly chains = new Map<string, ActionChain>();
  /** Orders that ended here: a list read before that may still name them. */
  readonly ended = new Set<string>();
  readonly #parts: StewardBooksParts;
  readonly #duty: StewardDuty;
  readonly #metrics: Metrics;

  constructor(parts: StewardBooksParts, duty: StewardDuty) {
    this.#parts = parts;
    this.#duty = duty;
    this.#metrics = parts.metrics ?? NO_METRICS;
  }

  chainOf(order: OrderRecord): ActionChain | undefined {
    return this.chains.get(order.parentOrderId ?? order.id);
  }

  /** Makes an order durable as sent and sends it, once; one that may not go out under a kill switch is denied. */
  async send(order: OrderRecord): Promise<void> {
    const decidedAt = this.#metrics.now();
    const sentAt = this.#parts.clock.now();
    await this.#assertLeaseLasts(sentAt);
    const next = { ...order, state: 'submitting' as const, deadlineAt: sentAt + this.#parts.desk.windowMs };
    try {
      await this.#commit({ orderChanges: [{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: next.deadlineAt }] }, sentAt);
    } catch (error) {
      if (!isKilled(error)) throw error;
      // An order that may not go out must not keep the steward from those that are out.
      return await this.apply(order, 'deny', { reasonCode: 'trading_killed', reason: 'the kill switch was on before the order could be sent' });
    }
    this.#place(next, sentAt, decidedAt);
  }

  /** What has become of an order; nothing when that is known. */
  async apply(order: OrderRecord, fact: OrderFact, change: Omit<OrderChange, 'clientOrderId' | 'state'>): Promise<void> {
    const state = nextState({ state: order.state, filledLots: Number(order.filledSize) > 0 ? 1 : 0 }, fact);
    if (state === null) return;
    const next = { ...order, state, venueOrderId: change.venueOrderId ?? order.venueOrderId };
    const why = { ...endReason(state, order.cancelRequestedAt !== null), ...change };
    const type = FACTS[state];
    const chain = this.chainOf(order);
    await this.book({
      order: next,
      changes: [{ clientOrderId: order.clientOrderId, state, ...why }],
      facts: type === undefined ? [] : [this.fact(order, type, { code: why.reasonCode ?? null, reason: why.reason ?? null })],
      chain,
      events: chain !== undefined && isTerminal(state) ? [chain.over(next, why.reasonCode, this.#parts.clock.now())] : [],
    });
  }

  /** Makes a step durable, then carries out what its automatic actions want. */
  async book(step: Step): Promise<void> {
    const { chain, events = [] } = step;
    const decidedAt = this.#metrics.now();
    if (chain === undefined || events.length === 0) {
      await this.#commit({ orderChanges: step.changes ?? [], fills: step.fills ?? [], facts: step.facts ?? [] });
      if (step.order !== null) this.#keep(step.order);
      return;
    }
    const sentAt = this.#parts.clock.now();
    const draft = await this.#bookActions(step, chain, events, sentAt);
    chain.keep(draft);
    if (chain.state.status !== 'active') this.chains.delete(chain.root.id);
    if (step.order !== null) this.#keep(step.order);
    this.#carryOut(draft, sentAt, decidedAt);
    this.#duty.onActions();
  }

  async #bookActions(step: Step, chain: ActionChain, events: readonly ActionEvent[], sentAt: number): Promise<ActionDraft> {
    const nextId = (): string => this.#parts.ids.next();
    const draft = chain.draft(events, nextId);
    if (draft.orders.length > 0) await this.#assertLeaseLasts(sentAt);
    try {
      await this.#commitActions(step, chain, draft, sentAt);
      return draft;
    } catch (error) {
      if (!isKilled(error)) throw error;
      // What has happened is booked all the same; what should follow waits until the switch is off.
      const halted = chain.draft([{ type: 'tradingStateChanged', at: sentAt, isHalted: true }, ...events], nextId);
      await this.#commitActions(step, chain, halted, sentAt);
      return halted;
    }
  }

  async #commitActions(step: Step, chain: ActionChain, draft: ActionDraft, at: number): Promise<void> {
    const { desk } = this.#parts;
    const cancels = draft.cancels.flatMap(({ clientOrderId, reason }): OrderChange[] => {
      const order = step.order?.clientOrderId === clientOrderId ? step.order : this.orders.get(clientOrderId);
      if (order === undefined || isTerminal(order.state)) return [];
      return [{ clientOrderId, ...cancelling(order), cancelRequestedAt: at, reasonCode: 'by_rule', reason }];
    });
    const sequence = draft.advance.steps[0]?.sequence ?? 0;
    await this.#commit({
      botId: draft.orders.length > 0 ? chain.root.botId : null,
      newOrders: draft.orders.map((order) => ({ ...order, deadlineAt: at + desk.windowMs })),
      orderChanges: [...(step.changes ?? []), ...cancels],
      fills: step.fills ?? [],
      facts: [
        ...(step.facts ?? []),
        ...draft.troubles.map(({ code, text }, index) => this.fact(chain.root, 'order_action', { code, reason: text }, `${sequence}:${index}`)),
      ],
      actions: [draft.advance],
    });
  }

  #carryOut(draft: ActionDraft, sentAt: number, decidedAt: number): void {
    const { desk, bus } = this.#parts;
    for (const order of draft.orders) {
      // A desk that had nothing to compare looks seldom; from now on it has.
      if (this.#duty.holder.alive().length === 0) desk.reconcileSoon(this.#duty.holder, RECONCILE_BUSY_MS);
      const { reduceOnly = false, parentOrderId = null } = order;
      const nothingYet = { filledSize: '0', filledQuote: '0', venueOrderId: null, cancelRequestedAt: null, updatedAt: sentAt } as const;
      this.#place({ ...order, reduceOnly, parentOrderId, ...nothingYet, deadlineAt: sentAt + desk.windowMs }, sentAt, decidedAt);
      bus.publish('order_changed', { orderId: order.id, state: order.state });
    }
    for (const { clientOrderId } of draft.cancels) {
      const order = this.orders.get(clientOrderId);
      if (order === undefined) continue;
      const next = { ...order, ...cancelling(order), cancelRequestedAt: sentAt };
      this.orders.set(clientOrderId, next);
      if (next.state !== 'unknown') desk.cancel(this.#duty.holder, clientOrderId, order.symbol);
    }
  }

  /** Sends an order whose intent is durable. */
  #place(order: OrderRecord, sentAt: number, decidedAt: number): void {
    this.orders.set(order.clientOrderId, order);
    this.#parts.desk.place(this.#duty.holder, order, sentAt, this.#duty.onOutcome, decidedAt);
  }

  #keep(order: OrderRecord): void {
    if (isTerminal(order.state)) {
      this.orders.delete(order.clientOrderId);
      this.ended.add(order.clientOrderId);
    } else this.orders.set(order.clientOrderId, order);
    this.#parts.bus.publish('order_changed', { orderId: order.id, state: order.state });
  }

  async #assertLeaseLasts(sentAt: number): Promise<void> {
    const { held, desk } = this.#parts;
    if (!(await held.holdUntil(sentAt + desk.windowMs + LEASE_MARGIN_MS))) throw new AppError('lease_lost', 'the lease does not last for the next order');
  }

  fact(order: OrderRecord, type: FactType, data: Readonly<Record<string, unknown>>, key = ''): NewFact {
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
    const begunAt = this.#metrics.now();
    await store.commit({ ...nothing, lease: held.lease, userId, accountId, at, ...what });
    const { newOrders = [], orderChanges = [] } = what;
    const isIntent = newOrders.length > 0 || orderChanges.some(({ state }) => state === 'submitting');
    if (isIntent) this.#metrics.observeIntent(this.#metrics.now() - begunAt);
    countOutcomes(this.#metrics, this.#parts.desk.venueId, orderChanges);
  }
}

/** The state after a wish to cancel, where it changes. */
function cancelling(order: OrderRecord): { readonly state?: OrderState } {
  const state = nextState({ state: order.state, filledLots: Number(order.filledSize) > 0 ? 1 : 0 }, 'requestCancel');
  return state === null ? {} : { state };
}

function isKilled(error: unknown): boolean {
  return error instanceof PortError && error.code === 'trading_killed';
}

const FACTS: Partial<Record<OrderState, FactType>> = {
  denied: 'risk_denied',
  accepted: 'order_placed',
  filled: 'order_filled',
  rejected: 'order_rejected',
  cancelled: 'order_cancelled',
  expired: 'order_cancelled',
};

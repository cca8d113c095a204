/**
 * The orders a simulated exchange knows: open ones, and a bounded number of those that are over, findable by the
 * venue's id and by the client's.
 */
import type { OrderRequest } from '../order.ts';
import type { Market } from './market.ts';
import { isOpen, type OrderKey, type SimulatedOrder } from './orders.ts';

/** An order with what the exchange needs besides: its market and the highest price it can pay. */
export interface Kept {
  readonly order: { -readonly [key in keyof SimulatedOrder]: SimulatedOrder[key] };
  readonly market: Market;
  readonly worstTicks: number;
}

export interface OrderStart {
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly request: OrderRequest;
  /** What a restored order has traded before. */
  readonly filledLots: number;
  readonly isLiquidation: boolean;
  readonly at: number;
}

/** An order as it starts out; one without a client id takes the venue's. */
export function newOrder({ account, symbol, clientOrderId, venueOrderId, request, filledLots, isLiquidation, at }: OrderStart): Kept['order'] {
  return {
    venueOrderId,
    clientOrderId: clientOrderId === '' ? venueOrderId : clientOrderId,
    account,
    symbol,
    request,
    status: filledLots > 0 ? 'partiallyFilled' : 'open',
    isTriggered: request.triggerTicks === 0,
    filledLots,
    filledAtoms: filledLots * request.priceTicks,
    isLiquidation,
    createdAt: at,
    updatedAt: at,
  };
}

export class Register {
  /** Whether it holds orders under ids that the exchange has not given. */
  hasForeign = false;
  readonly #historyLimit: number;
  /** By venue id, oldest first. */
  readonly #orders = new Map<string, Kept>();
  /** The same by account. */
  readonly #byAccount = new Map<string, Map<string, Kept>>();
  /** The newest order of each client id, by account and symbol. */
  readonly #byClientId = new Map<string, Map<string, Map<string, Kept>>>();
  readonly #over: string[] = [];

  /** Keeps `historyLimit` orders that are over; the oldest go first. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  get(venueOrderId: string): Kept | undefined {
    return this.#orders.get(venueOrderId);
  }

  find(account: string, symbol: string, key: OrderKey): Kept | undefined {
    const kept = 'venueOrderId' in key ? this.#orders.get(key.venueOrderId) : this.#byClientId.get(account)?.get(symbol)?.get(key.clientOrderId);
    return kept !== undefined && kept.order.account === account && kept.order.symbol === symbol ? kept : undefined;
  }

  /** Copies of an account's orders, oldest first. */
  list(account: string, symbol: string | undefined, which: 'all' | 'open'): SimulatedOrder[] {
    const found: SimulatedOrder[] = [];
    for (const { order } of this.#byAccount.get(account)?.values() ?? []) {
      if ((symbol === undefined || order.symbol === symbol) && (which === 'all' || isOpen(order))) found.push({ ...order });
    }
    return found;
  }

  add(kept: Kept): void {
    const { venueOrderId, account } = kept.order;
    this.#orders.set(venueOrderId, kept);
    const own = this.#byAccount.get(account);
    if (own === undefined) this.#byAccount.set(account, new Map([[venueOrderId, kept]]));
    else own.set(venueOrderId, kept);
  }

  /** Makes an accepted order findable by its client id. */
  name(kept: Kept): void {
    const { account, symbol, clientOrderId } = kept.order;
    let ofAccount = this.#byClientId.get(account);
    if (ofAccount === undefined) this.#byClientId.set(account, (ofAccount = new Map()));
    let ofSymbol = ofAccount.get(symbol);
    if (ofSymbol === undefined) ofAccount.set(symbol, (ofSymbol = new Map()));
    ofSymbol.set(clientOrderId, kept);
  }

  /** Takes out an order that was never accepted. */
  forget({ order }: Kept): void {
    this.#orders.delete(order.venueOrderId);
    this.#byAccount.get(order.account)?.delete(order.venueOrderId);
  }

  /** Takes out every order of an account and returns them. */
  removeAccount(account: string): readonly Kept[] {
    const removed = [...(this.#byAccount.get(account)?.values() ?? [])];
    this.#byAccount.delete(account);
    this.#byClientId.delete(account);
    for (const { order } of removed) this.#orders.delete(order.venueOrderId);
    return removed;
  }

  /** An order that is over stays findable until as many newer ones are over as the history keeps. */
  retire({ order }: Kept): void {
    this.#over.push(order.venueOrderId);
    if (this.#over.length <= this.#historyLimit) return;
    const oldest = this.#orders.get(this.#over.shift() ?? '');
    if (oldest === undefined) return;
    this.forget(oldest);
    const { account, symbol, clientOrderId } = oldest.order;
    const ofSymbol = this.#byClientId.get(account)?.get(symbol);
    if (ofSymbol?.get(clientOrderId) === oldest) ofSymbol.delete(clientOrderId);
  }
}

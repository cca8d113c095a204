/** The way of an order that is well formed into the book of a simulated exchange: what depends on the account's other orders, positions and money. */
import type { OrderRequest } from '../order.ts';
import type { Execution } from './execution.ts';
import type { Margin } from './margin.ts';
import type { Market } from './market.ts';
import { type AskedOrder, isOpen, type Refusal } from './orders.ts';
import { type Kept, newOrder, type Register } from './register.ts';
import type { ExchangeSettings } from './settings.ts';

export interface EntranceParts {
  readonly settings: ExchangeSettings;
  readonly register: Register;
  readonly margin: Margin;
  readonly execution: Execution;
}

type NamedOrder = Pick<AskedOrder, 'symbol' | 'clientOrderId'>;

export class Entrance {
  readonly #parts: EntranceParts;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  /** The order as it is kept, or why it is refused. */
  enter(account: string, asked: NamedOrder, taken: OrderRequest, market: Market, at: number): Kept | Refusal {
    const { execution } = this.#parts;
    const { bidTicks, askTicks } = market.matching;
    const refusal = this.#standing(account, asked, market);
    if (refusal !== null) return refusal;
    const request = this.#reduced(account, taken, market);
    if (request === null) return 'reduceOnly';
    if (request.triggerTicks > 0 && (request.side === 'buy' ? askTicks >= request.triggerTicks : bidTicks > 0 && bidTicks <= request.triggerTicks))
      return 'wouldTrigger';
    const booked = market.protect(request);
    const kept = this.keep(account, asked, request, market, market.worstTicks(booked), 0, at);
    if (!execution.settlementOf(market).bind(kept)) return this.forget(kept, 'insufficientBalance');
    market.matching.submit(booked, kept.order.venueOrderId, account);
    return execution.takeReports(market, at) ? this.forget(kept, 'wouldTake') : kept;
  }

  keep(
    account: string,
    asked: NamedOrder & { readonly venueOrderId?: string | null },
    request: OrderRequest,
    market: Market,
    worstTicks: number,
    filledLots: number,
    at: number,
  ): Kept {
    const { register, execution } = this.#parts;
    const { symbol, clientOrderId } = asked;
    // Records of orders come here as they are, with `null` for an id that is not known yet.
    if (asked.venueOrderId != null) register.hasForeign = true;
    const venueOrderId = asked.venueOrderId ?? execution.nextOrderId();
    const order = newOrder({ account, symbol, clientOrderId, venueOrderId, request, filledLots, isLiquidation: false, at });
    const kept: Kept = { order, market, worstTicks };
    register.add(kept);
    return kept;
  }

  /** An order that was never accepted is gone, for this reason. */
  forget(kept: Kept, reason: Refusal): Refusal {
    this.#parts.register.forget(kept);
    return reason;
  }

  /** Refusals that depend on the account's other orders. */
  #standing(account: string, asked: NamedOrder, market: Market): Refusal | null {
    const { register, settings } = this.#parts;
    const former = register.find(account, asked.symbol, { clientOrderId: asked.clientOrderId });
    if (former !== undefined && (settings.clientIdScope === 'ever' || isOpen(former.order))) return 'duplicateClientOrderId';
    let open = 0;
    for (const order of market.matching.orders.values()) if (order.account === account) open += 1;
    return open < settings.maxOpenOrders ? null : 'tooManyOrders';
  }

  /** The request as far as it may reduce, where it may do no more; `null` when that is not enough. */
  #reduced(account: string, request: OrderRequest, market: Market): OrderRequest | null {
    const { margin, settings } = this.#parts;
    if (!request.reduceOnly) return request;
    const sizeLots = margin.reducibleLots(account, market, request.side);
    if (sizeLots >= request.sizeLots) return request;
    return sizeLots === 0 || settings.reduceOnlyExcess === 'refused' ? null : { ...request, sizeLots };
  }
}

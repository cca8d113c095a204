/**
 * One instrument of a run: its market, its position, and the gate that its orders pass. What phase the run is in, and what
 * its strategy is told, is the engine's.
 */
import type { Command } from '../commands.ts';
import type { FundingPaid, Liquidation } from '../events.ts';
import { exitRequest } from '../exit.ts';
import { applyFact, type Order, type OrderRequest } from '../order.ts';
import { applyFunding, applyPerpetualFill } from '../perpetual-position.ts';
import { applyFill, type Fill, receiveBase } from '../position.ts';
import { assess, type Denial, freeBaseGrains, freeQuoteAtoms, type RiskView, type TradingState } from '../risk.ts';
import type { RunState } from '../run-state.ts';
import { type LegState, type LegTerms, MAX_KNOWN_PAYMENTS } from './leg-state.ts';

/** What of the engine a leg needs. */
export interface LegHost {
  readonly at: number;
  readonly state: Pick<RunState, 'phase' | 'orderTokens' | 'orderTokensAt'>;
  /** Of all legs. */
  readonly orders: Map<string, Order>;
  /** As far as every leg's market lets it go. */
  readonly tradingState: TradingState;
  nextOrderId(): string;
  emit(command: Command): void;
}

/** An order at the gate: past it, it is on its way (`denial` is `null`); otherwise it is denied with a code. */
export interface Placed {
  readonly order: Order;
  readonly denial: string | null;
}

export class Leg {
  /** `null` in a run that has but one. */
  readonly name: string | null;
  readonly terms: LegTerms;
  readonly state: LegState;
  readonly #host: LegHost;
  /** The live orders, to be gone through any number of times. */
  readonly #liveOrders: Iterable<Order>;

  constructor(host: LegHost, name: string | null, terms: LegTerms, state: LegState) {
    this.#host = host;
    this.name = name;
    this.terms = terms;
    this.state = state;
    this.#liveOrders = { [Symbol.iterator]: () => (name === null ? host.orders.values() : ordersOf(name, host.orders.values())) };
  }

  get symbol(): string {
    return this.terms.scale.instrument.symbol;
  }

  get isOpen(): boolean {
    return this.state.closedReason === undefined;
  }

  /** What an event or command about this leg carries. */
  get mark(): { readonly leg?: string } {
    return this.name === null ? UNMARKED : { leg: this.name };
  }

  /** `false` when nothing has changed. */
  takeMarket(isOpen: boolean, reason: string): boolean {
    if (isOpen === this.isOpen) return false;
    if (isOpen) delete this.state.closedReason;
    else this.state.closedReason = reason;
    return true;
  }

  /** Notes what the strategy was lent, at the present price. */
  begin(): void {
    if (this.terms.lentGrains > 0) receiveBase(this.state.position, this.terms.lentGrains, this.state.bidTicks);
  }

  takeQuote(bidTicks: number, askTicks: number): void {
    this.state.bidTicks = bidTicks;
    this.state.askTicks = askTicks;
  }

  watch(belowTicks: number, aboveTicks: number | null): void {
    this.state.watchBelowTicks = belowTicks;
    this.state.watchAboveTicks = aboveTicks;
  }

  /** The price of a quote that the strategy waits for; 0 when it waits for none of both. */
  reached(bidTicks: number, askTicks: number): number {
    const { watchBelowTicks, watchAboveTicks } = this.state;
    if (bidTicks <= watchBelowTicks) return bidTicks;
    return watchAboveTicks !== null && askTicks >= watchAboveTicks ? askTicks : 0;
  }

  /** Takes an order to the gate. */
  place(request: OrderRequest, forcedDenial: 'trading_halted' | null): Placed {
    const { at, state: run, orders } = this.#host;
    refillTokens(run, this.terms.limits.ordersPerMinute, at);
    const clientOrderId = this.#host.nextOrderId();
    const order: Order = { ...request, clientOrderId, createdAt: at, state: 'initialized', filledLots: 0, filledAtoms: 0, cancelRequested: false };
    if (this.name !== null) order.leg = this.name;
    const denial: Denial | null = forcedDenial === null ? assess(request, this.#riskView()) : { code: forcedDenial, message: `the bot is ${run.phase}` };
    if (denial !== null) {
      applyFact(order, 'deny');
      this.#host.emit({ type: 'denyOrder', order, code: denial.code, message: denial.message });
      return { order, denial: denial.code };
    }
    run.orderTokens -= 1;
    applyFact(order, 'submit');
    orders.set(clientOrderId, order);
    this.#host.emit({ type: 'submitOrder', order: { ...order } });
    return { order, denial: null };
  }

  /** A wanted cancel goes out when the venue is known to have the order, never before: it could overtake it. */
  cancelOnceKnown(order: Order): void {
    if (order.cancelRequested && applyFact(order, 'requestCancel')) this.cancelAgain(order);
  }

  /** Harmless twice. */
  cancelAgain({ clientOrderId }: Order): void {
    this.#host.emit({ type: 'cancelOrder', clientOrderId, ...this.mark });
  }

  /** A fill of an order that is over already (`undefined`) still belongs to the position. */
  fill(order: Order | undefined, fill: Fill): void {
    if (this.terms.scale.isPerpetual) applyPerpetualFill(this.state.position, fill);
    else applyFill(this.state.position, fill);
    if (order === undefined) return;
    order.filledLots += fill.sizeLots;
    order.filledAtoms += fill.priceTicks * fill.sizeLots;
    const isWhole = order.filledLots >= order.sizeLots;
    applyFact(order, isWhole ? 'fillAll' : 'fillPart');
    if (isWhole) this.#host.orders.delete(order.clientOrderId);
    this.cancelOnceKnown(order);
  }

  /** `false` for a payment that is counted already. */
  takeFunding({ paymentId, amountAtoms }: FundingPaid): boolean {
    const payments = (this.state.payments ??= []);
    if (payments.includes(paymentId)) return false;
    payments.push(paymentId);
    if (payments.length > MAX_KNOWN_PAYMENTS) payments.shift();
    applyFunding(this.state.position, amountAtoms);
    return true;
  }

  /** The next order on the way to the wished end of the run, or `null` when there is nothing left to trade. */
  exitRequest(liquidation: Liquidation): OrderRequest | null {
    return exitRequest(this.#riskView(), liquidation);
  }

  freeBaseGrains(): number {
    return freeBaseGrains({ scale: this.terms.scale, position: this.state.position, orders: this.#liveOrders });
  }

  freeQuoteAtoms(): number {
    return freeQuoteAtoms(this.#riskView());
  }

  #riskView(): RiskView {
    const { terms, state } = this;
    return {
      scale: terms.scale,
      limits: terms.limits,
      feeAsset: terms.feeAsset,
      tradingState: this.#host.tradingState,
      position: state.position,
      orders: this.#liveOrders,
      bidTicks: state.bidTicks,
      askTicks: state.askTicks,
      orderTokens: this.#host.state.orderTokens,
    };
  }
}

const UNMARKED = {};

function* ordersOf(name: string, orders: Iterable<Order>): Generator<Order> {
  for (const order of orders) if (order.leg === name) yield order;
}

function refillTokens(run: LegHost['state'], ordersPerMinute: number, at: number): void {
  run.orderTokens = Math.min(ordersPerMinute, run.orderTokens + Math.max(0, at - run.orderTokensAt) * (ordersPerMinute / 60_000));
  run.orderTokensAt = at;
}

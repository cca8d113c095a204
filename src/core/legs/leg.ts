/**
 * One instrument of a run: its market, its position, and the gate that its orders pass. What phase the run is in, and what
 * its strategy is told, is the engine's.
 */

import type { RunDesk } from '../engine/run-desk.ts';
import type { RunState } from '../engine/run-state.ts';
import type { FundingPaid, Liquidation } from '../events.ts';
import { exitRequest } from '../exit.ts';
import { applyFact, type Order, type OrderRequest } from '../order.ts';
import { applyFunding, applyPerpetualFill } from '../perpetual-position.ts';
import { applyFill, type Fill, receiveBase } from '../position.ts';
import { assess, type Denial, freeBaseGrains, freeQuoteAtoms, type RiskLimits, type RiskView, type TradingState } from '../risk.ts';
import { BoundFunds } from './bound-funds.ts';
import { type LegState, type LegTerms, MAX_KNOWN_PAYMENTS } from './leg-state.ts';

/** An order at the gate: past it, it is on its way (`denial` is `null`); otherwise it is denied with a code. */
export interface Placed {
  readonly order: Order;
  readonly denial: string | null;
}

/** What is open to a run, as far as the markets of all its legs let it go. */
export interface OpeningGate {
  tradingState(wanted: TradingState): TradingState;
}

export class Leg {
  /** `null` in a run that has but one. */
  readonly name: string | null;
  readonly terms: LegTerms;
  readonly state: LegState;
  readonly #desk: RunDesk;
  readonly #gate: OpeningGate;
  /** One object for all looks at the risk. */
  readonly #view: { -readonly [Key in keyof RiskView]: RiskView[Key] };
  readonly #bound: BoundFunds;

  constructor(desk: RunDesk, gate: OpeningGate, name: string | null, terms: LegTerms, state: LegState) {
    this.#desk = desk;
    this.#gate = gate;
    this.name = name;
    this.terms = terms;
    this.state = state;
    const { scale, feeAsset } = terms;
    const orders = name === null ? desk.orders.list : { [Symbol.iterator]: () => ordersOf(name, desk.orders.list) };
    this.#view = {
      scale,
      limits: this.#limits(),
      feeAsset,
      tradingState: 'active',
      position: state.position,
      orders,
      bidTicks: 0,
      askTicks: 0,
      orderTokens: 0,
    };
    this.#bound = new BoundFunds(this.#view, orders);
    this.#view.bound = this.#bound;
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

  /** Adds to its budget what another leg has given up, or takes it away. */
  addQuote(atoms: number): void {
    this.state.movedAtoms = (this.state.movedAtoms ?? 0) + atoms;
    this.#view.limits = this.#limits();
  }

  #limits(): RiskLimits {
    const { limits } = this.terms;
    const { movedAtoms } = this.state;
    return movedAtoms === undefined ? limits : { ...limits, budgetAtoms: limits.budgetAtoms + movedAtoms };
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
    const { at, state: run, orders } = this.#desk;
    refillTokens(run, this.terms.limits.ordersPerMinute, at);
    const clientOrderId = this.#desk.nextOrderId();
    const order = newOrder(request, clientOrderId, at);
    if (this.name !== null) order.leg = this.name;
    const denial: Denial | null = forcedDenial === null ? assess(request, this.#riskView()) : { code: forcedDenial, message: `the bot is ${run.phase}` };
    if (denial !== null) {
      applyFact(order, 'deny');
      this.#desk.emit({ type: 'denyOrder', order, code: denial.code, message: denial.message });
      return { order, denial: denial.code };
    }
    run.orderTokens -= 1;
    applyFact(order, 'submit');
    orders.add(order);
    this.#bound.add(order);
    this.#desk.emit({ type: 'submitOrder', order: this.#desk.taker === 'keeper' ? { ...order } : order });
    return { order, denial: null };
  }

  /** A wanted cancel goes out when the venue is known to have the order, never before: it could overtake it. */
  cancelOnceKnown(order: Order): void {
    if (order.cancelRequested && applyFact(order, 'requestCancel')) this.cancelAgain(order);
  }

  /** Harmless twice. */
  cancelAgain({ clientOrderId }: Order): void {
    this.#desk.emit({ type: 'cancelOrder', clientOrderId, ...this.mark });
  }

  /** A fill of an order that is over already (`undefined`) still belongs to the position. */
  fill(order: Order | undefined, fill: Fill): void {
    if (this.terms.scale.isPerpetual) applyPerpetualFill(this.state.position, fill);
    else applyFill(this.state.position, fill);
    if (order === undefined) return;
    this.#bound.remove(order);
    order.filledLots += fill.sizeLots;
    order.filledAtoms += fill.priceTicks * fill.sizeLots;
    const isWhole = order.filledLots >= order.sizeLots;
    applyFact(order, isWhole ? 'fillAll' : 'fillPart');
    if (isWhole) this.#desk.orders.remove(order);
    else this.#bound.add(order);
    this.cancelOnceKnown(order);
  }

  /** An order of its is over without being filled whole. */
  end(order: Order): void {
    this.#bound.remove(order);
    this.#desk.orders.remove(order);
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
    return freeBaseGrains(this.#riskView());
  }

  freeQuoteAtoms(): number {
    return freeQuoteAtoms(this.#riskView());
  }

  /** Holds until it is asked for again: nobody keeps it. */
  #riskView(): RiskView {
    const { state } = this;
    const view = this.#view;
    view.tradingState = this.#gate.tradingState(this.#desk.state.tradingState);
    view.position = state.position;
    view.bidTicks = state.bidTicks;
    view.askTicks = state.askTicks;
    view.orderTokens = this.#desk.state.orderTokens;
    return view;
  }
}

const UNMARKED = {};

/** Written out name by name: every order that is placed comes through here. */
function newOrder(request: OrderRequest, clientOrderId: string, createdAt: number): Order {
  return {
    side: request.side,
    type: request.type,
    priceTicks: request.priceTicks,
    triggerTicks: request.triggerTicks,
    sizeLots: request.sizeLots,
    timeInForce: request.timeInForce,
    postOnly: request.postOnly,
    reduceOnly: request.reduceOnly,
    tag: request.tag,
    clientOrderId,
    createdAt,
    state: 'initialized',
    filledLots: 0,
    filledAtoms: 0,
    cancelRequested: false,
  };
}

function* ordersOf(name: string, orders: Iterable<Order>): Generator<Order> {
  for (const order of orders) if (order.leg === name) yield order;
}

function refillTokens(run: RunState, ordersPerMinute: number, at: number): void {
  run.orderTokens = Math.min(ordersPerMinute, run.orderTokens + Math.max(0, at - run.orderTokensAt) * (ordersPerMinute / 60_000));
  run.orderTokensAt = at;
}

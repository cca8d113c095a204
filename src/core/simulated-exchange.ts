/**
 * A whole exchange without a network: accounts with balances, instruments with their books, orders, fills and events.
 * The paper venue and the protocol simulators are this engine behind different faces. It is pure: prices are set from
 * outside, every call that changes something brings its time, and the same calls give the same events.
 */
import type { Instrument, Scale } from './instrument.ts';
import type { Report } from './matching/matching.ts';
import type { DecimalString } from './money.ts';
import type { OrderRequest } from './order.ts';
import { EventLog } from './simulated/event-log.ts';
import { intake } from './simulated/intake.ts';
import { amountOf, Ledger, unitsOf } from './simulated/ledger.ts';
import { Market } from './simulated/market.ts';
import {
  type Answer,
  type AskedOrder,
  type ExchangeEvent,
  type HeldBalance,
  isOpen,
  type OrderKey,
  type Refusal,
  type SimulatedFill,
  type SimulatedOrder,
} from './simulated/orders.ts';
import { type Kept, newOrder, Register } from './simulated/register.ts';
import { type ExchangeSettings, type SimulatedExchangeOptions, settingsOf } from './simulated/settings.ts';

export type { Answer, AskedOrder, ExchangeEvent, HeldBalance, OrderKey, Refusal, SimulatedExchangeOptions, SimulatedFill, SimulatedOrder };
export { isOpen };

export class SimulatedExchange {
  readonly #options: ExchangeSettings;
  readonly #markets = new Map<string, Market>();
  readonly #ledger = new Ledger();
  readonly #register: Register;
  readonly #log: EventLog;
  #orderNumber = 0;
  #tradeNumber = 0;

  constructor(options: SimulatedExchangeOptions) {
    this.#options = settingsOf(options);
    this.#register = new Register(this.#options.historyLimit);
    this.#log = new EventLog(this.#ledger, this.#options.historyLimit);
    for (const instrument of options.instruments) this.list(instrument);
  }

  /** Opens a market; one that is open already stays as it is. */
  list(instrument: Instrument): void {
    if (!this.#markets.has(instrument.symbol)) this.#markets.set(instrument.symbol, new Market(instrument, this.#options));
  }

  /** Events since the last call. */
  takeEvents(): readonly ExchangeEvent[] {
    return this.#log.take();
  }

  get symbols(): readonly string[] {
    return [...this.#markets.keys()];
  }

  /** `undefined` for a symbol that is not traded here. */
  scale(symbol: string): Scale | undefined {
    return this.#markets.get(symbol)?.scale;
  }

  /** Best bid and ask of the outside market in ticks; zeros before the first price. */
  quote(symbol: string): { readonly bidTicks: number; readonly askTicks: number } {
    const matching = this.#market(symbol).matching;
    return { bidTicks: matching.bidTicks, askTicks: matching.askTicks };
  }

  isHalted(symbol: string): boolean {
    return this.#market(symbol).isHalted;
  }

  setHalted(symbol: string, isHalted: boolean): void {
    this.#market(symbol).isHalted = isHalted;
  }

  /** Sets the outside market's best prices and the size behind them, and executes every order they reach. */
  setQuote(symbol: string, bidTicks: number, askTicks: number, at: number, liquidityLots = Number.POSITIVE_INFINITY): void {
    if (!(bidTicks > 0 && askTicks >= bidTicks)) throw new RangeError(`a quote of ${bidTicks} / ${askTicks} ticks is not a market`);
    const market = this.#market(symbol);
    market.matching.quote(bidTicks, askTicks, liquidityLots);
    while (market.matching.settle()) this.#takeReports(market, at);
    this.#takeReports(market, at);
  }

  /** Moves the one price along a straight path, so that orders execute in the sequence in which it reaches them. */
  movePrice(symbol: string, toTicks: number, at: number): void {
    const market = this.#market(symbol);
    const { matching } = market;
    if (matching.priceTicks === 0) matching.jump(toTicks);
    while (matching.settle() || matching.advance(toTicks)) this.#takeReports(market, at);
    this.#takeReports(market, at);
  }

  place(account: string, asked: AskedOrder, at: number): Answer {
    const market = this.#markets.get(asked.symbol);
    if (market === undefined) return refused('unknownSymbol');
    if (market.isHalted) return refused('marketHalted');
    const { bidTicks, askTicks } = market.matching;
    const request = intake(asked, market.scale, asked.side === 'buy' ? askTicks : bidTicks);
    if (typeof request === 'string') return refused(request);
    const refusal = this.#standing(account, asked, market);
    if (refusal !== null) return refused(refusal);
    if (request.triggerTicks > 0 && (request.side === 'buy' ? askTicks >= request.triggerTicks : bidTicks > 0 && bidTicks <= request.triggerTicks))
      return refused('wouldTrigger');
    const booked = market.protect(request);
    const kept = this.#keep(account, asked, request, market, market.worstTicks(booked), 0, at);
    if (!this.#ledger.lock(account, market.boundAsset(request.side), this.#bound(kept))) return this.#forget(kept, 'insufficientBalance');
    market.matching.submit(booked, kept.order.venueOrderId, account);
    const isRefused = this.#takeReports(market, at);
    if (isRefused) return this.#forget(kept, 'wouldTake');
    return { ok: true, order: { ...kept.order } };
  }

  cancel(account: string, symbol: string, key: OrderKey, at: number): Answer {
    const kept = this.#register.find(account, symbol, key);
    if (kept === undefined || !isOpen(kept.order)) return refused('unknownOrder');
    kept.market.matching.cancel(kept.order.venueOrderId);
    this.#takeReports(kept.market, at);
    return { ok: true, order: { ...kept.order } };
  }

  /** An order of this account, over or not, or `null` when there is none (or its history is no longer kept). */
  find(account: string, symbol: string, key: OrderKey): SimulatedOrder | null {
    const kept = this.#register.find(account, symbol, key);
    return kept === undefined ? null : { ...kept.order };
  }

  /** Orders in the sequence they were placed; of all symbols without `symbol`. */
  orders(account: string, symbol?: string): readonly SimulatedOrder[] {
    return this.#register.list(account, symbol, 'all');
  }

  openOrders(account: string, symbol?: string): readonly SimulatedOrder[] {
    return this.#register.list(account, symbol, 'open');
  }

  /** Executions from `since` (inclusive), oldest first. */
  fillsSince(account: string, symbol: string, since: number): readonly SimulatedFill[] {
    return this.#log.fillsSince(account, symbol, since);
  }

  get accounts(): readonly string[] {
    return [...this.#ledger.accounts];
  }

  /** Every asset the account has ever held. */
  balances(account: string): readonly HeldBalance[] {
    return [...this.#ledger.holdings(account)].map(([asset, { free, locked }]) => ({ asset, free: amountOf(free), locked: amountOf(locked) }));
  }

  /** The counterparts that make all sums come out: what the outside market has gained in trades, and the fees taken. */
  counterparts(): { readonly outside: ReadonlyMap<string, DecimalString>; readonly fees: ReadonlyMap<string, DecimalString> } {
    const written = (amounts: ReadonlyMap<string, bigint>): ReadonlyMap<string, DecimalString> =>
      new Map([...amounts].map(([asset, units]) => [asset, amountOf(units)]));
    return { outside: written(this.#ledger.outside), fees: written(this.#ledger.fees) };
  }

  /** Adds to an account; a negative amount withdraws. `false` and no change when that much is not free. */
  deposit(account: string, asset: string, amount: DecimalString, at: number): boolean {
    const isDone = this.#ledger.adjust(account, asset, unitsOf(amount));
    this.#log.balances(at);
    return isDone;
  }

  /**
   * Puts back an order that is known to rest, as after a restart; nothing is traded before the next price comes.
   * `filledSize` is what it has traded before. Refused with `duplicateClientOrderId`, or when the balance does not cover the rest.
   */
  restore(account: string, asked: AskedOrder & { readonly venueOrderId: string; readonly filledSize: DecimalString }, at: number): Answer {
    const market = this.#markets.get(asked.symbol);
    if (market === undefined) return refused('unknownSymbol');
    const request = intake(asked, market.scale, 0);
    if (typeof request === 'string') return refused(request);
    if (this.#register.get(asked.venueOrderId) !== undefined || this.#register.find(account, asked.symbol, asked) !== undefined)
      return refused('duplicateClientOrderId');
    const filledLots = market.scale.lots(asked.filledSize, 'nearest');
    if (filledLots >= request.sizeLots) return refused('lotSize');
    const booked = market.protect(request);
    const kept = this.#keep(account, asked, request, market, market.worstTicks(booked), filledLots, at);
    if (!this.#ledger.lock(account, market.boundAsset(request.side), this.#bound(kept))) return this.#forget(kept, 'insufficientBalance');
    market.matching.restore(booked, asked.venueOrderId, account, request.sizeLots - filledLots);
    this.#register.name(kept);
    this.#log.balances(at);
    return { ok: true, order: { ...kept.order } };
  }

  /** Takes an account away as if it had never been here: its orders, what it held and its executions; nothing is told of it. */
  forgetAccount(account: string): void {
    for (const { market, order } of this.#register.removeAccount(account)) if (isOpen(order)) market.matching.withdraw(order.venueOrderId);
    this.#ledger.forget(account);
    this.#log.forget(account);
  }

  #market(symbol: string): Market {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new RangeError(`${symbol} is not traded at this exchange`);
    return market;
  }

  /** Refusals that depend on the account's other orders. */
  #standing(account: string, asked: AskedOrder, market: Market): Refusal | null {
    const former = this.#register.find(account, asked.symbol, { clientOrderId: asked.clientOrderId });
    if (former !== undefined && (this.#options.clientIdScope === 'ever' || isOpen(former.order))) return 'duplicateClientOrderId';
    let open = 0;
    for (const order of market.matching.orders.values()) if (order.account === account) open += 1;
    return open < this.#options.maxOpenOrders ? null : 'tooManyOrders';
  }

  #keep(
    account: string,
    asked: AskedOrder & { readonly venueOrderId?: string },
    request: OrderRequest,
    market: Market,
    worstTicks: number,
    filledLots: number,
    at: number,
  ): Kept {
    const venueOrderId = asked.venueOrderId ?? this.#nextOrderId();
    const order = newOrder(account, asked, venueOrderId, request, filledLots, at);
    const kept: Kept = { order, market, worstTicks };
    this.#register.add(kept);
    return kept;
  }

  #nextOrderId(): string {
    do this.#orderNumber += 1;
    while (this.#register.get(`${this.#options.idPrefix}${this.#orderNumber}`) !== undefined);
    return `${this.#options.idPrefix}${this.#orderNumber}`;
  }

  #forget(kept: Kept, reason: Refusal): Answer {
    this.#register.forget(kept);
    return refused(reason);
  }

  #bound({ order, market, worstTicks }: Kept): bigint {
    return market.bound(order.request.side, worstTicks, order.request.sizeLots - order.filledLots);
  }

  /** Applies what the matching engine reports, in sequence; `true` when it refused the order just submitted. */
  #takeReports(market: Market, at: number): boolean {
    let isRefused = false;
    for (const report of market.matching.takeReports()) {
      const kept = this.#register.get(report.order.clientOrderId);
      if (kept === undefined) throw new Error(`the book of ${market.instrument.symbol} holds order ${report.order.clientOrderId}, which is not known`);
      isRefused = this.#apply(kept, report, at) || isRefused;
      this.#log.balances(at);
    }
    return isRefused;
  }

  #apply(kept: Kept, report: Report, at: number): boolean {
    const { order, market } = kept;
    order.updatedAt = at;
    if (report.type === 'rejected') {
      this.#ledger.release(order.account, market.boundAsset(order.request.side), this.#bound(kept));
      if (this.#options.takingPostOnly === 'expired') {
        order.status = 'expired';
        this.#register.name(kept);
        this.#register.retire(kept);
        this.#log.order(order, 'expired', at);
        return false;
      }
      this.#ledger.takeChanged();
      return true;
    }
    if (report.type === 'filled') {
      this.#fill(kept, report, at);
      return false;
    }
    if (report.type === 'accepted') this.#register.name(kept);
    if (report.type === 'triggered') order.isTriggered = true;
    if (report.type === 'cancelled' || report.type === 'expired') {
      this.#ledger.release(order.account, market.boundAsset(order.request.side), this.#bound(kept));
      order.status = report.type;
      this.#register.retire(kept);
    }
    this.#log.order(order, report.type, at);
    return false;
  }

  #fill(kept: Kept, { fill }: Extract<Report, { type: 'filled' }>, at: number): void {
    const { order, market } = kept;
    const before = this.#bound(kept);
    order.filledLots += fill.sizeLots;
    order.filledAtoms += fill.priceTicks * fill.sizeLots;
    order.status = order.filledLots === order.request.sizeLots ? 'filled' : 'partiallyFilled';
    this.#ledger.release(order.account, market.boundAsset(fill.side), before - this.#bound(kept));
    const fee = market.settle(order.account, fill, this.#ledger);
    this.#tradeNumber += 1;
    const { venueOrderId, clientOrderId, account, symbol } = order;
    const { side, priceTicks, sizeLots, isMaker } = fill;
    const tradeId = `${this.#options.idPrefix}${this.#tradeNumber}`;
    const executed = { tradeId, venueOrderId, clientOrderId, account, symbol, side, priceTicks, sizeLots, ...fee, isMaker, at };
    if (order.status === 'filled') this.#register.retire(kept);
    this.#log.fill(executed, order);
  }
}

function refused(reason: Refusal): Answer {
  return { ok: false, reason };
}

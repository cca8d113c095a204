/**
 * A whole exchange without a network: accounts with balances, instruments with their books, orders, fills and events.
 * The paper venue and the protocol simulators are this engine behind different faces. It is pure: prices are set from
 * outside, every call that changes something brings its time, and the same calls give the same events.
 */
import type { Instrument, InstrumentKind, Scale } from './instrument.ts';
import type { DecimalString } from './money.ts';
import type { OrderRequest } from './order.ts';
import { Entrance } from './simulated/entrance.ts';
import { EventLog } from './simulated/event-log.ts';
import { Execution } from './simulated/execution.ts';
import { Funding } from './simulated/funding.ts';
import { admit, intake } from './simulated/intake.ts';
import { amountOf, Ledger, unitsOf } from './simulated/ledger.ts';
import type { ExchangeListener } from './simulated/listener.ts';
import { Margin } from './simulated/margin.ts';
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
  type SimulatedFunding,
  type SimulatedOrder,
  type SpotRefusal,
} from './simulated/orders.ts';
import { type MarketWaits, Perpetuals } from './simulated/perpetuals.ts';
import { Register } from './simulated/register.ts';
import { type ExchangeSettings, type SimulatedExchangeOptions, settingsOf } from './simulated/settings.ts';
import { SpotSettlement } from './simulated/spot-settlement.ts';
import type { SimulatedPosition } from './simulated/stake.ts';

export type {
  Answer,
  AskedOrder,
  ExchangeEvent,
  ExchangeListener,
  HeldBalance,
  MarketWaits,
  OrderKey,
  Refusal,
  SimulatedExchangeOptions,
  SimulatedFill,
  SimulatedFunding,
  SimulatedOrder,
  SimulatedPosition,
  SpotRefusal,
};
export { isOpen };

export class SimulatedExchange {
  /** Positions, leverage and funding. */
  readonly perpetuals: Perpetuals;
  readonly #options: ExchangeSettings;
  readonly #markets = new Map<string, Market>();
  readonly #ledgers: Readonly<Record<InstrumentKind, Ledger>>;
  readonly #register: Register;
  readonly #log: EventLog;
  readonly #listener: ExchangeListener;
  readonly #margin: Margin;
  readonly #execution: Execution;
  readonly #entrance: Entrance;

  constructor(options: SimulatedExchangeOptions) {
    this.#options = settingsOf(options);
    const settings = this.#options;
    const isWatched = options.listener === undefined;
    const spot = new Ledger(isWatched);
    const isApart = settings.wallets === 'apart';
    this.#ledgers = { spot, perpetual: isApart ? new Ledger(isWatched) : spot };
    const wallets = (isApart ? (['spot', 'perpetual'] as const) : (['spot'] as const)).map((wallet) => ({ wallet, ledger: this.#ledgers[wallet] }));
    this.#register = new Register(settings.historyLimit);
    this.#log = new EventLog(wallets, settings.historyLimit);
    this.#listener = options.listener ?? this.#log;
    this.#margin = new Margin(this.#ledgers.perpetual, settings);
    const funding = new Funding(this.#margin, settings.historyLimit, settings.idPrefix);
    this.#execution = new Execution({
      settings,
      register: this.#register,
      listener: this.#listener,
      spot: new SpotSettlement(spot, settings),
      margin: this.#margin,
      ledgers: wallets.map(({ ledger }) => ledger),
    });
    this.#entrance = new Entrance({ settings, register: this.#register, margin: this.#margin, execution: this.#execution });
    const [ledger, margin, execution, listener] = [this.#ledgers.perpetual, this.#margin, this.#execution, this.#listener] as const;
    this.perpetuals = new Perpetuals({ ledger, margin, funding, execution, listener, market: (symbol) => this.#market(symbol) });
    for (const instrument of options.instruments) this.list(instrument);
  }

  /** Opens a market; one that is open already stays as it is. */
  list(instrument: Instrument): void {
    if (this.#markets.has(instrument.symbol)) return;
    const market = new Market(instrument, this.#options, (own) => (order, untaken) => {
      const lots = this.#margin.lotsOf(order.account, own, untaken);
      return Math.max(0, order.side === 'sell' ? lots : -lots);
    });
    this.#markets.set(instrument.symbol, market);
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
    const { bidTicks, askTicks } = this.#market(symbol).matching;
    return { bidTicks, askTicks };
  }

  /** The same as a view that moves with the market. */
  movingQuote(symbol: string): { readonly bidTicks: number; readonly askTicks: number } {
    return this.#market(symbol).matching;
  }

  /** Where and when something happens at a market of itself: fills and triggers of what rests, liquidations, funding. */
  waits(symbol: string): MarketWaits {
    const market = this.#market(symbol);
    const { nextDownTicks, nextUpTicks } = market.matching;
    const held = this.perpetuals.waits(market);
    if (held === null) return { downTicks: nextDownTicks, upTicks: nextUpTicks, dueAt: Number.POSITIVE_INFINITY };
    return { downTicks: Math.max(nextDownTicks, held.downTicks), upTicks: Math.min(nextUpTicks, held.upTicks), dueAt: held.dueAt };
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
    while (market.matching.settle()) this.#execution.takeReports(market, at);
    this.#execution.takeReports(market, at);
    this.perpetuals.observe(market, at);
  }

  /** Moves the one price along a straight path, so that orders execute in the sequence in which it reaches them. */
  movePrice(symbol: string, toTicks: number, at: number): void {
    const market = this.#market(symbol);
    const { matching } = market;
    if (matching.priceTicks === 0) matching.jump(toTicks);
    while (matching.settle() || matching.advance(toTicks)) this.#execution.takeReports(market, at);
    this.#execution.takeReports(market, at);
    this.perpetuals.observe(market, at);
  }

  place(account: string, asked: AskedOrder, at: number): Answer {
    const market = this.#markets.get(asked.symbol);
    if (market === undefined) return refused('unknownSymbol');
    if (market.isHalted) return refused('marketHalted');
    const { bidTicks, askTicks } = market.matching;
    const taken = intake(asked, market.scale, asked.side === 'buy' ? askTicks : bidTicks);
    const kept = typeof taken === 'string' ? taken : this.#entrance.enter(account, asked, taken, market, at);
    return typeof kept === 'string' ? refused(kept) : { ok: true, order: { ...kept.order } };
  }

  /** The same of an order in ticks and lots; `null` where it is placed. */
  placeRequest(account: string, symbol: string, clientOrderId: string, request: OrderRequest, at: number): Refusal | null {
    const market = this.#markets.get(symbol);
    if (market === undefined) return 'unknownSymbol';
    if (market.isHalted) return 'marketHalted';
    const { bidTicks, askTicks } = market.matching;
    const taken = admit(request, market.scale, request.side === 'buy' ? askTicks : bidTicks);
    const kept = typeof taken === 'string' ? taken : this.#entrance.enter(account, { symbol, clientOrderId }, taken, market, at);
    return typeof kept === 'string' ? kept : null;
  }

  cancel(account: string, symbol: string, key: OrderKey, at: number): Answer {
    const kept = this.#register.find(account, symbol, key);
    if (kept === undefined || !isOpen(kept.order)) return refused('unknownOrder');
    kept.market.matching.cancel(kept.order.venueOrderId);
    this.#execution.takeReports(kept.market, at);
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
    return [...new Set([...this.#ledgers.spot.accounts, ...this.#ledgers.perpetual.accounts])];
  }

  /** Every asset the account has ever held; `wallet` matters where the exchange keeps them apart. */
  balances(account: string, wallet: InstrumentKind = 'spot'): readonly HeldBalance[] {
    return [...this.#ledgers[wallet].holdings(account)].map(([asset, { free, locked }]) => ({ asset, free: amountOf(free), locked: amountOf(locked) }));
  }

  /**
   * The counterparts that make all sums come out: what the outside market has gained in trades, the fees taken, the funding paid less
   * received, and (negative) what the insurance gave for those who could not pay.
   */
  counterparts(wallet: InstrumentKind = 'spot'): Readonly<Record<'outside' | 'fees' | 'funding' | 'insurance', ReadonlyMap<string, DecimalString>>> {
    const written = (amounts: ReadonlyMap<string, bigint>): ReadonlyMap<string, DecimalString> =>
      new Map([...amounts].map(([asset, units]) => [asset, amountOf(units)]));
    const { outside, fees, funding, insurance } = this.#ledgers[wallet];
    return { outside: written(outside), fees: written(fees), funding: written(funding), insurance: written(insurance) };
  }

  /** Adds to an account; a negative amount withdraws. `false` and no change when that much is not free. */
  deposit(account: string, asset: string, amount: DecimalString, at: number, wallet: InstrumentKind = 'spot'): boolean {
    const isDone = this.#ledgers[wallet].adjust(account, asset, unitsOf(amount));
    this.#listener.balances(at);
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
    const kept = this.#entrance.keep(account, asked, request, market, market.worstTicks(booked), filledLots, at);
    if (!this.#execution.settlementOf(market).bind(kept)) return refused(this.#entrance.forget(kept, 'insufficientBalance'));
    market.matching.restore(booked, asked.venueOrderId, account, request.sizeLots - filledLots);
    this.#register.name(kept);
    this.#listener.balances(at);
    return { ok: true, order: { ...kept.order } };
  }

  /** Takes an account away as if it had never been here: its orders, what it held and its executions; nothing is told of it. */
  forgetAccount(account: string): void {
    for (const { market, order } of this.#register.removeAccount(account)) if (isOpen(order)) market.matching.withdraw(order.venueOrderId);
    for (const ledger of new Set(Object.values(this.#ledgers))) ledger.forget(account);
    this.perpetuals.forget(account);
    this.#log.forget(account);
  }

  #market(symbol: string): Market {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new RangeError(`${symbol} is not traded at this exchange`);
    return market;
  }
}

function refused(reason: Refusal): Answer {
  return { ok: false, reason };
}

/** What a simulated exchange has for perpetuals beyond orders: positions, leverage and funding. */
import type { DecimalString } from '../money.ts';
import type { MarginMode } from '../perpetual-ports.ts';
import type { Execution } from './execution.ts';
import type { Funding } from './funding.ts';
import { amountOf, type Ledger } from './ledger.ts';
import type { ExchangeListener } from './listener.ts';
import { type Margin, settleOf } from './margin.ts';
import type { Market } from './market.ts';
import type { Refusal, SimulatedFunding } from './orders.ts';
import { entryPrice, initialMargin, liquidationPrice, maintenanceMargin, type SimulatedPosition, type Stake, safeRange, unrealised } from './stake.ts';

export interface PerpetualsParts {
  readonly ledger: Ledger;
  readonly margin: Margin;
  readonly funding: Funding;
  readonly execution: Execution;
  readonly listener: ExchangeListener;
  /** Throws for a symbol that is not traded here. */
  readonly market: (symbol: string) => Market;
}

/** Prices between which a market stays as it is, those themselves not among them, and the time until which it does. */
export interface MarketWaits {
  /** 0 or less where nothing waits below. */
  readonly downTicks: number;
  /** Infinity where nothing waits above. */
  readonly upTicks: number;
  /** In milliseconds since 1970; infinity for never. */
  readonly dueAt: number;
}

export class Perpetuals {
  readonly #parts: PerpetualsParts;

  constructor(parts: PerpetualsParts) {
    this.#parts = parts;
  }

  /** Every position an account has ever had or set a leverage for, flat ones included. */
  positions(account: string): readonly SimulatedPosition[] {
    return [...this.#parts.margin.of(account)].map((stake) => this.#written(stake));
  }

  position(account: string, symbol: string): SimulatedPosition {
    return this.#written(this.#parts.margin.stake(account, this.#market(symbol)));
  }

  /** `null` when done; harmless when it stands so already. */
  setLeverage(account: string, symbol: string, leverage: number, marginMode: MarginMode, at: number): Refusal | null {
    const { margin, listener } = this.#parts;
    const market = this.#market(symbol);
    const stake = margin.stake(account, market);
    if (!(leverage >= 1 && leverage <= (market.instrument.perpetual?.maxLeverage ?? 1))) return 'leverage';
    const isInUse = stake.lots !== 0 || [...market.matching.orders.values()].some((order) => order.account === account);
    if (marginMode !== stake.marginMode && isInUse) return 'marginModeInUse';
    const former = stake.leverage;
    if (former === leverage && stake.marginMode === marginMode) return null;
    stake.leverage = leverage;
    if (!margin.covers(stake)) {
      stake.leverage = former;
      return 'insufficientBalance';
    }
    stake.marginMode = marginMode;
    stake.updatedAt = at;
    margin.rebind(stake);
    listener.position(account, symbol, 'leverage', at);
    listener.balances(at);
    return null;
  }

  /** The rate of the next settlements; longs pay shorts when it is positive. */
  setFundingRate(symbol: string, rate: DecimalString): void {
    this.#parts.funding.setRate(this.#market(symbol), rate);
  }

  fundingRate(symbol: string, now: number): { readonly rate: DecimalString; readonly nextAt: number; readonly markTicks: number } {
    const market = this.#market(symbol);
    return { ...this.#parts.funding.next(market, now), markTicks: market.markTicks };
  }

  fundingSince(account: string, symbol: string, since: number): readonly SimulatedFunding[] {
    return this.#parts.funding.since(account, symbol, since);
  }

  forget(account: string): void {
    this.#parts.margin.forget(account);
    this.#parts.funding.forget(account);
  }

  /** What time and price do to positions: funding that is due, then liquidations. Every change of a price calls it. */
  observe(market: Market, at: number): void {
    if (!market.scale.isPerpetual) return;
    const { funding, execution, listener } = this.#parts;
    for (const paid of funding.settle(market, at)) listener.funding(paid, paid.at);
    execution.liquidate(market, at);
    listener.balances(at);
  }

  /** What waits for positions that are held in a market; `null` where none is. Prices are a little nearer than they have to be. */
  waits(market: Market): MarketWaits | null {
    if (!market.scale.isPerpetual) return null;
    const { margin, funding } = this.#parts;
    const range = { downTicks: 0, upTicks: Number.POSITIVE_INFINITY };
    let isHeld = false;
    for (const stake of margin.all()) {
      if (stake.market !== market || stake.lots === 0) continue;
      const { downTicks, upTicks } = safeRange(stake);
      range.downTicks = Math.max(range.downTicks, downTicks);
      range.upTicks = Math.min(range.upTicks, upTicks);
      isHeld = true;
    }
    return isHeld ? { ...range, dueAt: funding.dueAt(market) } : null;
  }

  /**
   * Puts back a position that is known to stand, as after a restart; it must be flat so far. `entryTicks` is its average price. Leverage and
   * margin mode stay as they are set where they are not given.
   */
  restore(
    account: string,
    symbol: string,
    held: { readonly lots: number; readonly entryTicks: number; readonly leverage?: number; readonly marginMode?: MarginMode },
    at: number,
  ): void {
    const { margin, listener } = this.#parts;
    const { lots, entryTicks } = held;
    const stake = margin.stake(account, this.#market(symbol));
    if (stake.lots !== 0) throw new Error(`${account} has a position in ${symbol} already`);
    stake.leverage = held.leverage ?? stake.leverage;
    stake.marginMode = held.marginMode ?? stake.marginMode;
    stake.lots = lots;
    stake.cost = BigInt(Math.round(lots * entryTicks));
    stake.updatedAt = at;
    margin.rebind(stake);
    listener.balances(at);
  }

  #market(symbol: string): Market {
    const market = this.#parts.market(symbol);
    if (!market.scale.isPerpetual) throw new RangeError(`${symbol} is not a perpetual`);
    return market;
  }

  #written(stake: Stake): SimulatedPosition {
    const { account, market, lots, leverage, marginMode, updatedAt } = stake;
    const { scale, atom } = market;
    return {
      account,
      symbol: market.instrument.symbol,
      lots,
      size: scale.size(lots),
      entryPrice: entryPrice(stake),
      markPrice: scale.price(market.markTicks),
      liquidationPrice: liquidationPrice(stake, this.#behind(stake)),
      unrealisedProfit: amountOf(unrealised(stake) * atom),
      margin: amountOf(initialMargin(stake) * atom),
      maintenanceMargin: amountOf(maintenanceMargin(stake) * atom),
      leverage,
      marginMode,
      updatedAt,
    };
  }

  /** What stands behind a position before its own profit or loss, in its atoms: its margin, or the wallet with all other cross positions. */
  #behind(stake: Stake): bigint {
    if (stake.marginMode === 'isolated') return initialMargin(stake);
    const { margin } = this.#parts;
    const asset = settleOf(stake);
    let units = margin.walletOf(stake.account, asset);
    for (const other of margin.of(stake.account)) {
      if (other === stake || settleOf(other) !== asset) continue;
      if (other.marginMode === 'isolated') units -= other.bound;
      else units += (unrealised(other) - maintenanceMargin(other)) * other.market.atom;
    }
    return units / stake.market.atom;
  }
}

/**
 * How perpetuals bind and move money: one signed position an account and symbol, margin for it and for what its orders could
 * add, profit and fees in the settle coin. What must be bound follows from position and orders as a whole and is worked out
 * anew after every change; the wallet never goes below nothing, as the insurance pays what an account cannot.
 */
import { FEE_RATE_UNITS } from '../instrument.ts';
import type { RestingOrder } from '../matching/book.ts';
import type { Report } from '../matching/reports.ts';
import type { OrderRequest, Side } from '../order.ts';
import type { MarginMode } from '../perpetual-ports.ts';
import type { Fill } from '../position.ts';
import type { Ledger } from './ledger.ts';
import type { Market } from './market.ts';
import type { Kept } from './register.ts';
import type { Settlement, TakenFee } from './settlement.ts';
import { initialMargin, magnitude, type Stake, shareOf, trade, unrealised } from './stake.ts';

/** What one side's orders could add to a position. */
interface Offered {
  lots: number;
  atoms: bigint;
  highestTicks: number;
}

export class Margin implements Settlement {
  readonly #ledger: Ledger;
  readonly #defaults: { readonly leverage: number; readonly marginMode: MarginMode };
  readonly #stakes = new Map<string, Map<string, Stake>>();

  constructor(ledger: Ledger, defaults: { readonly leverage: number; readonly marginMode: MarginMode }) {
    this.#ledger = ledger;
    this.#defaults = defaults;
  }

  /** Every account's stakes, those that are flat included. */
  *all(): Iterable<Stake> {
    for (const stakes of this.#stakes.values()) yield* stakes.values();
  }

  of(account: string): Iterable<Stake> {
    return this.#stakes.get(account)?.values() ?? [];
  }

  forget(account: string): void {
    this.#stakes.delete(account);
  }

  stake(account: string, market: Market): Stake {
    let stakes = this.#stakes.get(account);
    if (stakes === undefined) this.#stakes.set(account, (stakes = new Map()));
    let stake = stakes.get(market.instrument.symbol);
    if (stake === undefined) {
      const leverage = Math.min(this.#defaults.leverage, market.instrument.perpetual?.maxLeverage ?? 1);
      stake = { account, market, lots: 0, cost: 0n, leverage, marginMode: this.#defaults.marginMode, bound: 0n, updatedAt: 0 };
      stakes.set(market.instrument.symbol, stake);
    }
    return stake;
  }

  /** Signed lots of an account, counting what reports not yet taken have filled. */
  lotsOf(account: string, market: Market, untaken: readonly Report[] = []): number {
    let lots = this.#stakes.get(account)?.get(market.instrument.symbol)?.lots ?? 0;
    for (const report of untaken)
      if (report.type === 'filled' && report.order.account === account) lots += report.fill.side === 'buy' ? report.fill.sizeLots : -report.fill.sizeLots;
    return lots;
  }

  bind(kept: Kept): boolean {
    const stake = this.stake(kept.order.account, kept.market);
    if (!this.covers(stake, kept)) return false;
    this.rebind(stake, kept);
    return true;
  }

  /** Whether the account covers a stake as it stands, with one more order where that is given. */
  covers(stake: Stake, more?: Kept): boolean {
    const required = this.#required(stake, more);
    return required <= stake.bound || required <= this.available(stake.account, settleOf(stake)) + stake.bound;
  }

  release(kept: Kept): void {
    this.rebind(this.stake(kept.order.account, kept.market));
  }

  fill(kept: Kept, fill: Fill): TakenFee {
    const stake = this.stake(kept.order.account, kept.market);
    const { atom } = stake.market;
    const asset = settleOf(stake);
    // An isolated position that is liquidated may lose the margin it has and no more.
    const most = kept.order.isLiquidation && stake.marginMode === 'isolated' ? initialMargin(stake) * atom : undefined;
    const profit = trade(stake, fill.side, fill.priceTicks, fill.sizeLots) * atom;
    const fee = BigInt(fill.feeAtoms) * atom;
    this.#pay(stake, () => {
      this.#ledger.settle(stake.account, asset, profit, 'outside', most);
      const left = most === undefined ? undefined : most + (profit < 0n ? profit : 0n);
      this.#ledger.settle(stake.account, asset, -fee, 'fees', left !== undefined && left < 0n ? 0n : left);
    });
    return { feeAsset: asset, feeUnits: fee };
  }

  /** Books a funding payment in ledger units; positive is received. */
  fund(stake: Stake, units: bigint): void {
    this.#pay(stake, () => this.#ledger.settle(stake.account, settleOf(stake), units, 'funding'));
  }

  /** All that an account holds of a coin, bound or not, in ledger units. */
  walletOf(account: string, asset: string): bigint {
    const { free, locked } = this.#ledger.holding(account, asset);
    return free + locked;
  }

  /** What of the wallet may be bound: what is free, less what cross positions have lost at the present price. */
  available(account: string, asset: string): bigint {
    let units = this.#ledger.holding(account, asset).free;
    for (const stake of this.of(account)) {
      if (stake.marginMode !== 'cross' || settleOf(stake) !== asset) continue;
      const floating = unrealised(stake) * stake.market.atom;
      if (floating < 0n) units += floating;
    }
    return units;
  }

  /** Binds what a stake requires now, or as much of it as the wallet still has. */
  rebind(stake: Stake, more?: Kept): void {
    const asset = settleOf(stake);
    const required = this.#required(stake, more);
    if (required === stake.bound) return;
    this.#ledger.release(stake.account, asset, stake.bound);
    const { free } = this.#ledger.holding(stake.account, asset);
    stake.bound = required < free ? required : free;
    this.#ledger.lock(stake.account, asset, stake.bound);
  }

  /** Lots that a reduce-only order of one side may still be placed for: the position less what rests to reduce it. */
  reducibleLots(account: string, market: Market, side: Side): number {
    const lots = this.lotsOf(account, market);
    let free = side === 'sell' ? lots : -lots;
    for (const order of market.matching.orders.values()) if (order.account === account && order.side === side && order.reduceOnly) free -= order.remainingLots;
    return Math.max(0, free);
  }

  /** Pays with what the stake has bound; a cross position pays with what the account's other cross positions have bound as well. */
  #pay(stake: Stake, payments: () => void): void {
    const asset = settleOf(stake);
    const unbound: Stake[] = [];
    for (const other of this.of(stake.account)) {
      const isCross = stake.marginMode === 'cross' && other.marginMode === 'cross' && settleOf(other) === asset;
      if (other !== stake && !isCross) continue;
      this.#ledger.release(other.account, asset, other.bound);
      other.bound = 0n;
      unbound.push(other);
    }
    payments();
    for (const each of unbound) this.rebind(each);
  }

  /** What position and orders must have bound, in ledger units: margin for the worse of both directions, and fees. */
  #required(stake: Stake, more?: Kept): bigint {
    const { market, lots, cost, leverage } = stake;
    const buys: Offered = { lots: 0, atoms: 0n, highestTicks: 0 };
    const sells: Offered = { lots: 0, atoms: 0n, highestTicks: 0 };
    for (const order of market.matching.orders.values())
      if (order.account === stake.account && !order.reduceOnly) offer(order.side === 'buy' ? buys : sells, order, order.remainingLots, market, 0);
    if (more !== undefined && !more.order.request.reduceOnly) {
      const { request, filledLots } = more.order;
      offer(request.side === 'buy' ? buys : sells, request, request.sizeLots - filledLots, market, more.worstTicks);
    }
    const held = magnitude(cost);
    const added = [adds(buys, -lots), adds(sells, lots)] as const;
    const long = (lots > 0 ? held : 0n) + added[0];
    const short = (lots < 0 ? held : 0n) + added[1];
    const worse = long > short ? long : short;
    const opening = added[0] > added[1] ? added[0] : added[1];
    const fees = (opening * BigInt(market.scale.takerFee) + BigInt(FEE_RATE_UNITS) - 1n) / BigInt(FEE_RATE_UNITS);
    return (shareOf(worse > held ? worse : held, leverage) + fees) * market.atom;
  }
}

export function settleOf({ market }: Stake): string {
  return market.instrument.settle;
}

/** Counts an order at the highest price it can trade at. */
function offer(offered: Offered, request: OrderRequest | RestingOrder, lots: number, market: Market, worstTicks: number): void {
  const { priceTicks, triggerTicks, side } = request;
  const ticks = side === 'buy' ? worstTicks || priceTicks || triggerTicks : Math.max(priceTicks, triggerTicks, market.matching.bidTicks);
  offered.lots += lots;
  offered.atoms += BigInt(ticks) * BigInt(lots);
  offered.highestTicks = Math.max(offered.highestTicks, ticks);
}

/** The value that a side's orders could add beyond closing `opposite` lots: never more than all of them, or the dearest that are left. */
function adds({ lots, atoms, highestTicks }: Offered, opposite: number): bigint {
  const opening = lots - Math.max(0, opposite);
  if (opening <= 0) return 0n;
  const dearest = BigInt(opening) * BigInt(highestTicks);
  return dearest < atoms ? dearest : atoms;
}

/**
 * What a simulated exchange does with the reports of its matching engines: orders change, money moves, events are told. With
 * positions there is more to a report: what may only reduce expires when nothing is left to reduce, and whoever runs out of
 * margin is liquidated.
 */
import type { Report } from '../matching/reports.ts';
import type { Ledger } from './ledger.ts';
import type { ExchangeListener } from './listener.ts';
import { type Margin, settleOf } from './margin.ts';
import type { Market } from './market.ts';
import { type Kept, newOrder, type Register } from './register.ts';
import type { ExchangeSettings } from './settings.ts';
import type { Settlement } from './settlement.ts';
import { initialMargin, maintenanceMargin, type Stake, unrealised } from './stake.ts';

export interface ExecutionParts {
  readonly settings: ExchangeSettings;
  readonly register: Register;
  readonly listener: ExchangeListener;
  readonly spot: Settlement;
  readonly margin: Margin;
  readonly ledgers: readonly Ledger[];
}

export class Execution {
  readonly #parts: ExecutionParts;
  #orderNumber = 0;
  #tradeNumber = 0;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
  }

  settlementOf(market: Market): Settlement {
    return market.scale.isPerpetual ? this.#parts.margin : this.#parts.spot;
  }

  nextOrderId(): string {
    const { settings, register } = this.#parts;
    for (;;) {
      this.#orderNumber += 1;
      const id = `${settings.idPrefix}${this.#orderNumber}`;
      // Only an order that was put back can have taken the next id.
      if (!register.hasForeign || register.get(id) === undefined) return id;
    }
  }

  /** Applies what the matching engine reports, in sequence; `true` when it refused the order just submitted. */
  takeReports(market: Market, at: number): boolean {
    let isRefused = false;
    for (let reports = market.matching.takeReports(); reports.length > 0; reports = market.matching.takeReports()) {
      for (const report of reports) {
        const kept = this.#parts.register.get(report.order.clientOrderId);
        if (kept === undefined) throw new Error(`the book of ${market.instrument.symbol} holds order ${report.order.clientOrderId}, which is not known`);
        isRefused = this.#apply(kept, report, at) || isRefused;
        this.#parts.listener.balances(at);
      }
      if (market.scale.isPerpetual) this.#expireUseless(market, reports);
    }
    return isRefused;
  }

  /** Closes what has run out of margin at the present price, as far as the market takes it. */
  liquidate(market: Market, at: number): void {
    for (const stake of [...this.#parts.margin.all()]) if (stake.market === market && this.#isOutOfMargin(stake)) this.#close(stake, at);
  }

  #apply(kept: Kept, report: Report, at: number): boolean {
    const { register, listener, settings, ledgers } = this.#parts;
    const { order } = kept;
    order.updatedAt = at;
    if (report.type === 'rejected') {
      this.settlementOf(kept.market).release(kept);
      if (settings.takingPostOnly === 'expired') {
        order.status = 'expired';
        register.name(kept);
        register.retire(kept);
        listener.order(order, 'expired', at);
        return false;
      }
      for (const ledger of ledgers) ledger.takeChanged();
      return true;
    }
    if (report.type === 'filled') {
      this.#fill(kept, report, at);
      return false;
    }
    if (report.type === 'accepted') register.name(kept);
    if (report.type === 'triggered') order.isTriggered = true;
    if (report.type === 'cancelled' || report.type === 'expired') {
      this.settlementOf(kept.market).release(kept);
      order.status = report.type;
      register.retire(kept);
    }
    listener.order(order, report.type, at);
    return false;
  }

  #fill(kept: Kept, { fill }: Extract<Report, { type: 'filled' }>, at: number): void {
    const { register, listener, settings, margin } = this.#parts;
    const { order, market } = kept;
    order.filledLots += fill.sizeLots;
    order.filledAtoms += fill.priceTicks * fill.sizeLots;
    order.status = order.filledLots === order.request.sizeLots ? 'filled' : 'partiallyFilled';
    const fee = this.settlementOf(market).fill(kept, fill);
    this.#tradeNumber += 1;
    if (order.status === 'filled') register.retire(kept);
    listener.fill(order, `${settings.idPrefix}${this.#tradeNumber}`, fill, fee, at);
    if (!market.scale.isPerpetual) return;
    const { account, symbol, isLiquidation } = order;
    margin.stake(account, market).updatedAt = at;
    listener.position(account, symbol, isLiquidation ? 'liquidation' : 'trade', at);
  }

  /** Orders that may only reduce leave the book when their account's position is flat or has turned. */
  #expireUseless(market: Market, reports: readonly Report[]): void {
    const traded = new Set(reports.flatMap((report) => (report.type === 'filled' ? [report.order.account] : [])));
    if (traded.size === 0) return;
    for (const order of [...market.matching.orders.values()]) {
      if (!order.reduceOnly || !traded.has(order.account)) continue;
      const lots = this.#parts.margin.lotsOf(order.account, market);
      if (order.side === 'sell' ? lots <= 0 : lots >= 0) market.matching.cancel(order.clientOrderId, 'expired');
    }
  }

  #isOutOfMargin(stake: Stake): boolean {
    if (stake.lots === 0 || stake.market.markTicks === 0) return false;
    if (stake.marginMode === 'isolated') return initialMargin(stake) + unrealised(stake) <= maintenanceMargin(stake);
    const { equity, maintenance } = this.#crossOf(stake);
    return equity <= maintenance;
  }

  /** What stands behind the cross positions of an account, and the least they need, in ledger units. */
  #crossOf({ account, market }: Stake): { readonly equity: bigint; readonly maintenance: bigint } {
    const { margin } = this.#parts;
    const asset = market.instrument.settle;
    let equity = margin.walletOf(account, asset);
    let maintenance = 0n;
    for (const other of margin.of(account)) {
      if (settleOf(other) !== asset) continue;
      const { atom } = other.market;
      if (other.marginMode === 'isolated') equity -= other.bound;
      else {
        equity += unrealised(other) * atom;
        maintenance += maintenanceMargin(other) * atom;
      }
    }
    return { equity, maintenance };
  }

  /** Takes an account's orders off the book and sends its whole position at the market. */
  #close(stake: Stake, at: number): void {
    const { account, market } = stake;
    const { register } = this.#parts;
    for (const order of [...market.matching.orders.values()]) if (order.account === account) market.matching.cancel(order.clientOrderId);
    this.takeReports(market, at);
    const venueOrderId = this.nextOrderId();
    const side = stake.lots > 0 ? 'sell' : 'buy';
    const sizeLots = Math.abs(stake.lots);
    const request = { side, type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: true, tag: '' } as const;
    const clientOrderId = `liquidation-${venueOrderId}`;
    const order = newOrder({ account, symbol: market.instrument.symbol, clientOrderId, venueOrderId, request, filledLots: 0, isLiquidation: true, at });
    register.add({ order, market, worstTicks: 0 });
    market.matching.submit(request, venueOrderId, account);
    this.takeReports(market, at);
  }
}

/**
 * What a venue does to a position in a perpetual, for backtests: it settles funding at its times and takes the position over when the
 * margin behind it has run out. The price of a liquidation is watched by a stop that nobody else sees in the matching engine.
 */
import type { Engine } from '#core/engine/engine.ts';
import type { FundingPaid, OrderFilled } from '#core/events.ts';
import { feeOn } from '#core/instrument.ts';
import type { Matching } from '#core/matching/matching.ts';
import type { ReduceRule } from '#core/matching/models.ts';
import type { Report } from '#core/matching/reports.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import { liquidationTicks } from '#core/perpetual-position.ts';
import type { FundingModel } from './funding-model.ts';

/** Where a venue names no maintenance margin rate. */
const MAINTENANCE_RATE = 0.005;
const WATCH_ID = 'liquidation-watch';

export interface PerpetualDeskParts {
  readonly engine: Engine;
  readonly funding: FundingModel;
  readonly marginMode: MarginMode;
}

export class PerpetualDesk {
  /** When funding is settled next; infinity while no position is held. */
  dueAt = Number.POSITIVE_INFINITY;
  liquidations = 0;
  readonly #parts: PerpetualDeskParts;
  /** Signed lots as the venue counts them: what is reported but not told yet is in it. */
  #lots = 0;

  constructor(parts: PerpetualDeskParts) {
    this.#parts = parts;
  }

  /** A reduce-only order may close what is held now; the watch closes nothing itself. */
  readonly reducible: ReduceRule = (order, untaken) => {
    if (order.clientOrderId === WATCH_ID) return 0;
    const lots = this.#lots + lotsIn(untaken);
    return Math.max(0, order.side === 'sell' ? lots : -lots);
  };

  /** Reports that are about to be told; `true` when the price of liquidation was reached. */
  take(reports: readonly Report[]): boolean {
    this.#lots += lotsIn(reports);
    return reports.some(({ type, order }) => type === 'triggered' && order.clientOrderId === WATCH_ID);
  }

  isOwn(report: Report): boolean {
    return report.order.clientOrderId === WATCH_ID;
  }

  /** After the position has changed: the price that is watched, and when funding is due. */
  follow(matching: Matching, now: number): void {
    matching.withdraw(WATCH_ID);
    const lots = this.#lots;
    this.dueAt = lots === 0 ? Number.POSITIVE_INFINITY : this.#parts.funding.nextAfter(now);
    const { state } = this.#parts.engine;
    const ticks = liquidationTicks(state.position, this.#behind(), this.#maintenanceRate);
    if (lots === 0 || ticks === null || !Number.isFinite(ticks)) return;
    matching.submit(
      {
        side: lots > 0 ? 'sell' : 'buy',
        type: 'stopMarket',
        priceTicks: 0,
        triggerTicks: Math.max(1, lots > 0 ? Math.ceil(ticks) : Math.floor(ticks)),
        sizeLots: Math.abs(lots),
        timeInForce: 'ioc',
        postOnly: false,
        reduceOnly: true,
        tag: WATCH_ID,
      },
      WATCH_ID,
    );
  }

  /** The venue closes all that is held at the market, but never takes more than what stood behind it. */
  liquidate(matching: Matching, at: number): OrderFilled | null {
    const { setup, state } = this.#parts.engine;
    const lots = this.#lots;
    if (lots === 0) return null;
    this.liquidations += 1;
    this.#lots = 0;
    const behind = this.#behind();
    const bankruptTicks = (state.position.costAtoms - behind) / lots;
    const priceTicks =
      lots > 0 ? Math.max(1, matching.bidTicks, Math.ceil(bankruptTicks)) : Math.min(matching.askTicks, Math.max(1, Math.floor(bankruptTicks)));
    const left = behind + lots * priceTicks - state.position.costAtoms;
    const feeAtoms = Math.min(Math.max(0, Math.floor(left)), feeOn(priceTicks * Math.abs(lots), setup.scale.takerFee));
    return {
      type: 'orderFilled',
      at,
      clientOrderId: `liquidation-${this.liquidations}`,
      fill: {
        tradeId: `l${this.liquidations}`,
        side: lots > 0 ? 'sell' : 'buy',
        priceTicks,
        sizeLots: Math.abs(lots),
        feeGrains: 0,
        feeAtoms,
        otherFeeAtoms: 0,
        isMaker: false,
      },
    };
  }

  /** The settlement that is due, at the price of now. */
  settle(matching: Matching, now: number): FundingPaid | null {
    const at = this.dueAt;
    this.dueAt = this.#parts.funding.nextAfter(now);
    const amountAtoms = -Math.round(this.#lots * matching.priceTicks * this.#parts.funding.rateAt(at));
    return amountAtoms === 0 ? null : { type: 'fundingPaid', at: now, paymentId: `f${at}`, amountAtoms };
  }

  get #maintenanceRate(): number {
    return Number(this.#parts.engine.setup.scale.instrument.perpetual?.maintenanceMarginRate ?? MAINTENANCE_RATE);
  }

  /** Atoms that stand behind the position before its own profit: its margin, or all that is left of the budget. */
  #behind(): number {
    const { setup, state } = this.#parts.engine;
    const { position } = state;
    const wallet = setup.limits.budgetAtoms + position.quoteAtoms + position.costAtoms;
    return this.#parts.marginMode === 'cross' ? wallet : Math.min(wallet, Math.abs(position.costAtoms) / (setup.limits.leverage ?? 1));
  }
}

function lotsIn(reports: readonly Report[]): number {
  let lots = 0;
  for (const report of reports) if (report.type === 'filled') lots += report.fill.side === 'buy' ? report.fill.sizeLots : -report.fill.sizeLots;
  return lots;
}

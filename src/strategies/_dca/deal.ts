/**
 * What a DCA bot remembers between events, and how a fill changes it: plain data. A deal owns what it has bought and
 * what that cost; every execution is booked to the deal under way.
 */

import { against, type Directed, isShort } from '#core/executors/directions.ts';
import { newBoard, type OrderBoard, refusalOf } from '#core/executors/order-board.ts';
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import { Decimal } from '#core/money.ts';
import type { Fill } from '#core/position.ts';
import { type LadderStep, profitSteps } from './ladder.ts';
import type { DcaParams } from './params.ts';

export interface SafetyStep {
  /** Distance in per cent as a decimal. */
  readonly deviation: string;
  readonly sizeAtoms: number;
  /** Where its size was given in the coin; absent in deals from before it could be. */
  readonly sizeLots?: number | null;
  /** 0 until the base order has traded. */
  ticks: number;
  lots: number;
  filledLots: number;
}

/**
 * `opening`: the base order is being bought. `open`: safety orders and take profits stand. `winding`: everything is sold
 * and safety orders are being withdrawn. `leaving`: everything is being sold at market. `dropping`: orders are being
 * withdrawn and the coin is kept.
 */
export type DealStage = 'opening' | 'open' | 'winding' | 'leaving' | 'dropping';

export interface Deal {
  readonly number: number;
  stage: DealStage;
  readonly startedAt: number;
  readonly base: { lots: number; readonly limitTicks: number; filledLots: number; filledAtoms: number };
  readonly safety: SafetyStep[];
  /** Lots closed by each step of the take profit. */
  readonly profits: { soldLots: number }[];
  /** Quote still to be spent by hand, in atoms. */
  addAtoms: number;
  bought: { grains: number; costAtoms: number; lots: number; valueAtoms: number };
  /** Base still held, or still sold by a short, in grains, and its share of the cost, or of what that brought, in atoms. */
  heldGrains: number;
  heldCostAtoms: number;
  /** Earned so far by closing parts of it, after all fees, in atoms. */
  profitAtoms: number;
  /** Best price for it since it opened (highest ask, of a short lowest bid), in ticks; what trailing counts from. */
  peakTicks: number;
  /** The last step of the take profit has been reached and is being followed. */
  isTrailing: boolean;
  isBreakEven: boolean;
  /** Tightest stop so far where it trails, in ticks. */
  stopFloorTicks: number;
  /** Since when the price has stood at the stop or beyond; 0 while it does not. */
  belowStopSince: number;
  /** Why it ends; empty while it does not. */
  reason: string;
  /** What becomes of the bot when it has ended. */
  next: 'go_on' | 'stop';
}

export interface DcaState {
  phase: 'trading' | 'ended';
  deal: Deal | null;
  board: OrderBoard;
  /** Dust of earlier deals: too little to sell, it joins the next. */
  dust: { grains: number; costAtoms: number };
  /** Base of deals that were let go, in grains, and what it cost, in atoms. */
  kept: { grains: number; costAtoms: number };
  dealsBegun: number;
  dealsWon: number;
  dealsLost: number;
  /** Profit of all deals, in atoms. */
  profitAtoms: number;
  cooldownUntil: number;
  /** The funds do not cover a whole deal, and the user has been told so. */
  isShort: boolean;
  /** The next scheduled start; 0 without one. */
  scheduledAt: number;
  /** Whether the last 24 hours had as much volume as is asked for; absent before that is known. */
  isBusy?: boolean;
  /** Why the last wish to start was not followed. */
  waitingFor: string;
}

export function newDcaState(): DcaState {
  return {
    phase: 'trading',
    deal: null,
    board: newBoard(),
    dust: { grains: 0, costAtoms: 0 },
    kept: { grains: 0, costAtoms: 0 },
    dealsBegun: 0,
    dealsWon: 0,
    dealsLost: 0,
    profitAtoms: 0,
    cooldownUntil: 0,
    isShort: false,
    scheduledAt: 0,
    waitingFor: '',
  };
}

/** A deal that begins with the dust there is. */
export function newDeal(
  state: DcaState,
  at: number,
  base: { readonly lots: number; readonly limitTicks: number },
  ladder: readonly LadderStep[],
  params: DcaParams,
): Deal {
  const { grains, costAtoms } = state.dust;
  state.dust = { grains: 0, costAtoms: 0 };
  state.dealsBegun += 1;
  return {
    number: state.dealsBegun,
    stage: 'opening',
    startedAt: at,
    base: { ...base, filledLots: 0, filledAtoms: 0 },
    safety: ladder.map(({ deviation, sizeAtoms, sizeLots }) => ({ deviation: deviation.toFixed(), sizeAtoms, sizeLots, ticks: 0, lots: 0, filledLots: 0 })),
    profits: profitSteps(params).map(() => ({ soldLots: 0 })),
    addAtoms: 0,
    bought: { grains, costAtoms, lots: 0, valueAtoms: 0 },
    heldGrains: grains,
    heldCostAtoms: costAtoms,
    profitAtoms: 0,
    peakTicks: 0,
    isTrailing: false,
    isBreakEven: false,
    stopFloorTicks: 0,
    belowStopSince: 0,
    reason: '',
    next: 'go_on',
  };
}

/** Average price of the base order, in ticks; only once it has traded. */
export function baseTicks({ base }: Deal): Decimal {
  return new Decimal(base.filledAtoms).div(base.filledLots);
}

/** Fixes the prices and sizes of the safety orders by the price of the base order. */
export function layLadder(deal: Deal, params: Directed): void {
  const from = baseTicks(deal);
  for (const step of deal.safety) {
    step.ticks = against(params, from, step.deviation);
    step.lots = step.ticks <= 0 ? 0 : (step.sizeLots ?? Math.floor(step.sizeAtoms / step.ticks));
  }
}

/** Books what opens or enlarges a deal. */
export function bookOpened(deal: Deal, fill: Fill, params: Directed): void {
  const value = fill.priceTicks * fill.sizeLots;
  const grains = fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  const cost = isShort(params) ? value - fees : value + fees;
  deal.bought.grains += grains;
  deal.bought.costAtoms += cost;
  deal.bought.lots += fill.sizeLots;
  deal.bought.valueAtoms += value;
  deal.heldGrains += grains;
  deal.heldCostAtoms += cost;
}

/** Books what closes a part of a deal: its share of the cost, and the profit. */
export function bookClosed(state: DcaState, deal: Deal, fill: Fill, params: Directed): void {
  const grains = fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains;
  const share = deal.heldGrains <= 0 ? 0 : Math.min(1, grains / deal.heldGrains);
  const cost = Math.round(deal.heldCostAtoms * share);
  const value = fill.priceTicks * fill.sizeLots;
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  const profit = (isShort(params) ? cost - value : value - cost) - fees;
  deal.heldGrains -= grains;
  deal.heldCostAtoms -= cost;
  deal.profitAtoms += profit;
  state.profitAtoms += profit;
}

/** The figures of a deal for people. */
function dealFigures(deal: Deal, scale: Scale): Readonly<Record<string, string | number | null>> {
  return {
    deal: deal.number,
    deal_stage: deal.stage,
    deal_started_at: new Date(deal.startedAt).toISOString(),
    deal_average_price: deal.bought.lots === 0 ? null : scale.price(Math.round(deal.bought.valueAtoms / deal.bought.lots)),
    deal_base: scale.base(deal.heldGrains),
    deal_cost: scale.quote(deal.heldCostAtoms),
    deal_profit: scale.quote(deal.profitAtoms),
    deal_safety_orders: `${deal.safety.filter((step) => step.lots > 0 && step.filledLots >= step.lots).length} of ${deal.safety.length}`,
  };
}

/** What a DCA bot says about itself. */
export function dcaFigures(state: DcaState, scale: Scale): Readonly<Record<string, string | number | boolean | null>> {
  return {
    phase: state.phase,
    profit: scale.quote(state.profitAtoms),
    deals: state.dealsBegun,
    deals_won: state.dealsWon,
    deals_lost: state.dealsLost,
    deals_are_smaller_for_lack_of_funds: state.isShort,
    kept_base: scale.base(state.kept.grains),
    waiting_for: state.waitingFor === '' ? null : state.waitingFor,
    refusal: refusalOf(state.board),
    ...(state.deal === null ? {} : dealFigures(state.deal, scale)),
  };
}

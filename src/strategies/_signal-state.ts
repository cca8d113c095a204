/** What a strategy of signals remembers between events, and how a fill changes it: plain data. */

import { newBoard, type OrderBoard, refusalOf } from '#core/executors/order-board.ts';
import type { PositionIntent, PositionState } from '#core/executors/position-state.ts';
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import type { Fill } from '#core/position.ts';

/** One position after the other, long or short. */
export interface DirectedTrade {
  /** The position under way. */
  trade: { intent: PositionIntent; position: PositionState } | null;
  /** What is entered when that is over. */
  next: 'long' | 'short' | null;
  /** What the run had earned before the trade under way, in atoms, funding and fees included. */
  earnedAtoms: number;
  fundingAtoms: number;
}

export interface SignalState {
  stage: 'flat' | 'entering' | 'holding' | 'leaving';
  board: OrderBoard;
  /** Quote still to be spent on the entry under way, in atoms. */
  toSpendAtoms: number;
  bought: { grains: number; costAtoms: number; lots: number; valueAtoms: number };
  heldGrains: number;
  heldCostAtoms: number;
  /** Highest ask since the purchase, in ticks. */
  peakTicks: number;
  reason: string;
  profitAtoms: number;
  tradesWon: number;
  tradesLost: number;
  /** Profit of the trade under way. */
  tradeAtoms: number;
  /** Of a perpetual, whose position an executor holds; absent on spot. */
  directed?: DirectedTrade;
}

export function newSignalState(): SignalState {
  return {
    stage: 'flat',
    board: newBoard(),
    toSpendAtoms: 0,
    bought: { grains: 0, costAtoms: 0, lots: 0, valueAtoms: 0 },
    heldGrains: 0,
    heldCostAtoms: 0,
    peakTicks: 0,
    reason: '',
    profitAtoms: 0,
    tradesWon: 0,
    tradesLost: 0,
    tradeAtoms: 0,
  };
}

export function book(state: SignalState, fill: Fill): void {
  const value = fill.priceTicks * fill.sizeLots;
  if (fill.side === 'buy') {
    const grains = fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
    const cost = value + fill.feeAtoms + fill.otherFeeAtoms;
    state.toSpendAtoms = Math.max(0, state.toSpendAtoms - value);
    state.bought.grains += grains;
    state.bought.costAtoms += cost;
    state.bought.lots += fill.sizeLots;
    state.bought.valueAtoms += value;
    state.heldGrains += grains;
    state.heldCostAtoms += cost;
    return;
  }
  const grains = fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains;
  const cost = state.heldGrains <= 0 ? 0 : Math.round(state.heldCostAtoms * Math.min(1, grains / state.heldGrains));
  const profit = value - fill.feeAtoms - fill.otherFeeAtoms - cost;
  state.heldGrains -= grains;
  state.heldCostAtoms -= cost;
  state.profitAtoms += profit;
  state.tradeAtoms += profit;
}

/** Unsigned. */
function heldOf({ heldGrains, directed }: SignalState): number {
  return directed === undefined ? heldGrains : (directed.trade?.position.heldGrains ?? 0);
}

export function signalFigures(state: SignalState, scale: Scale): Readonly<Record<string, string | number | boolean | null>> {
  const { trade = null } = state.directed ?? {};
  const bought = trade === null ? state.bought : trade.position.opened;
  return {
    stage: state.stage,
    profit: scale.quote(state.profitAtoms),
    trades_won: state.tradesWon,
    trades_lost: state.tradesLost,
    held: scale.base(heldOf(state)),
    ...(state.directed === undefined ? {} : { direction: state.directed.trade?.intent.direction ?? null, funding: scale.quote(state.directed.fundingAtoms) }),
    average_price: state.stage === 'flat' || bought.lots === 0 ? null : scale.price(Math.round(bought.valueAtoms / bought.lots)),
    refusal: refusalOf((trade?.position ?? state).board),
  };
}

/** What the executor of a position is asked for and remembers, and how a fill changes it: plain data. */
import { GRAINS_PER_LOT, type Scale } from '../instrument.ts';
import type { Order } from '../order.ts';
import type { Fill } from '../position.ts';
import { wholeLots } from './amounts.ts';
import { type Directed, isShort } from './directions.ts';
import type { ExecutorFigures } from './executor.ts';
import { type Bought, breakEvenTicks } from './net-prices.ts';
import { newBoard, type OrderBoard } from './order-board.ts';

/** One position with its barriers. Times are milliseconds since 1970. */
export interface PositionIntent extends Directed {
  /** Orders that open it; without a price (0) at once, at most {@link OPENING_MARGIN} beyond the market. */
  readonly entries: readonly { readonly ticks: number; readonly lots: number }[];
  /** Orders that take profit, the nearest first; each closes its share of what was opened, in per cent, the last one all that is left. */
  readonly targets: readonly { readonly ticks: number; readonly share: string }[];
  /** Price at which all of it is closed at market; 0 without a stop. */
  readonly stopTicks: number;
  /** The stop follows the best price at this distance, in per cent. */
  readonly trailingPercent: string | null;
  /** Number of the target, from 1, after which the stop moves to where nothing is lost. */
  readonly breakEvenAfter: number | null;
  /** Whether the first target being reached before anything is entered calls the position off. */
  readonly isMissedAtTarget: boolean;
  /** When entries that have not filled are withdrawn. */
  readonly entryUntil: number | null;
  /** When all of it is closed at market. */
  readonly endsAt: number | null;
}

export interface PositionState {
  stage: 'working' | 'leaving' | 'done';
  board: OrderBoard;
  /** Lots filled of each entry. */
  enteredLots: number[];
  /** Entries that were refused too often, or cancelled by hand. */
  givenUp: number[];
  isEntering: boolean;
  opened: { -readonly [Name in keyof Bought]: Bought[Name] };
  /** Lots sold by each target. */
  targetLots: number[];
  /** What is open, unsigned, and what of its cost it bears. */
  heldGrains: number;
  heldCostAtoms: number;
  profitAtoms: number;
  stopTicks: number;
  isBreakEven: boolean;
  /** Best price since the first fill; 0 before. */
  peakTicks: number;
  /** When its timer is set for; 0 while it is not. */
  timerAt: number;
  reason: string;
}

export const ENTRY = 'entry:';
export const TARGET = 'target:';
export const EXIT = 'exit_position';

export function newPosition(intent: PositionIntent): PositionState {
  return {
    stage: 'working',
    board: newBoard(),
    enteredLots: intent.entries.map(() => 0),
    givenUp: [],
    isEntering: true,
    opened: { grains: 0, costAtoms: 0, lots: 0, valueAtoms: 0 },
    targetLots: intent.targets.map(() => 0),
    heldGrains: 0,
    heldCostAtoms: 0,
    profitAtoms: 0,
    stopTicks: intent.stopTicks,
    isBreakEven: false,
    peakTicks: 0,
    timerAt: 0,
    reason: '',
  };
}

/** The number behind a prefix in an order's tag, or `null` where it has another. */
export function numberIn(tag: string, prefix: string): number | null {
  return tag.startsWith(prefix) ? Number(tag.slice(prefix.length)) : null;
}

/** Takes a fill into the books; `false` when its order is none of ours. */
export function bookPosition(state: PositionState, order: Readonly<Order>, fill: Fill, intent: PositionIntent): boolean {
  const entry = numberIn(order.tag, ENTRY);
  const target = numberIn(order.tag, TARGET);
  if (entry !== null) {
    state.enteredLots[entry] = (state.enteredLots[entry] ?? 0) + fill.sizeLots;
    bookOpened(state, fill, intent);
    return true;
  }
  if (target === null && order.tag !== EXIT) return false;
  if (target !== null) state.targetLots[target] = (state.targetLots[target] ?? 0) + fill.sizeLots;
  bookClosed(state, fill, intent);
  return true;
}

function bookOpened(state: PositionState, fill: Fill, intent: Directed): void {
  const value = fill.priceTicks * fill.sizeLots;
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  const grains = fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
  const cost = isShort(intent) ? value - fees : value + fees;
  state.opened.grains += grains;
  state.opened.costAtoms += cost;
  state.opened.lots += fill.sizeLots;
  state.opened.valueAtoms += value;
  state.heldGrains += grains;
  state.heldCostAtoms += cost;
}

function bookClosed(state: PositionState, fill: Fill, intent: Directed): void {
  const value = fill.priceTicks * fill.sizeLots;
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  const grains = fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains;
  const cost = state.heldGrains <= 0 ? 0 : Math.round(state.heldCostAtoms * Math.min(1, grains / state.heldGrains));
  state.heldGrains -= grains;
  state.heldCostAtoms -= cost;
  state.profitAtoms += isShort(intent) ? cost - value - fees : value - fees - cost;
}

/** Where closing all of it loses nothing after the fee, in ticks; 0 before anything is open. */
export function breakEvenOf(state: PositionState, scale: Scale, intent: Directed): number {
  return state.opened.lots === 0 ? 0 : breakEvenTicks(state.opened, scale.takerFee, intent);
}

export function positionFigures(state: PositionState, scale: Scale, intent: PositionIntent): ExecutorFigures {
  const { opened } = state;
  const wanted = intent.entries.reduce((sum, { lots }) => sum + lots, 0);
  return {
    stage: state.stage,
    direction: intent.direction,
    filled: scale.size(opened.lots),
    unfilled: scale.size(wanted - opened.lots),
    held: scale.size(wholeLots(state.heldGrains)),
    average_price: opened.lots === 0 ? null : scale.price(Math.round(opened.valueAtoms / opened.lots)),
    stop_price: state.stopTicks === 0 ? null : scale.price(state.stopTicks),
    targets_hit: state.targetLots.filter((lots) => lots > 0).length,
    profit: scale.quote(state.profitAtoms),
    reason: state.reason === '' ? null : state.reason,
  };
}

/**
 * What a grid remembers between events, and how a fill changes it: plain data, a few dozen bytes a cell. A cell owns
 * the base it has bought and what that cost; every execution is booked to exactly one cell, never inferred from a status.
 */

import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Fill } from '#core/position.ts';
import type { FeeAsset } from '#core/risk.ts';
import { buyCost, wholeLots } from './_amounts.ts';
import type { CellShape } from './_grid-layout.ts';

export type CellSide = 'buy' | 'sell';

export interface Cell extends CellShape {
  lots: number;
  /** Lots of a full purchase that are bought and not sold again. */
  openLots: number;
  /** Base of this cell after fees, with the dust below one lot that earlier trades left, in grains. */
  heldGrains: number;
  /** What the base held has cost, fees included, in atoms; base from the opening counts at the cell's own buy line. */
  costAtoms: number;
  /** ClientOrderIds of the live orders, at most one a side. */
  buyId: string | null;
  sellId: string | null;
  /** The grid itself has asked to cancel an order of this cell, to place it larger or to move the cell. */
  isReplacing: boolean;
  /** The user has cancelled an order of this cell by hand: it rests until the bot is paused and resumed. */
  isParked: boolean;
  /** Waits for the opening purchase. */
  isAwaiting: boolean;
  /** Refusals in a row, the last one's reason, and when to try again; 0 while nothing waits. */
  failures: number;
  failureCode: string;
  retryAt: number;
}

export interface GridState {
  /** `waiting` for the start price, `trading`, or `ended` by a stop. */
  phase: 'waiting' | 'trading' | 'ended';
  /** From the lowest cell to the highest; the upper line of one is the lower line of the next. */
  cells: Cell[];
  /** The purchase of missing base at start, until all of it has been bought; before it has traded nothing else is placed. */
  opening: { orderId: string | null; hasTraded: boolean; gotGrains: number; paidAtoms: number; failures: number; retryAt: number } | null;
  /** Prices that end the run, in ticks; `null` where there is none. */
  stopLowerTicks: number | null;
  stopUpperTicks: number | null;
  /** Lines the grid may trail to next. */
  trailUpTicks: number | null;
  trailDownTicks: number | null;
  /** A cell on its way to the other end waits for the end of its order. */
  moving: 'up' | 'down' | null;
  /** Lines of cells that want to place an order, nearest to the price first. */
  queue: number[];
  /** No order is placed before this time, because the bot as a whole was refused. */
  holdUntil: number;
  holdFailures: number;
  /** Orders that may be on their way at once: back to one after such a refusal, then growing again. */
  maxInFlight: number;
  /** When the retry timer is set for; 0 while it is not. */
  timerAt: number;
  /** Earned by sales against the cost of their own cell, after all fees, in atoms. */
  profitAtoms: number;
  /** Base kept as profit with profit in base, in grains. */
  keptGrains: number;
  /** Gained or lost because base was assigned to cells at their lines: at the opening and when a cell trails down, in atoms. */
  trendAtoms: number;
  /** Cells that have sold all they held. */
  completedTrades: number;
}

/** Orders that may be on their way to the venue at once while many are to be placed. */
export const MAX_IN_FLIGHT = 10;

export function newCell(shape: CellShape): Cell {
  return {
    ...shape,
    openLots: 0,
    heldGrains: 0,
    costAtoms: 0,
    buyId: null,
    sellId: null,
    isReplacing: false,
    isParked: false,
    isAwaiting: false,
    failures: 0,
    failureCode: '',
    retryAt: 0,
  };
}

export function newGridState(): GridState {
  return {
    phase: 'waiting',
    cells: [],
    opening: null,
    stopLowerTicks: null,
    stopUpperTicks: null,
    trailUpTicks: null,
    trailDownTicks: null,
    moving: null,
    queue: [],
    holdUntil: 0,
    holdFailures: 0,
    maxInFlight: MAX_IN_FLIGHT,
    timerAt: 0,
    profitAtoms: 0,
    keptGrains: 0,
    trendAtoms: 0,
    completedTrades: 0,
  };
}

export function cellAt(state: GridState, line: number): Cell | undefined {
  const first = state.cells[0];
  return first === undefined ? undefined : state.cells[line - first.line];
}

/** How cells offer what they hold. Rates are in {@link FEE_RATE_UNITS}. */
export interface OfferTerms {
  readonly profitIn: 'quote' | 'base';
  readonly feeAsset: FeeAsset;
  readonly buyFeeRate: number;
  readonly sellFeeRate: number;
}

/** Lots a cell offers: all it holds, or with profit in base just enough to pay for its next purchase. */
export function lotsToSell(cell: Cell, terms: OfferTerms): number {
  const held = wholeLots(cell.heldGrains);
  if (terms.profitIn === 'quote') return held;
  const nextCost = Math.max(cell.costAtoms, buyCost(cell.openLots, cell.buyTicks, terms.buyFeeRate, terms.feeAsset));
  // Rounded up, so that the sale always pays for the purchase.
  return Math.min(held, Math.ceil(nextCost / (cell.sellTicks * (1 - terms.sellFeeRate / FEE_RATE_UNITS))));
}

/** Books a purchase of a cell. */
export function bookBuy(cell: Cell, fill: Fill): void {
  cell.openLots += fill.sizeLots;
  cell.heldGrains += fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
  cell.costAtoms += fill.priceTicks * fill.sizeLots + fill.feeAtoms + fill.otherFeeAtoms;
}

/** Books a sale of a cell: its share of the cost, the profit, and what profit in base keeps. */
export function bookSell(state: GridState, cell: Cell, fill: Fill, terms: OfferTerms): void {
  const wantedLots = lotsToSell(cell, terms);
  const restLots = wantedLots - fill.sizeLots;
  // What is left below the venue's minimum stays part of the cell, which buys that much less and sells it with the next.
  const isComplete = restLots <= 0;
  const share = isComplete ? 1 : fill.sizeLots / wantedLots;
  // With profit in quote the dust that stays keeps its cost, or small trades would look like losses until it is sold.
  const soldGrains = fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains;
  const costShare = terms.profitIn === 'quote' ? Math.min(1, soldGrains / cell.heldGrains) : share;
  const cost = Math.round(cell.costAtoms * costShare);
  const spareGrains = Math.max(0, cell.heldGrains - wantedLots * GRAINS_PER_LOT);
  state.profitAtoms += fill.priceTicks * fill.sizeLots - fill.feeAtoms - fill.otherFeeAtoms - cost;
  cell.costAtoms -= cost;
  cell.heldGrains -= soldGrains;
  cell.openLots = isComplete ? 0 : Math.min(cell.openLots, Math.ceil(cell.openLots * (1 - share)));
  if (isComplete) state.completedTrades += 1;
  if (terms.profitIn === 'base') keepBase(state, cell, isComplete ? cell.heldGrains : Math.floor(spareGrains * share));
}

/** Less than a lot is the dust of fees and goes into the next sale; whole lots are profit. */
function keepBase(state: GridState, cell: Cell, grains: number): void {
  const kept = wholeLots(grains) * GRAINS_PER_LOT;
  cell.heldGrains -= kept;
  state.keptGrains += kept;
}

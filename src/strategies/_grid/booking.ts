/**
 * How a fill changes a cell of the grid, and how much a cell offers: every execution is booked to exactly one cell,
 * never inferred from a status.
 */

import { buyCost, wholeLots } from '#core/executors/amounts.ts';
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Fill } from '#core/position.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { Cell, GridState } from './state.ts';

/** How cells offer what they hold. Rates are in {@link FEE_RATE_UNITS}. */
export interface OfferTerms {
  readonly profitIn: 'quote' | 'base';
  readonly feeAsset: FeeAsset;
  readonly buyFeeRate: number;
  readonly sellFeeRate: number;
}

/** Lots a cell closes: all it holds, or with profit in base just enough to pay for its next purchase. */
export function lotsToClose(cell: Cell, terms: OfferTerms): number {
  if (cell.isShort) return cell.openLots;
  const held = wholeLots(cell.heldGrains);
  if (terms.profitIn === 'quote') return held;
  const nextCost = Math.max(cell.costAtoms, buyCost(cell.openLots, cell.buyTicks, terms.buyFeeRate, terms.feeAsset));
  // Rounded up, so that the sale always pays for the purchase.
  return Math.min(held, Math.ceil(nextCost / (cell.sellTicks * (1 - terms.sellFeeRate / FEE_RATE_UNITS))));
}

/** Books what a cell has opened: a purchase, or the sale of a short one. */
export function bookOpened(cell: Cell, fill: Fill): void {
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  const value = fill.priceTicks * fill.sizeLots;
  cell.openLots += fill.sizeLots;
  cell.heldGrains += fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
  cell.costAtoms += cell.isShort ? value - fees : value + fees;
}

/** Books what a cell has closed: its share of the cost, the profit, and what profit in base keeps. */
export function bookClosed(state: GridState, cell: Cell, fill: Fill, terms: OfferTerms): void {
  if (cell.isShort) return bookBoughtBack(state, cell, fill);
  const wantedLots = lotsToClose(cell, terms);
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

/** A short cell earns what its sale has brought beyond what buying back costs. */
function bookBoughtBack(state: GridState, cell: Cell, fill: Fill): void {
  const isComplete = fill.sizeLots >= cell.openLots;
  const brought = isComplete ? cell.costAtoms : Math.round((cell.costAtoms * fill.sizeLots) / cell.openLots);
  state.profitAtoms += brought - fill.priceTicks * fill.sizeLots - fill.feeAtoms - fill.otherFeeAtoms;
  cell.costAtoms -= brought;
  cell.heldGrains -= fill.sizeLots * GRAINS_PER_LOT;
  cell.openLots -= fill.sizeLots;
  if (isComplete) state.completedTrades += 1;
}

/** Less than a lot is the dust of fees and goes into the next sale; whole lots are profit. */
function keepBase(state: GridState, cell: Cell, grains: number): void {
  const kept = wholeLots(grains) * GRAINS_PER_LOT;
  cell.heldGrains -= kept;
  state.keptGrains += kept;
}

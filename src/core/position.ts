/**
 * A fill is one execution; a position is what a bot's fills add up to. Positions are derived, never edited.
 */
import { GRAINS_PER_LOT } from './instrument.ts';
import type { Side } from './order.ts';

/** One execution, unique by account, instrument and trade id. Amounts are unsigned; side carries direction. */
export interface Fill {
  readonly tradeId: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly sizeLots: number;
  /** Fee taken out of the base asset, in grains, rounded up. */
  readonly feeGrains: number;
  /** Fee taken out of the quote asset, in atoms, rounded up. */
  readonly feeAtoms: number;
  /** Value of a fee paid in a third asset, in atoms; 0 where its price is not known. */
  readonly otherFeeAtoms: number;
  readonly isMaker: boolean;
}

/** Net holding of one bot in one instrument, on average cost; how a perpetual's differs is told in perpetual-position.ts. */
export interface Position {
  /** Base held, in grains; negative for a short, at a spot venue only if it reports more sold than bought. */
  baseGrains: number;
  /** Quote received minus quote spent, fees included, in atoms. */
  quoteAtoms: number;
  /** What the base held has cost, fees included, in atoms. */
  costAtoms: number;
  /** Profit of what was sold against its average cost, after fees, in atoms. */
  realisedAtoms: number;
  /** All fees at their value in quote, in atoms. */
  feesAtoms: number;
  /** Funding received less paid, in atoms; part of the profit. Absent where there was none, as for every spot run. */
  fundingAtoms?: number;
  fillCount: number;
}

export function emptyPosition(): Position {
  return { baseGrains: 0, quoteAtoms: 0, costAtoms: 0, realisedAtoms: 0, feesAtoms: 0, fillCount: 0 };
}

/** Adds one fill in place. A fee in a third asset lowers the profit by its value but neither holding. */
export function applyFill(position: Position, fill: Fill): void {
  const value = fill.priceTicks * fill.sizeLots;
  const grains = fill.sizeLots * GRAINS_PER_LOT;
  const feeValue = fill.feeAtoms + fill.otherFeeAtoms + Math.ceil((fill.feeGrains * fill.priceTicks) / GRAINS_PER_LOT);
  position.fillCount += 1;
  position.feesAtoms += feeValue;
  if (fill.side === 'buy') {
    position.baseGrains += grains - fill.feeGrains;
    position.quoteAtoms -= value + fill.feeAtoms;
    position.costAtoms += value + fill.feeAtoms + fill.otherFeeAtoms;
    return;
  }
  const spent = grains + fill.feeGrains;
  const cost = position.baseGrains <= 0 ? 0 : Math.round(position.costAtoms * Math.min(1, spent / position.baseGrains));
  position.baseGrains -= spent;
  position.quoteAtoms += value - fill.feeAtoms;
  position.realisedAtoms += value - fill.feeAtoms - fill.otherFeeAtoms - cost;
  position.costAtoms -= cost;
}

/** Base that the bot received other than by a fill (lent to it at start), valued at the price of that moment. */
export function receiveBase(position: Position, grains: number, priceTicks: number): void {
  position.baseGrains += grains;
  position.costAtoms += Math.round((grains / GRAINS_PER_LOT) * priceTicks);
}

/** Profit of the base still held at a price, in atoms. */
export function floatingAtoms(position: Position, priceTicks: number): number {
  return Math.round((position.baseGrains / GRAINS_PER_LOT) * priceTicks) - position.costAtoms;
}

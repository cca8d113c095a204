/**
 * What fills and funding do to a position in a perpetual: long or short at an average entry, profit taken when a part is closed,
 * fees and funding at once. The fields are those of {@link Position}; `costAtoms` is the value at entry, negative for a short,
 * so that `quoteAtoms + costAtoms` is what the wallet has gained.
 */
import { GRAINS_PER_LOT } from './instrument.ts';
import type { Fill, Position } from './position.ts';

/** Adds one fill in place; one that crosses zero closes the whole position and opens the rest at its own price. */
export function applyPerpetualFill(position: Position, fill: Fill): void {
  const { priceTicks, sizeLots } = fill;
  const direction = fill.side === 'buy' ? 1 : -1;
  const heldLots = Math.round(position.baseGrains / GRAINS_PER_LOT);
  const closingLots = heldLots * direction < 0 ? Math.min(Math.abs(heldLots), sizeLots) : 0;
  const fee = fill.feeAtoms + Math.ceil((fill.feeGrains * priceTicks) / GRAINS_PER_LOT);
  position.fillCount += 1;
  position.feesAtoms += fee + fill.otherFeeAtoms;
  position.quoteAtoms -= direction * priceTicks * sizeLots + fee;
  position.realisedAtoms -= fee + fill.otherFeeAtoms;
  if (closingLots > 0) {
    const cost = closingLots === Math.abs(heldLots) ? position.costAtoms : Math.round(position.costAtoms * (closingLots / Math.abs(heldLots)));
    position.realisedAtoms += -direction * priceTicks * closingLots - cost;
    position.costAtoms -= cost;
  }
  position.costAtoms += direction * priceTicks * (sizeLots - closingLots);
  position.baseGrains += direction * sizeLots * GRAINS_PER_LOT;
}

/** Adds one funding payment in place: positive when received. */
export function applyFunding(position: Position, amountAtoms: number): void {
  position.quoteAtoms += amountAtoms;
  position.realisedAtoms += amountAtoms;
  position.fundingAtoms = (position.fundingAtoms ?? 0) + amountAtoms;
}

/** Where a venue does not tell its maintenance margin. */
export const DEFAULT_MAINTENANCE_RATE = 0.005;

/**
 * The price at which what stands behind a position has fallen to its maintenance margin; an estimate in ticks, as tiers and
 * other positions of the account are the venue's to know. `null` for a flat position and where no price is that bad.
 * @see https://www.binance.com/en/support/faq/detail/b3c689c1f50a44cabb3a84e663b81d93
 */
export function liquidationTicks(position: Readonly<Position>, equityAtoms: number, maintenanceRate: number): number | null {
  const lots = position.baseGrains / GRAINS_PER_LOT;
  if (lots === 0) return null;
  const ticks = (position.costAtoms - equityAtoms) / (lots - Math.abs(lots) * maintenanceRate);
  return ticks > 0 ? ticks : null;
}

/** What orders cost, bring and must at least be worth, in the integers of the engine: figures that every strategy shares. */
import { feeOn, GRAINS_PER_LOT, type Scale } from '../instrument.ts';
import type { FeeAsset } from '../risk.ts';

/** How far above the ask a purchase that must happen now may fill, and a sale below the bid. */
export const OPENING_MARGIN = 0.005;

/** Highest price such a purchase pays. */
export function openingPrice(askTicks: number): number {
  return Math.ceil(askTicks * (1 + OPENING_MARGIN));
}

/** Lowest price a sale that must happen now takes. */
export function lowestSale(bidTicks: number): number {
  return Math.max(1, Math.floor(bidTicks * (1 - OPENING_MARGIN)));
}

/** Quote that buying takes out of the budget. */
export function buyCost(lots: number, ticks: number, feeRate: number, feeAsset: FeeAsset): number {
  const value = lots * ticks;
  return feeAsset === 'quote' ? value + feeOn(value, feeRate) : value;
}

/** The smallest order that brings at least `grains` after the fee; 0 when nothing is missing. */
export function lotsToReceive(grains: number, scale: Scale, feeAsset: FeeAsset): number {
  if (grains <= 0) return 0;
  let lots = Math.ceil(grains / GRAINS_PER_LOT);
  for (;;) {
    const missing = grains - receivedGrains(lots, scale.takerFee, feeAsset);
    if (missing <= 0) return lots;
    lots += Math.ceil(missing / GRAINS_PER_LOT);
  }
}

/** Base that arrives from buying, after a fee taken in base. */
export function receivedGrains(lots: number, feeRate: number, feeAsset: FeeAsset): number {
  const grains = lots * GRAINS_PER_LOT;
  return feeAsset === 'received' ? grains - feeOn(grains, feeRate) : grains;
}

/** Whole lots in an amount of base. */
export function wholeLots(grains: number): number {
  return Math.floor(grains / GRAINS_PER_LOT);
}

/** Whether the venue takes an order of this size at this price. */
export function isTradable({ scale }: { readonly scale: Scale }, lots: number, ticks: number): boolean {
  return lots > 0 && lots >= scale.minLots && lots * ticks >= scale.minAtoms;
}

/** Whether the venue takes an order of this size that only closes: on a perpetual whatever its value is. */
export function isClosable(context: { readonly scale: Scale }, lots: number, ticks: number): boolean {
  const { scale } = context;
  return scale.isPerpetual ? lots > 0 && lots >= scale.minLots : isTradable(context, lots, ticks);
}

/** What a position has cost, at which prices closing it pays, and how it is divided among several prices. Pure figures. */
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '../instrument.ts';
import { Decimal } from '../money.ts';
import { type Directed, isShort, LONG } from './directions.ts';

/** What the orders that open a position add up to. */
export interface Bought {
  /** Base received after fees, in grains. */
  readonly grains: number;
  /** What it cost, fees included, or brought after them where it was sold first, in atoms. */
  readonly costAtoms: number;
  /** Lots and value before fees. */
  readonly lots: number;
  readonly valueAtoms: number;
}

/** Price at which closing all of it loses nothing after a fee, in ticks, to the whole one. */
export function breakEvenTicks(bought: Bought, closingFee: number, params: Directed = LONG): number {
  return netTicks(bought, '0', closingFee, params);
}

/** Price at which closing leaves so many per cent of what was traded as profit, after its fee. */
export function netTicks({ costAtoms, grains }: Bought, percent: string, closingFee: number, params: Directed = LONG): number {
  const sign = isShort(params) ? -1 : 1;
  const kept = new Decimal(FEE_RATE_UNITS - sign * closingFee).div(FEE_RATE_UNITS);
  const wanted = new Decimal(100).plus(new Decimal(percent).times(sign)).div(100);
  const ticks = new Decimal(costAtoms).times(GRAINS_PER_LOT).div(grains).times(wanted).div(kept);
  return (isShort(params) ? ticks.floor() : ticks.ceil()).toNumber();
}

/** Average price of what was bought, before fees, in ticks. */
export function averageTicks({ valueAtoms, lots }: Bought): Decimal {
  return new Decimal(valueAtoms).div(lots);
}

/** How what can be sold is divided among the steps: each its share of all that was bought, less what it has sold; the last takes what is left. */
export function shareOut(
  steps: readonly { readonly share: string; readonly soldLots: number }[],
  heldLots: number,
  isEnough: (step: number, lots: number) => boolean,
): readonly number[] {
  const total = heldLots + steps.reduce((sum, step) => sum + step.soldLots, 0);
  const lots: number[] = [];
  let left = heldLots;
  for (const [index, { share, soldLots }] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const target = isLast ? left : Math.max(0, new Decimal(total).times(share).div(100).floor().toNumber() - soldLots);
    const taken = Math.min(left, target);
    lots.push(isLast || isEnough(index, taken) ? taken : 0);
    left -= lots[index] ?? 0;
  }
  // A rest too small for an order of its own goes with the step before it.
  for (let index = steps.length - 1; index > 0; index -= 1) {
    const rest = lots[index] ?? 0;
    if (rest === 0 || isEnough(index, rest)) continue;
    const before = lots.findLastIndex((each, place) => place < index && each > 0);
    if (before < 0) break;
    lots[before] = (lots[before] ?? 0) + rest;
    lots[index] = 0;
  }
  return lots;
}

/**
 * The geometry and arithmetic of a grid: where its lines stand, what each cell buys and sells, what that needs and
 * what a completed trade brings after fees. Pure figures in ticks, lots, grains and atoms; nothing here decides.
 */

import { feeOn, GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import { Decimal, decimal } from '#core/money.ts';
import type { FeeAsset } from '#core/risk.ts';
import { buyCost, lotsToReceive, openingPrice, receivedGrains } from './_amounts.ts';
import type { GridParams } from './_grid-params.ts';

/** A cell buys at its lower line and sells at its upper one. `line` counts from the lower price; trailing goes below 0 and beyond. */
export interface CellShape {
  readonly line: number;
  readonly buyTicks: number;
  readonly sellTicks: number;
  readonly lots: number;
}

/** What a grid does at the price it starts at. */
export interface Layout {
  readonly cells: readonly CellShape[];
  /** Cells from this index on start loaded with base; those before it start with a buy order. */
  readonly firstLoaded: number;
  /** Base to buy at start, in lots; 0 when nothing is missing. */
  readonly openingLots: number;
  /** Highest price paid for it. */
  readonly openingTicks: number;
  /** Base the loaded cells hold, in grains. */
  readonly baseGrains: number;
  /** Quote for all buys and the opening, at the worst price and fee, in atoms. */
  readonly quoteAtoms: number;
}

export interface LayoutInput {
  readonly params: GridParams;
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** Prices of lines in whole ticks, to the nearest: line 0 is the lower price, line `levels - 1` the upper one, others lie beyond at the same spacing; 0 for one at or below nothing. */
export function lineTicks(params: GridParams, scale: Scale): (line: number) => number {
  const lower = decimal(params.lower_price);
  const upper = decimal(params.upper_price);
  const count = params.levels - 1;
  const ratio = upper.div(lower);
  const step = params.spacing === 'arithmetic' ? upper.minus(lower) : ratio.pow(new Decimal(1).div(count));
  const priceOf = (line: number) => (params.spacing === 'arithmetic' ? lower.plus(step.times(line).div(count)) : lower.times(step.pow(line)));
  return (line) => {
    const price = line === count ? upper : priceOf(line);
    return price.isPositive() ? scale.ticks(price, 'nearest') : 0;
  };
}

/** All lines of the grid, ascending, in ticks. */
export function gridLines(params: GridParams, scale: Scale): number[] {
  const ticksOf = lineTicks(params, scale);
  return Array.from({ length: params.levels }, (_, line) => ticksOf(line));
}

/** The line next to the price, the lower one at equal distance: it stays without an order. */
export function waitingLine(lines: readonly number[], bidTicks: number, askTicks: number): number {
  const twice = bidTicks + askTicks;
  let nearest = 0;
  for (let index = 1; index < lines.length; index += 1)
    if (Math.abs(2 * (lines[index] ?? 0) - twice) < Math.abs(2 * (lines[nearest] ?? 0) - twice)) nearest = index;
  return nearest;
}

/** The layout for a size of each buy: atoms with sizing `quote`, lots with sizing `base`. */
export function layoutOf(input: LayoutInput, lines: readonly number[], size: number): Layout {
  const { params, scale, feeAsset, bidTicks, askTicks } = input;
  const cells = lines.slice(0, -1).map((buyTicks, line) => {
    const lots = params.sizing === 'base' ? size : Math.floor(size / buyTicks);
    return { line, buyTicks, sellTicks: lines[line + 1] ?? 0, lots };
  });
  const firstLoaded = waitingLine(lines, bidTicks, askTicks);
  let lots = 0;
  let quoteAtoms = 0;
  cells.forEach((cell, index) => {
    if (index >= firstLoaded) lots += cell.lots;
    else quoteAtoms += buyCost(cell.lots, cell.buyTicks, scale.takerFee, feeAsset);
  });
  const baseGrains = lots * GRAINS_PER_LOT;
  const openingTicks = openingPrice(askTicks);
  const openingLots = lotsToReceive(baseGrains - lentGrains(params, scale), scale, feeAsset);
  return { cells, firstLoaded, openingLots, openingTicks, baseGrains, quoteAtoms: quoteAtoms + buyCost(openingLots, openingTicks, scale.takerFee, feeAsset) };
}

/** The layout the settings ask for: of the given order size, or the largest that fits the investment. */
export function sizedLayout(input: LayoutInput, lines: readonly number[]): Layout {
  const { params, scale } = input;
  if (params.order_size !== null)
    return layoutOf(input, lines, params.sizing === 'base' ? scale.lots(params.order_size, 'down') : scale.atoms(params.order_size, 'down'));
  return layoutOf(input, lines, largestSize(input, lines, scale.atoms(params.investment ?? '0', 'down')));
}

/** Largest size of each buy whose layout needs no more than the budget; need grows with size, so halving finds it. */
function largestSize(input: LayoutInput, lines: readonly number[], budgetAtoms: number): number {
  // Where all base is lent nothing bounds the size by need; then it is bounded by what is lent.
  const lent = lentGrains(input.params, input.scale);
  const topTicks = lines.at(-1) ?? 1;
  const roof = budgetAtoms + Math.floor(lent / GRAINS_PER_LOT) * topTicks;
  let fits = 0;
  let tooLarge = (input.params.sizing === 'base' ? Math.floor(roof / (lines[0] ?? 1)) : roof) + 1;
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (layoutOf(input, lines, middle).quoteAtoms <= budgetAtoms) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

/** Base lent from the account, in grains. */
export function lentGrains(params: GridParams, scale: Scale): number {
  return params.base_investment === null ? 0 : scale.grains(params.base_investment, 'down');
}

/** What one completed trade of a cell brings. Amounts in atoms, profit after both fees. */
export interface TradeResult {
  readonly costAtoms: number;
  readonly profitAtoms: number;
  /** Whole lots that can be sold of what one purchase brings. */
  readonly sellLots: number;
}

/** A purchase at the lower line and the sale of all it brought at the upper one, at the given fee rates. */
export function completedTrade(cell: CellShape, buyFee: number, sellFee: number, feeAsset: FeeAsset): TradeResult {
  const value = cell.lots * cell.buyTicks;
  const grains = receivedGrains(cell.lots, buyFee, feeAsset);
  const sellLots = Math.floor(grains / GRAINS_PER_LOT);
  const proceeds = sellLots * cell.sellTicks + Math.floor(((grains % GRAINS_PER_LOT) * cell.sellTicks) / GRAINS_PER_LOT);
  const costAtoms = feeAsset === 'received' ? value : value + feeOn(value, buyFee);
  return { costAtoms, profitAtoms: proceeds - feeOn(proceeds, sellFee) - costAtoms, sellLots };
}

/** Lines next beyond the grid in ticks, or `null` where trailing is off or its limit is reached. */
export function nextTrailTicks(
  params: GridParams,
  scale: Scale,
  bottomLine: number,
  topLine: number,
): { readonly up: number | null; readonly down: number | null } {
  if (params.trailing_up_limit === null && params.trailing_down_limit === null) return { up: null, down: null };
  const ticksOf = lineTicks(params, scale);
  const up = ticksOf(topLine + 1);
  const down = ticksOf(bottomLine - 1);
  return {
    up: params.trailing_up_limit !== null && up <= scale.ticks(params.trailing_up_limit, 'nearest') ? up : null,
    down: params.trailing_down_limit !== null && down >= scale.ticks(params.trailing_down_limit, 'nearest') && down >= scale.minTicks ? down : null,
  };
}

/**
 * The geometry and arithmetic of a grid: where its lines stand, what each cell opens and closes, what that needs and
 * what a completed trade brings after fees. Pure figures in ticks, lots, grains and atoms; nothing here decides.
 */

import { buyCost, lotsToReceive, lowestSale, openingPrice, receivedGrains } from '#core/executors/amounts.ts';
import { FEE_RATE_UNITS, feeOn, GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { Side } from '#core/order.ts';
import type { FeeAsset } from '#core/risk.ts';
import { type Entry, marginNeed } from '../_perpetuals.ts';
import { type GridLines, isInfinite, waitingLine } from './lines.ts';
import type { GridParams } from './params.ts';
import { leastShare, shareOf } from './sizes.ts';

/**
 * A cell between two lines. A long one buys at its lower line and sells at its upper one, a short one sells first and
 * buys back. `line` counts from the lower price; trailing goes below 0 and beyond.
 */
export interface CellShape {
  readonly line: number;
  readonly buyTicks: number;
  readonly sellTicks: number;
  readonly lots: number;
  readonly isShort: boolean;
}

/** A cell as the grid begins; a loaded one has opened already and waits to close. */
export interface LaidCell extends CellShape {
  readonly isLoaded: boolean;
}

/** What a grid does at the price it starts at. */
export interface Layout {
  /** Of each order that opens, where sizes differ of the highest: atoms with sizing `quote`, lots with sizing `base`. */
  readonly size: number;
  /** From the lowest to the highest. */
  readonly cells: readonly LaidCell[];
  /** Cells the grid may get as it expands. */
  readonly reserved: readonly CellShape[];
  /** Base held for the lines of an infinite grid above those laid out, in grains. */
  readonly poolGrains: number;
  /** The trade at start: its lots (0 when nothing is missing) and its worst price. */
  readonly opening: { readonly side: Side; readonly lots: number; readonly ticks: number };
  /** Base the loaded cells and the pool hold, and a reverse grid sells at start, in grains; of a perpetual what its loaded cells have opened. */
  readonly baseGrains: number;
  /** Quote for everything at the worst price and fee, of a perpetual margin, in atoms; the user's reserve is not in it. */
  readonly quoteAtoms: number;
}

export interface LayoutInput {
  readonly params: GridParams;
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** A cell where the highest has a size (see {@link Layout}). */
export function cellOf(params: GridParams, size: number, line: number, [buyTicks, sellTicks]: readonly [number, number], isShort: boolean): CellShape {
  const own = size * shareOf(params, line);
  const lots = Math.floor(params.sizing === 'base' ? own : own / (isShort ? sellTicks : buyTicks));
  return { line, buyTicks, sellTicks, lots, isShort };
}

/** The layout for a size of each order that opens. */
export function layoutOf(input: LayoutInput, lines: GridLines, size: number): Layout {
  const { params, bidTicks, askTicks } = input;
  const { direction } = params;
  const waiting = waitingLine(lines.own, bidTicks, askTicks);
  const cells = lines.own.slice(0, -1).map((buyTicks, line): LaidCell => {
    const isAbove = line >= waiting;
    const isShort = direction === 'short' || (direction === 'neutral' && isAbove);
    const isLoaded = direction !== 'neutral' && isAbove !== isShort;
    return { ...cellOf(params, size, line, [buyTicks, lines.own[line + 1] ?? 0], isShort), isLoaded };
  });
  const reserved = expansionCells(params, lines, size);
  const poolGrains = isInfinite(params) ? poolOf(params, size, lines.own.at(-1) ?? 1) : 0;
  const loadedLots = cells.reduce((sum, cell) => sum + (cell.isLoaded ? cell.lots : 0), 0);
  const laid = { size, cells, reserved, poolGrains };
  const baseGrains = loadedLots * GRAINS_PER_LOT + poolGrains;
  if (input.scale.isPerpetual) return perpetualLayout(input, lines, laid, loadedLots);
  const openCost = [...cells.filter((cell) => !cell.isLoaded), ...reserved].reduce((sum, cell) => sum + costOf(input, cell.lots, cell.buyTicks), 0);
  if (direction === 'reverse') return reverseLayout(input, laid, baseGrains, openCost);
  const ticks = openingPrice(askTicks);
  const lots = lotsToReceive(baseGrains - lentGrains(params, input.scale), input.scale, input.feeAsset);
  return { ...laid, opening: { side: 'buy', lots, ticks }, baseGrains, quoteAtoms: openCost + costOf(input, lots, ticks) };
}

type Laid = Pick<Layout, 'size' | 'cells' | 'reserved' | 'poolGrains'>;

/** A reverse grid has base alone: what its lower cells will spend is sold for at start. */
function reverseLayout({ scale, bidTicks }: LayoutInput, laid: Laid, baseGrains: number, openCost: number): Layout {
  const ticks = lowestSale(bidTicks);
  const lots = Math.ceil((openCost * FEE_RATE_UNITS) / (FEE_RATE_UNITS - scale.takerFee) / ticks);
  return { ...laid, opening: { side: 'sell', lots, ticks }, baseGrains: baseGrains + lots * GRAINS_PER_LOT, quoteAtoms: 0 };
}

function perpetualLayout(input: LayoutInput, lines: GridLines, laid: Laid, lots: number): Layout {
  const side = input.params.direction === 'short' ? 'sell' : 'buy';
  const ticks = side === 'sell' ? lowestSale(input.bidTicks) : openingPrice(input.askTicks);
  const layout = { ...laid, opening: { side, lots, ticks } as const, baseGrains: lots * GRAINS_PER_LOT, quoteAtoms: 0 };
  const { lowest, highest } = reach(input, lines, laid);
  const needs = [false, true].map((isShort) => marginNeed(entriesOf(layout, isShort), isShort, isShort ? highest : lowest, input.params));
  // A neutral grid is not long and short at once; the fees of both sides' orders are held back together.
  const value = [...laid.cells, ...laid.reserved].reduce((sum, cell) => sum + cell.lots * Math.max(cell.sellTicks, ticks), 0);
  const fees = feeOn(value, input.scale.takerFee);
  return { ...layout, quoteAtoms: Math.max(...needs) + fees };
}

/** How far the price may go while the grid still adds to its position or carries it along. */
export function reach(
  { params, scale }: LayoutInput,
  lines: GridLines,
  { reserved }: Pick<Layout, 'reserved'>,
): { readonly lowest: number; readonly highest: number } {
  const limit = (price: DecimalString | null, otherwise: number) => (price === null ? otherwise : scale.ticks(price, 'nearest'));
  const all = [...reserved.flatMap((cell) => [cell.buyTicks, cell.sellTicks]), lines.own[0] ?? 0, lines.own.at(-1) ?? 0];
  const lowest = Math.min(...all);
  const highest = Math.max(...all);
  return { lowest: Math.min(lowest, limit(params.trailing_down_limit, lowest)), highest: Math.max(highest, limit(params.trailing_up_limit, highest)) };
}

/** What opens a position to one side, in the sequence in which a price that goes against it would fill it. */
export function entriesOf({ cells, reserved, opening }: Pick<Layout, 'cells' | 'reserved' | 'opening'>, isShort: boolean): readonly Entry[] {
  const own = cells.filter((cell) => cell.isShort === isShort);
  const lots = own.reduce((sum, cell) => sum + (cell.isLoaded ? cell.lots : 0), 0);
  const isAgainst = (cell: CellShape) => cell.isShort === isShort;
  const resting = [...own.filter((cell) => !cell.isLoaded), ...reserved.filter(isAgainst)];
  const entries = resting.map((cell) => ({ ticks: isShort ? cell.sellTicks : cell.buyTicks, lots: cell.lots }));
  entries.sort((a, b) => (isShort ? a.ticks - b.ticks : b.ticks - a.ticks));
  return lots === 0 ? entries : [{ ticks: opening.ticks, lots }, ...entries];
}

/** The cells beyond the present ends that expanding may add. */
function expansionCells(params: GridParams, { own, above, below }: GridLines, size: number): CellShape[] {
  const { direction } = params;
  const top = own.length - 1;
  const ups = above.map((ticks, index) =>
    cellOf(params, size, top + index, [above[index - 1] ?? own[top] ?? 0, ticks], direction === 'short' || direction === 'neutral'),
  );
  const downs = below.map((ticks, index) => cellOf(params, size, -1 - index, [ticks, below[index - 1] ?? own[0] ?? 0], direction === 'short'));
  return [...ups, ...downs];
}

/** Base for all lines of an infinite grid from one on: their sizes add up to that of a purchase of `size` over and over, one step apart. */
function poolOf(params: GridParams, size: number, topTicks: number): number {
  const step = Number(params.step_percent) / 100;
  return Math.floor(((size * (1 + step)) / step / topTicks) * GRAINS_PER_LOT);
}

function costOf({ scale, feeAsset }: LayoutInput, lots: number, ticks: number): number {
  return buyCost(lots, ticks, scale.takerFee, feeAsset);
}

/** The layout the settings ask for: of the given order size, or the largest that fits what the bot is given. */
export function sizedLayout(input: LayoutInput, lines: GridLines): Layout {
  const { params, scale } = input;
  if (params.order_size !== null)
    return layoutOf(input, lines, params.sizing === 'base' ? scale.lots(params.order_size, 'down') : scale.atoms(params.order_size, 'down'));
  return layoutOf(input, lines, largestSize(input, lines));
}

/** Quote the orders may use, in atoms. */
function budgetAtoms({ params, scale }: LayoutInput): number {
  return scale.atoms(params.investment ?? '0', 'down') - scale.atoms(params.reserve ?? '0', 'up');
}

/** Whether a layout needs no more than the bot is given. */
function isAffordable(input: LayoutInput, layout: Layout, budget: number): boolean {
  if (input.params.direction === 'reverse') return layout.baseGrains <= lentGrains(input.params, input.scale);
  return layout.quoteAtoms <= budget;
}

/** Largest size of each order whose layout is affordable; need grows with size, so halving finds it. */
function largestSize(input: LayoutInput, lines: GridLines): number {
  const { params, scale } = input;
  const budget = budgetAtoms(input);
  // Where all base is lent nothing bounds the size by need; then it is bounded by what is lent.
  const lent = lentGrains(params, scale);
  const topTicks = lines.own.at(-1) ?? 1;
  const value = Math.max(0, budget) * (scale.isPerpetual ? params.leverage : 1) + Math.floor(lent / GRAINS_PER_LOT) * topTicks;
  const roof = Math.ceil(value / leastShare(params));
  let fits = 0;
  let tooLarge = (params.sizing === 'base' ? Math.floor(roof / (lines.own[0] ?? 1)) : roof) + 1;
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (isAffordable(input, layoutOf(input, lines, middle), budget)) fits = middle;
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
export function completedTrade(cell: Pick<CellShape, 'lots' | 'buyTicks' | 'sellTicks'>, buyFee: number, sellFee: number, feeAsset: FeeAsset): TradeResult {
  const value = cell.lots * cell.buyTicks;
  const grains = receivedGrains(cell.lots, buyFee, feeAsset);
  const sellLots = Math.floor(grains / GRAINS_PER_LOT);
  const proceeds = sellLots * cell.sellTicks + Math.floor(((grains % GRAINS_PER_LOT) * cell.sellTicks) / GRAINS_PER_LOT);
  const costAtoms = feeAsset === 'received' ? value : value + feeOn(value, buyFee);
  return { costAtoms, profitAtoms: proceeds - feeOn(proceeds, sellFee) - costAtoms, sellLots };
}

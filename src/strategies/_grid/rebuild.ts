/**
 * How a grid that runs comes to stand in a new layout: which of its cells stay, what the others bring along, what is traded in
 * between, and whether its money suffices. Pure figures.
 */
import { buyCost, isClosable, isTradable, lotsToReceive, lowestSale, openingPrice, wholeLots } from '#core/executors/amounts.ts';
import { FEE_RATE_UNITS, feeOn, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Side } from '#core/order.ts';
import type { LaidCell, Layout, LayoutInput, Standing } from './layout.ts';
import type { Grid } from './orders.ts';
import type { GridParams } from './params.ts';
import type { Cell } from './state.ts';

/** Cells that stay, each by its place in the layout. */
export interface KeptCells {
  /** What the places are behind the lines of the cells. */
  readonly offset: number;
  readonly byPlace: ReadonlyMap<number, Cell>;
}

export interface Rebuild {
  readonly kept: KeptCells;
  readonly freed: readonly Cell[];
  /** Cells that are new. */
  readonly fresh: readonly LaidCell[];
  /** What the freed cells and the pool bring, in grains, of a short what it has sold, and what it has cost or brought, in atoms. */
  readonly gotGrains: number;
  readonly paidAtoms: number;
  readonly isShort: boolean;
  /** What is too much, in grains; 0 where something is missing. */
  readonly surplusGrains: number;
  /** The trade in between; no lots where nothing is missing or too much. */
  readonly trade: { readonly side: Side; readonly lots: number; readonly ticks: number };
  /** Whether the money suffices. */
  readonly isAffordable: boolean;
}

/** The input for laying a grid out that stands already. */
export function standingInput({ context, state }: Grid, params: GridParams): LayoutInput {
  const { scale, feeAsset, bidTicks, askTicks, position } = context;
  const cells = new Map(state.cells.map((cell) => [`${cell.buyTicks} ${cell.sellTicks}`, cell]));
  const isOneWay = scale.isPerpetual && params.direction !== 'neutral';
  const lots = isOneWay ? wholeLots(Math.abs(position.baseGrains)) : 0;
  const standing: Standing = {
    cellAt: (buyTicks, sellTicks) => cells.get(`${buyTicks} ${sellTicks}`),
    position: { lots, ticks: lots === 0 ? 0 : Math.abs(position.costAtoms) / lots },
  };
  return { params, scale, feeAsset, bidTicks, askTicks, standing };
}

export function rebuildFor(grid: Grid, input: LayoutInput, layout: Layout, movable: readonly Cell[] = grid.state.cells): Rebuild {
  const kept = keptCells(movable, layout);
  const staying = new Set(kept.byPlace.values());
  const freed = grid.state.cells.filter((cell) => !staying.has(cell));
  const fresh = layout.cells.filter((_, place) => !kept.byPlace.has(place));
  const { gotGrains, paidAtoms, isShort } = broughtBy(grid, freed);
  const neededGrains = fresh.reduce((sum, cell) => sum + (cell.isLoaded ? cell.lots * GRAINS_PER_LOT : 0), layout.poolGrains);
  const wantedQuote = quoteWanted(input, layout, [...staying], fresh);
  const quote = quoteAtHand(grid);
  const surplusGrains = grid.params.direction === 'reverse' ? saleFor(input, wantedQuote - quote) * GRAINS_PER_LOT : Math.max(0, gotGrains - neededGrains);
  const trade = tradeOf(input, { isShort, surplusGrains, missingGrains: neededGrains - gotGrains });
  const rebuild = { kept, freed, fresh, gotGrains, paidAtoms, isShort, surplusGrains, trade };
  const isAffordable = input.scale.isPerpetual
    ? layout.quoteAtoms <= marginAtHand(grid, rebuild)
    : wantedQuote - quote <= flowOf(input, trade) &&
      gotGrains >= neededGrains + (trade.side === 'sell' ? trade.lots * GRAINS_PER_LOT : Number.NEGATIVE_INFINITY);
  return { ...rebuild, isAffordable };
}

/** The cells that a layout has too, of the same lines, kind and size; those that count from another first line are left out. */
function keptCells(cells: readonly Cell[], layout: Pick<Layout, 'cells'>): KeptCells {
  const places = new Map(layout.cells.map((cell, place) => [cell.buyTicks, place]));
  const byOffset = new Map<number, Map<number, Cell>>();
  for (const cell of cells) {
    const place = places.get(cell.buyTicks) ?? -1;
    const laid = layout.cells[place];
    if (laid === undefined || laid.sellTicks !== cell.sellTicks || laid.lots !== cell.lots || laid.isShort !== cell.isShort) continue;
    const offset = cell.line - place;
    const kept = byOffset.get(offset) ?? new Map<number, Cell>();
    byOffset.set(offset, kept.set(place, cell));
  }
  let best: KeptCells = { offset: 0, byPlace: new Map() };
  for (const [offset, byPlace] of byOffset) if (byPlace.size > best.byPlace.size) best = { offset, byPlace };
  return best;
}

function signOf({ isShort }: Pick<Cell, 'isShort'>): 1 | -1 {
  return isShort ? -1 : 1;
}

/** What cells hold together, with the pool of an infinite grid and what a reverse one has left over; a short counts negative until it is told as one. */
function broughtBy(grid: Grid, freed: readonly Cell[]): Pick<Rebuild, 'gotGrains' | 'paidAtoms' | 'isShort'> {
  const { context, state, params } = grid;
  const spareGrains = params.direction === 'reverse' ? spareOf(grid) : 0;
  const grains = freed.reduce((sum, cell) => sum + signOf(cell) * cell.heldGrains, (state.pool?.grains ?? 0) + spareGrains);
  const paid = freed.reduce((sum, cell) => sum + signOf(cell) * cell.costAtoms, state.pool?.costAtoms ?? 0);
  const isShort = context.scale.isPerpetual && (params.direction === 'short' || grains < 0);
  return isShort ? { gotGrains: -grains, paidAtoms: -paid, isShort } : { gotGrains: grains, paidAtoms: paid, isShort };
}

/** Coin of a reverse grid that no cell has and that is no profit, in grains: it has cost nothing any more. */
function spareOf({ context, state }: Grid): number {
  const inCells = state.cells.reduce((sum, cell) => sum + cell.heldGrains, state.keptGrains);
  return Math.max(0, context.position.baseGrains - inCells);
}

/** Quote of a spot grid that orders may use: what is free, and what those bind that are there. */
function quoteAtHand({ context, state, params }: Grid): number {
  const { scale, feeAsset } = context;
  let quote = context.freeQuoteAtoms() - scale.atoms(params.reserve, 'up');
  for (const cell of state.cells) {
    const order = context.order(cell.buyId ?? '');
    if (order !== undefined && !cell.isShort) quote += buyCost(order.sizeLots - order.filledLots, cell.buyTicks, scale.takerFee, feeAsset);
  }
  return Math.max(0, quote);
}

/** Quote that the purchases of a spot grid need which have not been made. */
function quoteWanted({ scale, feeAsset }: LayoutInput, { reserved }: Layout, staying: readonly Cell[], fresh: readonly LaidCell[]): number {
  const cost = (lots: number, ticks: number): number => buyCost(lots, ticks, scale.takerFee, feeAsset);
  return (
    staying.reduce((sum, cell) => sum + cost(cell.lots - cell.openLots, cell.buyTicks), 0) +
    fresh.reduce((sum, cell) => sum + (cell.isLoaded ? 0 : cost(cell.lots, cell.buyTicks)), 0) +
    reserved.reduce((sum, cell) => sum + cost(cell.lots, cell.buyTicks), 0)
  );
}

/** Lots whose sale brings so much quote, or as few as the venue takes. */
function saleFor({ scale, bidTicks }: LayoutInput, atoms: number): number {
  if (atoms <= 0) return 0;
  const ticks = lowestSale(bidTicks);
  // One atom more, because the fee is rounded up.
  const lots = Math.ceil(((atoms + 1) * FEE_RATE_UNITS) / (FEE_RATE_UNITS - scale.takerFee) / ticks);
  return Math.max(lots, scale.minLots, Math.ceil(scale.minAtoms / ticks));
}

interface Difference extends Pick<Rebuild, 'isShort' | 'surplusGrains'> {
  readonly missingGrains: number;
}

/** What is too much is closed, what is missing is opened, at the worst price either may take. */
function tradeOf({ scale, feeAsset, params, bidTicks, askTicks }: LayoutInput, { isShort, surplusGrains, missingGrains }: Difference): Rebuild['trade'] {
  const isClosing = surplusGrains >= GRAINS_PER_LOT;
  const opensShort = params.direction === 'short';
  const side = isClosing ? (isShort ? 'buy' : 'sell') : opensShort ? 'sell' : 'buy';
  const ticks = side === 'buy' ? openingPrice(askTicks) : lowestSale(bidTicks);
  const missing = Math.max(0, missingGrains);
  const lots = isClosing ? wholeLots(surplusGrains) : opensShort ? Math.ceil(missing / GRAINS_PER_LOT) : lotsToReceive(missing, scale, feeAsset);
  return { side, lots: (isClosing ? isClosable : isTradable)({ scale }, lots, ticks) ? lots : 0, ticks };
}

/** Quote that a trade on spot brings, after its fee; negative where it costs some. */
function flowOf({ scale, feeAsset }: LayoutInput, { side, lots, ticks }: Rebuild['trade']): number {
  if (side === 'buy') return -buyCost(lots, ticks, scale.takerFee, feeAsset);
  return lots * ticks - feeOn(lots * ticks, scale.takerFee);
}

/** What the margin of a perpetual is worth when the trade has closed what is too much, less the reserve, in atoms. */
export function marginAtHand({ context, state, params }: Grid, { kept, gotGrains, isShort, trade, surplusGrains }: Omit<Rebuild, 'isAffordable'>): number {
  const { scale, position } = context;
  const wallet = state.capitalAtoms + position.quoteAtoms - scale.atoms(params.reserve, 'up');
  // A neutral grid counts by its cells, because its one position is no sum of them that could be told apart.
  if (params.direction === 'neutral') {
    const value = Math.round(((isShort ? -1 : 1) * gotGrains * trade.ticks) / GRAINS_PER_LOT);
    return [...kept.byPlace.values()].reduce((sum, cell) => sum + signOf(cell) * cell.costAtoms, wallet + value);
  }
  const grains = Math.abs(position.baseGrains);
  const share = grains === 0 ? 0 : Math.min(1, surplusGrains / grains);
  const result = share * ((trade.ticks * position.baseGrains) / GRAINS_PER_LOT - position.costAtoms);
  return wallet + position.costAtoms + Math.round(surplusGrains >= GRAINS_PER_LOT ? result : 0);
}

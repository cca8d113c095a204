/**
 * How a grid begins: at once or at its start price it lays out its cells, hands them the base there is and buys the rest.
 */

import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import type { Context } from '#core/strategy.ts';
import { buyCost, isTradable, lotsToReceive, openingPrice } from './_amounts.ts';
import { gridLines, sizedLayout } from './_grid-layout.ts';
import { enqueue, type Grid, linesByDistance, pump, setRetryTimer } from './_grid-orders.ts';
import { setTrail, watch } from './_grid-range.ts';
import { type Cell, type GridState, newCell } from './_grid-state.ts';
import { retryWait } from './_retries.ts';

/** Tag of the purchase of missing base. */
export const OPENING_TAG = 'opening';

/** Begins: at once, or at the start price. */
export function begin(grid: Grid): void {
  const { context, state, params } = grid;
  const { scale, bidTicks, askTicks } = context;
  state.stopLowerTicks = params.stop_lower_price === null ? null : scale.ticks(params.stop_lower_price, 'nearest');
  state.stopUpperTicks = params.stop_upper_price === null ? null : scale.ticks(params.stop_upper_price, 'nearest');
  const startTicks = params.start_price === null ? 0 : scale.ticks(params.start_price, 'nearest');
  if (startTicks === 0 || (bidTicks <= startTicks && startTicks <= askTicks)) return open(grid);
  context.watchPrice(startTicks < bidTicks ? startTicks : 0, startTicks > askTicks ? startTicks : Number.POSITIVE_INFINITY);
  context.report('strategy_note', `The grid waits for the start price ${params.start_price}.`, { start_price: params.start_price });
}

/**
 * Lays the cells out at the present price, loads them with the base there is and buys the rest. Nothing else is placed
 * before that purchase has traded, so that a price that runs away meanwhile is met by a new layout and not by a budget
 * that does not fit.
 */
export function open(grid: Grid): void {
  const { context, state, params } = grid;
  const { scale, feeAsset, bidTicks, askTicks } = context;
  const layout = sizedLayout({ params, scale, feeAsset, bidTicks, askTicks }, gridLines(params, scale));
  const failures = state.opening?.failures ?? 0;
  const lent = context.freeBaseGrains();
  state.phase = 'trading';
  state.cells = layout.cells.map((shape, index) => ({ ...newCell(shape), isAwaiting: index >= layout.firstLoaded && shape.lots > 0 }));
  state.trendAtoms = 0;
  state.opening = { orderId: null, hasTraded: false, gotGrains: lent, paidAtoms: Math.round((lent / GRAINS_PER_LOT) * bidTicks), failures, retryAt: 0 };
  setTrail(grid);
  watch(grid);
  loadCells(grid);
  buyMissing(grid);
  state.queue = linesByDistance(grid);
  pump(grid);
}

/** Goes on with an opening whose wait is over: from the beginning while nothing has traded, otherwise with what is missing. */
export function continueOpening(grid: Grid): void {
  const { context, state } = grid;
  if (state.opening === null || state.opening.orderId !== null || !context.isTrading || state.opening.retryAt > context.at) return;
  if (state.opening.hasTraded) buyMissing(grid);
  else open(grid);
}

/** Hands base to the waiting cells, the lowest first: each gets the lots it sells in full, and counts them at its own buy line. */
function loadCells(grid: Grid): void {
  const { state } = grid;
  const { opening } = state;
  if (opening === null) return;
  for (const cell of state.cells) {
    if (!cell.isAwaiting) continue;
    const missing = missingGrains(cell);
    if (opening.gotGrains < missing) break;
    load(grid, cell, missing);
    release(state, cell);
  }
}

function load(grid: Grid, cell: Cell, grains: number): void {
  const { state } = grid;
  const { opening } = state;
  if (opening === null) return;
  const lots = Math.floor(grains / GRAINS_PER_LOT);
  const cost = lots * cell.buyTicks;
  // What the line says above what was paid is gained or lost by the trend, not by the grid.
  const paid = opening.gotGrains === 0 ? 0 : Math.round((opening.paidAtoms * grains) / opening.gotGrains);
  state.trendAtoms += cost - paid;
  opening.paidAtoms -= paid;
  opening.gotGrains -= grains;
  cell.openLots += lots;
  cell.heldGrains += grains;
  cell.costAtoms += cost;
}

/** Buys what the waiting cells miss with one order; cells the price has left behind buy for themselves. */
function buyMissing(grid: Grid): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null || !context.isTrading || opening.retryAt > context.at) return;
  for (const cell of state.cells) if (cell.isAwaiting && cell.sellTicks <= context.bidTicks) release(state, cell);
  const waiting = state.cells.filter((cell) => cell.isAwaiting);
  const missing = waiting.reduce((sum, cell) => sum + missingGrains(cell), -opening.gotGrains);
  const priceTicks = openingPrice(context.askTicks);
  const wanted = Math.min(lotsToReceive(missing, context.scale, context.feeAsset), context.scale.maxLots);
  if (!isTradable(context, wanted, context.askTicks)) return endOpening(grid, waiting);
  // Where the price has run away, what can be paid for is bought; the rest is left to the cells, each at its own line.
  const affordable = affordableLots(context, priceTicks);
  if (!isTradable(context, affordable, context.askTicks)) {
    context.report(
      'strategy_note',
      `The budget does not pay for the ${context.scale.size(wanted)} ${context.scale.instrument.base} still missing; the levels concerned buy when they can.`,
      { missing: context.scale.size(wanted) },
    );
    return endOpening(grid, waiting);
  }
  const sizeLots = Math.min(wanted, affordable);
  opening.orderId = context.submit({
    side: 'buy',
    type: 'limit',
    priceTicks,
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    tag: OPENING_TAG,
  });
}

function missingGrains(cell: Cell): number {
  return (cell.lots - cell.openLots) * GRAINS_PER_LOT;
}

function affordableLots(context: Context, priceTicks: number): number {
  const free = Math.max(0, context.freeQuoteAtoms());
  const lots = Math.floor(free / priceTicks);
  return buyCost(lots, priceTicks, context.scale.takerFee, context.feeAsset) <= free
    ? lots
    : Math.floor((lots * FEE_RATE_UNITS) / (FEE_RATE_UNITS + context.scale.takerFee)) - 1;
}

function release(state: GridState, cell: Cell): void {
  cell.isAwaiting = false;
  enqueue(state, cell.line);
}

/** What is missing is nothing, or too little for an order: the last cells trade with what there is. */
function endOpening(grid: Grid, waiting: readonly Cell[]): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null) return;
  for (const cell of waiting) {
    load(grid, cell, Math.min(opening.gotGrains, missingGrains(cell)));
    // Too little is missing for an order of its own, now or ever: the cell is that much smaller.
    if (cell.openLots > 0 && !isTradable(context, cell.lots - cell.openLots, cell.buyTicks)) cell.lots = cell.openLots;
    release(state, cell);
  }
  // Dust of the fee joins the highest cell and is sold with it; base lent beyond need stays untouched.
  const highest = state.cells.at(-1);
  if (highest !== undefined && opening.gotGrains <= MAX_DUST_GRAINS) highest.heldGrains += opening.gotGrains;
  state.trendAtoms -= opening.paidAtoms;
  state.opening = null;
}

/** Rounding up to the lot and grossing up for the fee leave less than this. */
const MAX_DUST_GRAINS = 2 * GRAINS_PER_LOT;

export function onOpeningFilled(grid: Grid, order: Readonly<Order>, fill: Fill): void {
  const { opening } = grid.state;
  if (opening === null) return;
  opening.gotGrains += fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
  opening.paidAtoms += fill.priceTicks * fill.sizeLots + fill.feeAtoms + fill.otherFeeAtoms;
  opening.failures = 0;
  opening.hasTraded = true;
  if (order.state === 'filled') onOpeningOver(grid);
}

/** The opening order found no seller, or was refused: what it brought is used, the rest is bought after a wait. */
export function onOpeningClosed(grid: Grid, order: Readonly<Order>, code: string): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null) return;
  if (order.filledLots === 0) opening.failures += 1;
  const waitMs = retryWait(Math.max(1, opening.failures));
  opening.retryAt = context.at + waitMs;
  if (order.filledLots === 0 && context.isTrading) {
    const text = `The purchase of ${context.scale.size(order.sizeLots)} ${context.scale.instrument.base} at start did not happen: ${code}. Next try in ${waitMs / 1_000} s.`;
    context.report('strategy_note', text, { code, attempt: opening.failures, retry_in_ms: waitMs });
  }
  onOpeningOver(grid);
  setRetryTimer(grid);
}

function onOpeningOver(grid: Grid): void {
  const { state } = grid;
  if (state.opening === null) return;
  state.opening.orderId = null;
  if (!state.opening.hasTraded) return;
  loadCells(grid);
  buyMissing(grid);
  state.queue = linesByDistance(grid);
  pump(grid);
}

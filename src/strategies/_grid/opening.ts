/**
 * How a grid begins: at once, at its start price or when its start conditions hold it lays out its cells, hands them
 * the base there is and trades the rest: buys what is missing, opens a short, or sells what a reverse grid will spend.
 */

import { buyCost, isTradable, lotsToReceive, lowestSale, openingPrice } from '#core/executors/amounts.ts';
import { retryWait } from '#core/executors/retries.ts';
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import { startPump } from './guards.ts';
import { type Layout, sizedLayout } from './layout.ts';
import { gridLines } from './lines.ts';
import { enqueue, type Grid, linesByDistance, pump, setRetryTimer } from './orders.ts';
import { setTrail, watch } from './range.ts';
import { startWatch } from './start-rule.ts';
import { type Cell, type GridState, newCell, type Opening, openingTicksOf } from './state.ts';
import { centreOnPrice } from './window.ts';

/** Tag of the trade at start. */
export const OPENING_TAG = 'opening';

/** Begins: at once, or at the start price or the start conditions. */
export function begin(grid: Grid): void {
  const { context, state, params } = grid;
  const { scale, bidTicks, askTicks } = context;
  state.stopLowerTicks = params.stop_lower_price === null ? null : scale.ticks(params.stop_lower_price, 'nearest');
  state.stopUpperTicks = params.stop_upper_price === null ? null : scale.ticks(params.stop_upper_price, 'nearest');
  const lentAtoms = scale.isPerpetual ? 0 : Math.round((context.position.baseGrains / GRAINS_PER_LOT) * bidTicks);
  state.capitalAtoms = context.freeQuoteAtoms() + lentAtoms;
  startPump(state, params);
  if (params.start_conditions.length > 0) {
    state.conditions = startWatch(params, scale).start();
    context.report('strategy_note', 'The grid waits for its start conditions.');
    return;
  }
  const startTicks = params.start_price === null ? 0 : scale.ticks(params.start_price, 'nearest');
  if (startTicks === 0 || (bidTicks <= startTicks && startTicks <= askTicks)) return open(grid);
  context.watchPrice(startTicks < bidTicks ? startTicks : 0, startTicks > askTicks ? startTicks : Number.POSITIVE_INFINITY);
  context.report('strategy_note', `The grid waits for the start price ${params.start_price}.`, { start_price: params.start_price });
}

/**
 * Lays the cells out at the present price, loads them with the base there is and trades the rest. Nothing else is placed
 * before that has traded, so that a price that runs away meanwhile is met by a new layout and not by a budget that does
 * not fit.
 */
export function open(grid: Grid): void {
  const { context, state, params } = grid;
  const { scale, feeAsset, bidTicks, askTicks } = context;
  const input = { params, scale, feeAsset, bidTicks, askTicks };
  const layout = sizedLayout(input, gridLines(input));
  state.phase = 'trading';
  state.size = layout.size;
  state.cells = layout.cells.map(({ isLoaded, ...shape }) => ({ ...newCell(shape), isAwaiting: isLoaded && shape.lots > 0 }));
  state.trendAtoms = 0;
  state.pool = layout.poolGrains > 0 ? { grains: 0, costAtoms: 0, isUsedUp: false } : null;
  state.opening = newOpening(grid, layout);
  setTrail(grid);
  centreOnPrice(grid);
  watch(grid);
  loadCells(grid);
  tradeMissing(grid);
  state.queue = linesByDistance(grid);
  pump(grid);
}

function newOpening({ context, state, params }: Grid, { opening, poolGrains }: Layout): Opening {
  const lent = context.scale.isPerpetual ? 0 : context.freeBaseGrains();
  return {
    side: opening.side,
    surplusGrains: params.direction === 'reverse' ? opening.lots * GRAINS_PER_LOT : 0,
    poolGrains,
    orderId: null,
    hasTraded: false,
    gotGrains: lent,
    paidAtoms: Math.round((lent / GRAINS_PER_LOT) * context.bidTicks),
    failures: state.opening?.failures ?? 0,
    retryAt: 0,
  };
}

/** Goes on with an opening whose wait is over: from the beginning while nothing has traded, otherwise with what is missing. */
export function continueOpening(grid: Grid): void {
  const { context, state } = grid;
  if (state.opening === null || state.opening.orderId !== null || !context.isTrading || state.opening.retryAt > context.at) return;
  if (state.opening.hasTraded) tradeMissing(grid);
  else open(grid);
}

/** Hands what there is to the waiting cells, the lowest first: each gets what it closes in full, and counts it at its own line. */
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

function load({ state }: Grid, cell: Cell, grains: number): void {
  const { opening } = state;
  if (opening === null) return;
  const lots = Math.floor(grains / GRAINS_PER_LOT);
  const cost = lots * openingTicksOf(cell);
  // What the line says above what was paid (or received, by a short) is gained or lost by the trend, not by the grid.
  const paid = takeShare(opening, grains);
  state.trendAtoms += cell.isShort ? paid - cost : cost - paid;
  cell.openLots += lots;
  cell.heldGrains += grains;
  cell.costAtoms += cost;
}

/** Takes grains out of what the opening has got, with their share of what was paid for it. */
function takeShare(opening: Opening, grains: number): number {
  const paid = opening.gotGrains === 0 ? 0 : Math.round((opening.paidAtoms * grains) / opening.gotGrains);
  opening.paidAtoms -= paid;
  opening.gotGrains -= grains;
  return paid;
}

/** Trades what the waiting cells miss with one order; cells the price has left behind close what there is and open the rest by themselves. */
function tradeMissing(grid: Grid): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null || !context.isTrading || opening.retryAt > context.at) return;
  const { scale, feeAsset, bidTicks, askTicks } = context;
  if (isSelling(grid, opening)) return sellSurplus(grid);
  for (const cell of state.cells) {
    if (!cell.isAwaiting || !(cell.isShort ? cell.buyTicks >= askTicks : cell.sellTicks <= bidTicks)) continue;
    load(grid, cell, Math.min(opening.gotGrains, missingGrains(cell)));
    release(state, cell);
  }
  const waiting = state.cells.filter((cell) => cell.isAwaiting);
  const missing = waiting.reduce((sum, cell) => sum + missingGrains(cell), opening.poolGrains - opening.gotGrains);
  const isBuying = opening.side === 'buy';
  const wanted = Math.min(isBuying ? lotsToReceive(missing, scale, feeAsset) : Math.ceil(missing / GRAINS_PER_LOT), scale.maxLots);
  if (!isTradable(context, wanted, isBuying ? askTicks : bidTicks)) return endOpening(grid, waiting);
  const priceTicks = isBuying ? openingPrice(askTicks) : lowestSale(bidTicks);
  // Where the price has run away, what can be paid for is traded; the rest is left to the cells, each at its own line.
  const affordable = affordableLots(grid, isBuying ? priceTicks : bidTicks);
  if (!isTradable(context, affordable, isBuying ? askTicks : bidTicks)) {
    context.report(
      'strategy_note',
      `The budget does not pay for the ${scale.size(wanted)} ${scale.instrument.base} still missing; the levels concerned trade when they can.`,
      { missing: scale.size(wanted) },
    );
    return endOpening(grid, waiting);
  }
  submitOpening(grid, Math.min(wanted, affordable), priceTicks);
}

/** Whether the trade sells the coin: of a reverse grid, or of one that was changed and holds too much. */
function isSelling({ context }: Grid, { side }: Opening): boolean {
  return side === 'sell' && !context.scale.isPerpetual;
}

/** A reverse grid sells what its lower cells will buy back, a changed one what no cell needs any more. */
function sellSurplus(grid: Grid): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null) return;
  const lots = Math.min(Math.ceil(opening.surplusGrains / GRAINS_PER_LOT), Math.floor(opening.gotGrains / GRAINS_PER_LOT), context.scale.maxLots);
  // Where the price has fallen since the plan, the coin may not do for all cells above it.
  if (!isTradable(context, lots, context.bidTicks))
    return endOpening(
      grid,
      state.cells.filter((cell) => cell.isAwaiting),
    );
  submitOpening(grid, lots, lowestSale(context.bidTicks));
}

function submitOpening({ context, state }: Grid, sizeLots: number, priceTicks: number): void {
  const { opening } = state;
  if (opening === null) return;
  const { side } = opening;
  const terms = { timeInForce: 'ioc', postOnly: false, reduceOnly: false, tag: OPENING_TAG } as const;
  opening.orderId = context.submit({ side, type: 'limit', priceTicks, triggerTicks: 0, sizeLots, ...terms });
}

function missingGrains(cell: Cell): number {
  return (cell.lots - cell.openLots) * GRAINS_PER_LOT;
}

function affordableLots({ context, params }: Grid, priceTicks: number): number {
  const { scale, feeAsset } = context;
  const free = Math.max(0, context.freeQuoteAtoms());
  if (scale.isPerpetual) return Math.floor(free / (priceTicks * (1 / params.leverage + scale.takerFee / FEE_RATE_UNITS)));
  const lots = Math.floor(free / priceTicks);
  return buyCost(lots, priceTicks, scale.takerFee, feeAsset) <= free ? lots : Math.floor((lots * FEE_RATE_UNITS) / (FEE_RATE_UNITS + scale.takerFee)) - 1;
}

function release(state: GridState, cell: Cell): void {
  cell.isAwaiting = false;
  enqueue(state, cell.line);
}

/** What is missing is nothing, or too little for an order: the last cells trade with what there is. */
function endOpening(grid: Grid, waiting: readonly Cell[]): void {
  const { context, state, params } = grid;
  const { opening } = state;
  if (opening === null) return;
  for (const cell of waiting) {
    load(grid, cell, Math.min(opening.gotGrains, missingGrains(cell)));
    // Too little is missing for an order of its own, or nothing is there to pay for it, now or ever: the cell is that much smaller.
    const isAllThereIs = params.direction === 'reverse' || (cell.openLots > 0 && !isTradable(context, cell.lots - cell.openLots, openingTicksOf(cell)));
    if (isAllThereIs) cell.lots = cell.openLots;
    release(state, cell);
  }
  if (state.pool !== null) {
    state.pool.grains = opening.gotGrains;
    state.pool.costAtoms = takeShare(opening, opening.gotGrains);
  }
  // Dust of the fee joins the highest cell and is sold with it; base lent beyond need stays untouched.
  const highest = state.cells.at(-1);
  if (highest !== undefined && !highest.isShort && opening.gotGrains <= MAX_DUST_GRAINS) highest.heldGrains += opening.gotGrains;
  state.trendAtoms -= opening.paidAtoms;
  state.opening = null;
}

/** Rounding up to the lot and grossing up for the fee leave less than this. */
const MAX_DUST_GRAINS = 2 * GRAINS_PER_LOT;

export function onOpeningFilled(grid: Grid, order: Readonly<Order>, fill: Fill): void {
  const { state } = grid;
  const { opening } = state;
  if (opening === null) return;
  const value = fill.priceTicks * fill.sizeLots;
  const fees = fill.feeAtoms + fill.otherFeeAtoms;
  if (isSelling(grid, opening)) {
    const grains = fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains;
    // What the base was worth at the start and did not bring is lost by the trend.
    state.trendAtoms += value - fees - takeShare(opening, grains);
    opening.surplusGrains = Math.max(0, opening.surplusGrains - grains);
  } else {
    opening.gotGrains += fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
    opening.paidAtoms += opening.side === 'buy' ? value + fees : value - fees;
  }
  opening.failures = 0;
  opening.hasTraded = true;
  if (order.state === 'filled') onOpeningOver(grid);
}

/** The order at start found no counterpart, or was refused: what it brought is used, the rest is traded after a wait. */
export function onOpeningClosed(grid: Grid, order: Readonly<Order>, code: string): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null) return;
  if (order.filledLots === 0) opening.failures += 1;
  const waitMs = retryWait(Math.max(1, opening.failures));
  opening.retryAt = context.at + waitMs;
  if (order.filledLots === 0 && context.isTrading) {
    const what = opening.side === 'buy' ? 'purchase' : 'sale';
    const text = `The ${what} of ${context.scale.size(order.sizeLots)} ${context.scale.instrument.base} at start did not happen: ${code}. Next try in ${waitMs / 1_000} s.`;
    context.report('strategy_note', text, { code, attempt: opening.failures, retry_in_ms: waitMs });
  }
  onOpeningOver(grid);
  setRetryTimer(grid);
}

function onOpeningOver(grid: Grid): void {
  const { state } = grid;
  if (state.opening === null) return;
  state.opening.orderId = null;
  if (state.opening.hasTraded) goOnOpening(grid);
}

/** Hands out what there is, trades what is missing or too much, and lets all cells place. */
export function goOnOpening(grid: Grid): void {
  const { state } = grid;
  loadCells(grid);
  tradeMissing(grid);
  state.queue = linesByDistance(grid);
  pump(grid);
}

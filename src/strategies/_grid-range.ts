/**
 * What a grid does as a whole: it opens at the price of the start, buys the base it misses, follows the price with its
 * outermost cell, and ends at its stops.
 */
import type { Liquidation } from '#core/events.ts';
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import type { Context } from '#core/strategy.ts';
import { buyCost, gridLines, lotsToReceive, nextTrailTicks, openingPrice, sizedLayout } from './_grid-layout.ts';
import { enqueue, type Grid, isTradable, linesByDistance, pump, replace, retryWait, setRetryTimer, settleAround } from './_grid-orders.ts';
import type { StopAction } from './_grid-params.ts';
import { type Cell, type GridState, newCell } from './_grid-state.ts';

/** Tag of the purchase of missing base. */
export const OPENING_TAG = 'opening';

const LIQUIDATIONS: Readonly<Record<StopAction, Liquidation>> = { keep: 'keep', sell_all: 'toQuote', buy_all: 'toBase' };

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

/** Lays the cells out at the present price, loads them with the base there is and buys the rest. */
export function open(grid: Grid): void {
  const { context, state, params } = grid;
  const { scale, feeAsset, bidTicks, askTicks } = context;
  const layout = sizedLayout({ params, scale, feeAsset, bidTicks, askTicks }, gridLines(params, scale));
  state.phase = 'trading';
  state.cells = layout.cells.map((shape, index) => ({ ...newCell(shape), isAwaiting: index >= layout.firstLoaded && shape.lots > 0 }));
  setTrail(grid);
  watch(grid);
  state.opening = {
    orderId: null,
    gotGrains: context.freeBaseGrains(),
    paidAtoms: Math.round((context.freeBaseGrains() / GRAINS_PER_LOT) * bidTicks),
    failures: 0,
    retryAt: 0,
  };
  loadCells(grid);
  state.queue = linesByDistance(grid);
  buyMissing(grid);
  pump(grid);
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
export function buyMissing(grid: Grid): void {
  const { context, state } = grid;
  const { opening } = state;
  if (opening === null || opening.orderId !== null || !context.isTrading || opening.retryAt > context.at) return;
  for (const cell of state.cells) if (cell.isAwaiting && cell.sellTicks <= context.bidTicks) release(state, cell);
  const waiting = state.cells.filter((cell) => cell.isAwaiting);
  const missing = waiting.reduce((sum, cell) => sum + missingGrains(cell), -opening.gotGrains);
  const priceTicks = openingPrice(context.askTicks);
  const wanted = Math.min(lotsToReceive(missing, context.scale, context.feeAsset), context.scale.maxLots);
  if (!isTradable(context, wanted, context.askTicks)) return endOpening(grid, waiting);
  // Where the price has run away, what can be paid for is bought; where that is nothing, risk says why.
  const affordable = affordableLots(context, priceTicks);
  const sizeLots = isTradable(context, affordable, context.askTicks) ? Math.min(wanted, affordable) : wanted;
  opening.orderId = context.submit({
    side: 'buy',
    type: 'limit',
    priceTicks,
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'ioc',
    postOnly: false,
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
  const { state } = grid;
  const { opening } = state;
  if (opening === null) return;
  for (const cell of waiting) {
    load(grid, cell, Math.min(opening.gotGrains, missingGrains(cell)));
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
  loadCells(grid);
  buyMissing(grid);
  pump(grid);
}

/** A watched price is reached: a stop, the start, or the next line of the trail. */
export function onPrice(grid: Grid): void {
  // While trading is halted nothing could be sold or bought; the price is looked at again when it goes on.
  if (!grid.context.isTrading) return;
  if (grid.state.phase === 'waiting') return open(grid);
  if (!stopIfReached(grid)) trail(grid);
}

/** Ends the run when a stop is reached. */
export function stopIfReached(grid: Grid): boolean {
  const { context, state, params } = grid;
  const isLower = state.stopLowerTicks !== null && context.bidTicks <= state.stopLowerTicks;
  const isUpper = state.stopUpperTicks !== null && context.askTicks >= state.stopUpperTicks;
  if (!isLower && !isUpper) return false;
  const action = isLower ? params.stop_lower_action : params.stop_upper_action;
  const price = context.scale.price((isLower ? state.stopLowerTicks : state.stopUpperTicks) ?? 0);
  const reason = `${isLower ? 'lower' : 'upper'} stop ${price} reached: ${ACTION_WORDS[action]}`;
  state.phase = 'ended';
  context.report('target_reached', reason, { stop: isLower ? 'lower' : 'upper', price, action });
  context.finish(reason, LIQUIDATIONS[action]);
  return true;
}

const ACTION_WORDS: Readonly<Record<StopAction, string>> = { keep: 'the coin is kept', sell_all: 'all base is sold', buy_all: 'all quote is turned into base' };

/** Moves the outermost cells as far as the price has gone; a live order is cancelled first and the move goes on when it is over. */
export function trail(grid: Grid): void {
  const { context, state } = grid;
  if (!context.isTrading) return;
  for (let moved = true; moved && state.moving === null; ) {
    moved = false;
    if (state.trailUpTicks !== null && context.askTicks >= state.trailUpTicks) moved = startMove(grid, 'up');
    else if (state.trailDownTicks !== null && context.bidTicks <= state.trailDownTicks) moved = startMove(grid, 'down');
  }
  watch(grid);
}

/** `true` when the cell has moved at once. A cell in the middle of a trade stays where it is. */
function startMove(grid: Grid, direction: 'up' | 'down'): boolean {
  const { state } = grid;
  const cell = movingCell(grid, direction);
  if (cell === undefined || !isMovable(cell, direction) || state.opening !== null) return false;
  const orderId = direction === 'up' ? cell.buyId : cell.sellId;
  if (orderId === null) {
    move(grid, cell, direction);
    return true;
  }
  replace(grid, cell, orderId);
  if (cell.isReplacing) state.moving = direction;
  return false;
}

function movingCell(grid: Grid, direction: 'up' | 'down'): Cell | undefined {
  return direction === 'up' ? grid.state.cells[0] : grid.state.cells.at(-1);
}

/** Up goes a cell that holds nothing, down one that waits to sell. */
function isMovable(cell: Cell, direction: 'up' | 'down'): boolean {
  if (cell.isReplacing || cell.isAwaiting) return false;
  return direction === 'up' ? cell.openLots === 0 && cell.sellId === null : cell.buyId === null;
}

/** Whether a cell is on its way to the other end. */
export function isMoving(grid: Grid, cell: Cell): boolean {
  return grid.state.moving !== null && movingCell(grid, grid.state.moving) === cell;
}

/** The order of a moving cell is over: the move is carried out, or called off where the order traded in between. */
export function continueMove(grid: Grid, cell: Cell): boolean {
  const { state } = grid;
  const direction = state.moving;
  if (direction === null || movingCell(grid, direction) !== cell) return false;
  state.moving = null;
  const isStillMovable = isMovable(cell, direction) && (direction === 'up' || cell.openLots > 0);
  if (isStillMovable && grid.context.isTrading) move(grid, cell, direction);
  trail(grid);
  return isStillMovable;
}

/** Takes the cell off one end and puts it on the other, with its dust, and with the quote (up) or the base (down) it had. */
function move(grid: Grid, cell: Cell, direction: 'up' | 'down'): void {
  const { context, state, params } = grid;
  const { scale } = context;
  const next = direction === 'up' ? state.trailUpTicks : state.trailDownTicks;
  const neighbour = direction === 'up' ? state.cells.at(-1) : state.cells[0];
  if (next === null || neighbour === undefined) return;
  const bottomTicks = state.cells[0]?.buyTicks ?? 1;
  const moved = newCell(direction === 'up' ? shapeAbove(cell, neighbour, next) : shapeBelow(cell, neighbour, next));
  moved.openLots = cell.openLots;
  moved.heldGrains = cell.heldGrains;
  moved.costAtoms = direction === 'up' ? cell.costAtoms : cell.openLots * moved.buyTicks;
  moved.isParked = cell.isParked;
  state.trendAtoms += moved.costAtoms - cell.costAtoms;
  if (direction === 'up') state.cells = [...state.cells.slice(1), moved];
  else state.cells = [moved, ...state.cells.slice(0, -1)];
  if (direction === 'up' && state.stopLowerTicks !== null) state.stopLowerTicks = raisedStop(grid, state.stopLowerTicks, bottomTicks);
  setTrail(grid);
  const [low, high] = [state.cells[0], state.cells.at(-1)];
  context.report(
    'strategy_note',
    `The grid trailed ${direction}: it now reaches from ${scale.price(low?.buyTicks ?? 0)} to ${scale.price(high?.sellTicks ?? 0)}.`,
    { direction, lower_price: scale.price(low?.buyTicks ?? 0), upper_price: scale.price(high?.sellTicks ?? 0), spacing: params.spacing },
  );
  settleAround(grid, moved);
}

function shapeAbove(cell: Cell, top: Cell, nextTicks: number) {
  return { line: top.line + 1, buyTicks: top.sellTicks, sellTicks: nextTicks, lots: Math.floor((cell.lots * cell.buyTicks) / top.sellTicks) };
}

function shapeBelow(cell: Cell, bottom: Cell, nextTicks: number) {
  return { line: bottom.line - 1, buyTicks: nextTicks, sellTicks: bottom.buyTicks, lots: cell.openLots > 0 ? cell.openLots : cell.lots };
}

/** The lower stop keeps its distance from the bottom line: in price with arithmetic, in per cent with geometric spacing. */
function raisedStop(grid: Grid, stopTicks: number, oldBottomTicks: number): number {
  const bottomTicks = grid.state.cells[0]?.buyTicks ?? oldBottomTicks;
  return grid.params.spacing === 'arithmetic' ? stopTicks + bottomTicks - oldBottomTicks : Math.floor((stopTicks * bottomTicks) / oldBottomTicks);
}

function setTrail(grid: Grid): void {
  const { context, state, params } = grid;
  const next = nextTrailTicks(params, context.scale, state.cells[0]?.line ?? 0, (state.cells.at(-1)?.line ?? 0) + 1);
  state.trailUpTicks = next.up;
  state.trailDownTicks = next.down;
}

/** Asks to be told at the nearest stop or trail line on either side. */
export function watch(grid: Grid): void {
  const { context, state } = grid;
  const isFree = state.moving === null;
  const below = Math.max(state.stopLowerTicks ?? 0, isFree ? (state.trailDownTicks ?? 0) : 0);
  const above = Math.min(
    state.stopUpperTicks ?? Number.POSITIVE_INFINITY,
    isFree ? (state.trailUpTicks ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
  );
  context.watchPrice(below, above);
}

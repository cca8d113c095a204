/**
 * What a grid does at the ends of its range: it follows the price with its outermost cell, and ends at its stops.
 */
import type { Liquidation } from '#core/events.ts';
import { nextTrailTicks } from './_grid-layout.ts';
import { type Grid, replace, settleAround } from './_grid-orders.ts';
import type { StopAction } from './_grid-params.ts';
import { type Cell, newCell } from './_grid-state.ts';

const LIQUIDATIONS: Readonly<Record<StopAction, Liquidation>> = { keep: 'keep', sell_all: 'toQuote', buy_all: 'toBase' };

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

/** Finds the lines the grid may trail to next. */
export function setTrail(grid: Grid): void {
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

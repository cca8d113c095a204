/**
 * What a grid does at the ends of its range: it follows the price with its outermost cell or gets another one, an infinite
 * grid goes on upwards, and it ends at its stops.
 */

import type { Liquidation } from '#core/events.ts';
import { isTradable } from '#core/executors/amounts.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { StopAction } from './guard-params.ts';
import { isPositionGone, profitEdges, pumpTicks, resultReached } from './guards.ts';
import { type CellShape, cellOf } from './layout.ts';
import { headroom, isInfinite, lineTicks, nextLines } from './lines.ts';
import { type Grid, replace, settleAround } from './orders.ts';
import { type Cell, newCell, openingTicksOf } from './state.ts';
import { windowEdges } from './window.ts';

const LIQUIDATIONS: Readonly<Record<StopAction, Liquidation>> = { keep: 'keep', sell_all: 'toQuote', buy_all: 'toBase' };

/** Ends the run when a stop is reached. */
export function stopIfReached(grid: Grid): boolean {
  const { context, state, params } = grid;
  if (isPositionGone(grid)) return end(grid, 'the exchange has closed the position by itself', 'keep', { stop: 'position' });
  const result = resultReached(grid);
  if (result !== null) return end(grid, result, 'toQuote', { stop: 'result' });
  const isLower = state.stopLowerTicks !== null && context.bidTicks <= state.stopLowerTicks;
  const isUpper = state.stopUpperTicks !== null && context.askTicks >= state.stopUpperTicks;
  if (!isLower && !isUpper) return false;
  const action = isLower ? params.stop_lower_action : params.stop_upper_action;
  const price = context.scale.price((isLower ? state.stopLowerTicks : state.stopUpperTicks) ?? 0);
  const side = isLower ? 'lower' : 'upper';
  return end(grid, `${side} stop ${price} reached: ${wordsFor(grid, action)}`, LIQUIDATIONS[action], { stop: side, price, action });
}

/** Always `true`. */
function end({ context, state }: Grid, reason: string, liquidation: Liquidation, data: Readonly<Record<string, string>>): true {
  state.phase = 'ended';
  context.report('target_reached', reason, data);
  context.finish(reason, liquidation);
  return true;
}

function wordsFor({ context }: Grid, action: StopAction): string {
  if (!context.scale.isPerpetual) return ACTION_WORDS[action];
  return action === 'keep' ? 'the position is kept' : 'the position is closed';
}

const ACTION_WORDS: Readonly<Record<StopAction, string>> = { keep: 'the coin is kept', sell_all: 'all base is sold', buy_all: 'all quote is turned into base' };

/** Moves the outermost cells, or adds some, as far as the price has gone; a live order is cancelled first and the move goes on when it is over. */
export function trail(grid: Grid): void {
  const { context, state } = grid;
  if (!context.isTrading) return;
  for (let moved = true; moved && state.moving === null; ) {
    moved = false;
    if (state.trailUpTicks !== null && context.askTicks >= state.trailUpTicks && state.pump?.isOn !== true) moved = extend(grid, 'up', state.trailUpTicks);
    else if (state.trailDownTicks !== null && context.bidTicks <= state.trailDownTicks) moved = extend(grid, 'down', state.trailDownTicks);
  }
  watch(grid);
}

/** `true` when the grid has reached another line at once. */
function extend(grid: Grid, direction: Direction, nextTicks: number): boolean {
  const { params, state } = grid;
  // Before the trade at start is done, and while the grid is being changed, the cells may be laid out anew.
  if (state.opening !== null || state.change != null) return false;
  const isExpanding = (direction === 'up' ? params.expand_up_limit : params.expand_down_limit) !== null;
  return isExpanding ? expand(grid, direction, nextTicks) : startMove(grid, direction);
}

type Direction = 'up' | 'down';

/** Adds a cell beyond an end, all others stay. Always `true`. */
function expand(grid: Grid, direction: Direction, nextTicks: number): true {
  const { state, params } = grid;
  const isUp = direction === 'up';
  const edge = isUp ? state.cells.at(-1) : state.cells[0];
  const isShort = params.direction === 'short' || (params.direction === 'neutral' && isUp);
  const line = (edge?.line ?? 0) + (isUp ? 1 : -1);
  const shape = cellOf(
    params,
    state.size,
    line - (state.lineOffset ?? 0),
    isUp ? [edge?.sellTicks ?? 0, nextTicks] : [nextTicks, edge?.buyTicks ?? 0],
    isShort,
  );
  const cell = newCell({ ...shape, line });
  state.cells = isUp ? [...state.cells, cell] : [cell, ...state.cells];
  setTrail(grid);
  tellReach(grid, `The grid expanded ${direction}`, direction);
  settleAround(grid, cell);
  return true;
}

/** Lays out further lines of an infinite grid, with base that was bought for them at start, when the price has come near to the last one. */
export function growUp(grid: Grid, fromLine: number): void {
  const { context, state, params } = grid;
  if (!isInfinite(params)) return;
  const ticksOf = lineTicks(params, context.scale);
  const ahead = headroom(params);
  for (let top = state.cells.at(-1); top !== undefined && state.pool?.isUsedUp === false && top.line - fromLine < ahead; top = state.cells.at(-1)) {
    const line = top.line + 1;
    const cell = newCell(cellOf(params, state.size, line, [top.sellTicks, ticksOf(line + 1)], false));
    const grains = cell.lots * GRAINS_PER_LOT;
    if (grains > state.pool.grains || !isTradable(context, cell.lots, cell.sellTicks) || cell.sellTicks > context.scale.maxTicks) {
      context.report(
        'strategy_note',
        `The grid goes no higher than ${context.scale.price(top.sellTicks)}: what another line would sell is too little for an order, and the rest of the coin is kept.`,
      );
      state.pool.isUsedUp = true;
      return;
    }
    const cost = Math.round((state.pool.costAtoms * grains) / state.pool.grains);
    state.pool.grains -= grains;
    state.pool.costAtoms -= cost;
    cell.openLots = cell.lots;
    cell.heldGrains = grains;
    cell.costAtoms = cell.lots * cell.buyTicks;
    state.trendAtoms += cell.costAtoms - cost;
    state.cells.push(cell);
    settleAround(grid, cell);
  }
}

/** `true` when the cell has moved at once. A cell in the middle of a trade stays where it is. */
function startMove(grid: Grid, direction: Direction): boolean {
  const { state } = grid;
  const cell = movingCell(grid, direction);
  if (cell === undefined || !isMovable(cell, direction)) return false;
  const orderId = direction === 'up' ? cell.buyId : cell.sellId;
  if (orderId === null) {
    move(grid, cell, direction);
    return true;
  }
  replace(grid, cell, orderId);
  if (cell.isReplacing) state.moving = direction;
  return false;
}

function movingCell(grid: Grid, direction: Direction): Cell | undefined {
  return direction === 'up' ? grid.state.cells[0] : grid.state.cells.at(-1);
}

/** Whether the price runs in favour of a cell: then it has nothing open and follows empty-handed; otherwise it carries along what it has opened. */
function isAhead(cell: Cell, direction: Direction): boolean {
  return (direction === 'up') !== cell.isShort;
}

function isMovable(cell: Cell, direction: Direction): boolean {
  if (cell.isReplacing || cell.isAwaiting) return false;
  if (direction === 'up' ? cell.sellId !== null : cell.buyId !== null) return false;
  return !isAhead(cell, direction) || cell.openLots === 0;
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
  const isStillMovable = isMovable(cell, direction) && (isAhead(cell, direction) || cell.openLots > 0);
  if (isStillMovable && grid.context.isTrading) move(grid, cell, direction);
  trail(grid);
  return isStillMovable;
}

/** Takes the cell off one end and puts it on the other, with its dust, and with the quote it had or with what it has opened. */
function move(grid: Grid, cell: Cell, direction: Direction): void {
  const { state } = grid;
  const isUp = direction === 'up';
  const next = isUp ? state.trailUpTicks : state.trailDownTicks;
  const neighbour = isUp ? state.cells.at(-1) : state.cells[0];
  if (next === null || neighbour === undefined) return;
  const formerTicks = outerTicks(grid, direction);
  const moved = newCell(shapeBeyond(cell, neighbour, next, direction));
  moved.openLots = cell.openLots;
  moved.heldGrains = cell.heldGrains;
  moved.costAtoms = isAhead(cell, direction) ? cell.costAtoms : cell.openLots * openingTicksOf(moved);
  moved.isParked = cell.isParked;
  state.trendAtoms += (cell.isShort ? -1 : 1) * (moved.costAtoms - cell.costAtoms);
  state.cells = isUp ? [...state.cells.slice(1), moved] : [moved, ...state.cells.slice(0, -1)];
  moveStop(grid, cell, direction, formerTicks);
  setTrail(grid);
  tellReach(grid, `The grid trailed ${direction}`, direction);
  settleAround(grid, moved);
}

function shapeBeyond(cell: Cell, neighbour: Cell, next: number, direction: Direction): CellShape {
  const place =
    direction === 'up'
      ? { line: neighbour.line + 1, buyTicks: neighbour.sellTicks, sellTicks: next, isShort: cell.isShort }
      : { line: neighbour.line - 1, buyTicks: next, sellTicks: neighbour.buyTicks, isShort: cell.isShort };
  if (!isAhead(cell, direction)) return { ...place, lots: cell.openLots > 0 ? cell.openLots : cell.lots };
  return { ...place, lots: Math.floor((cell.lots * openingTicksOf(cell)) / openingTicksOf(place)) };
}

function tellReach({ context, state, params }: Grid, what: string, direction: Direction): void {
  const { scale } = context;
  const lower = scale.price(state.cells[0]?.buyTicks ?? 0);
  const upper = scale.price(state.cells.at(-1)?.sellTicks ?? 0);
  context.report('strategy_note', `${what}: it now reaches from ${lower} to ${upper}.`, {
    direction,
    lower_price: lower,
    upper_price: upper,
    spacing: params.spacing,
  });
}

/** The line at the end that a grid leaves behind when it follows the price. */
function outerTicks({ state }: Grid, direction: Direction): number {
  return direction === 'up' ? (state.cells[0]?.buyTicks ?? 1) : (state.cells.at(-1)?.sellTicks ?? 1);
}

/** The stop against the cells keeps its distance from that line: in price with arithmetic, in per cent with geometric spacing. */
function moveStop(grid: Grid, cell: Cell, direction: Direction, formerTicks: number): void {
  const { state, params } = grid;
  if (!isAhead(cell, direction)) return;
  const ticks = outerTicks(grid, direction);
  const moved = (stop: number) => (params.spacing === 'arithmetic' ? stop + ticks - formerTicks : Math.floor((stop * ticks) / formerTicks));
  if (direction === 'up' && state.stopLowerTicks !== null) state.stopLowerTicks = moved(state.stopLowerTicks);
  if (direction === 'down' && state.stopUpperTicks !== null) state.stopUpperTicks = moved(state.stopUpperTicks);
}

/** Finds the lines the grid may trail or expand to next. */
export function setTrail(grid: Grid): void {
  const { context, state, params } = grid;
  const { lineOffset = 0 } = state;
  const next = nextLines(params, context.scale, (state.cells[0]?.line ?? 0) - lineOffset, (state.cells.at(-1)?.line ?? 0) - lineOffset + 1);
  state.trailUpTicks = next.up;
  state.trailDownTicks = next.down;
}

/** Asks to be told at the nearest price on either side at which something other than a fill matters. */
export function watch(grid: Grid): void {
  const { context, state } = grid;
  const isFree = state.moving === null;
  const edges = [windowEdges(grid), profitEdges(grid)];
  const below = Math.max(state.stopLowerTicks ?? 0, isFree ? (state.trailDownTicks ?? 0) : 0, ...edges.map((edge) => edge.below));
  const above = Math.min(
    state.stopUpperTicks ?? Number.POSITIVE_INFINITY,
    isFree && state.pump?.isOn !== true ? (state.trailUpTicks ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    pumpTicks(grid),
    ...edges.map((edge) => edge.above),
  );
  context.watchPrice(below, above);
}

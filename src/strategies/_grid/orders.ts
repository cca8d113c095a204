/**
 * What orders a cell should have, and how it gets them: one on its opening line for what is not opened, one on its closing
 * line for what is. Refused orders are tried again after a growing wait, and every refusal is told.
 */

import { isClosable, isTradable, wholeLots } from '#core/executors/amounts.ts';
import { LONGEST_RETRY_MS, retryWait, WHOLE_BOT_CODES } from '#core/executors/retries.ts';
import type { Order } from '#core/order.ts';
import type { Context } from '#core/strategy.ts';
import { lotsToClose, type OfferTerms } from './booking.ts';
import { orderCap } from './lines.ts';
import type { GridParams } from './params.ts';
import { type Cell, type CellSide, cellAt, type GridState, MAX_IN_FLIGHT, openingSide, orderOn, ticksOn } from './state.ts';
import { type CellOrder, orderTag } from './tags.ts';

export const RETRY_TIMER = 'retry';

/** The grid of one run as its functions pass it around. */
export interface Grid {
  readonly context: Context;
  readonly state: GridState;
  readonly params: GridParams;
}

export function offerTerms({ context, params }: Grid): OfferTerms {
  const profitIn = params.profit_currency ?? (params.direction === 'reverse' ? 'base' : 'quote');
  return { profitIn, feeAsset: context.feeAsset, buyFeeRate: context.scale.takerFee, sellFeeRate: context.scale.makerFee };
}

/** Whether a cell may have no orders at the venue, because their number is limited and others are nearer to the price. */
function isOutside({ state: { windowLine: first }, params }: Grid, { line }: Cell): boolean {
  return first !== null && (line < first || line >= first + (orderCap(params) ?? 0));
}

/**
 * Brings a cell's orders in line with what it holds: places what is missing, or first cancels what is not wanted or, where it `mayGrow`, too small.
 */
export function settleCell(grid: Grid, cell: Cell, mayGrow = true): void {
  const { context, state } = grid;
  if (!context.isTrading || cell.isAwaiting || cell.isReplacing) return;
  const isFar = isOutside(grid, cell);
  const unwanted = isFar ? (cell.buyId ?? cell.sellId) : state.pump?.isOn === true ? cell.sellId : null;
  if (unwanted !== null) return replace(grid, cell, unwanted);
  if (isFar || cell.isParked || cell.retryAt > context.at) return;
  settleSide(grid, cell, cell.isShort ? 'buy' : 'sell', mayGrow);
  settleSide(grid, cell, cell.isShort ? 'sell' : 'buy', mayGrow);
}

function settleSide(grid: Grid, cell: Cell, side: CellSide, mayGrow: boolean): void {
  const { context, state } = grid;
  const id = orderOn(cell, side);
  if (id !== null && !mayGrow) return;
  const isClosing = openingSide(cell) !== side;
  const wanted = isClosing ? (cell.heldGrains > 0 ? lotsToClose(cell, offerTerms(grid)) : 0) : cell.lots - cell.openLots;
  if (id !== null) {
    // The other side has gone on since this order was placed; once that is over this one is placed again, larger.
    if (orderOn(cell, side === 'buy' ? 'sell' : 'buy') === null && wanted > restOf(context, id)) replace(grid, cell, id);
    return;
  }
  if (wanted <= 0 || (side === 'sell' && state.pump?.isOn === true)) return;
  const ticks = ticksOn(cell, side);
  if (!(isClosing ? isClosable(context, wanted, ticks) : isTradable(context, wanted, ticks)) || isLineTaken(state, cell, side)) return;
  if (isClosing) close(grid, cell, side, wanted);
  else place(grid, cell, side, wanted, false);
}

/** Whether the cell that shares this line has an order of the other side on it. */
function isLineTaken(state: GridState, cell: Cell, side: CellSide): boolean {
  return side === 'sell' ? (cellAt(state, cell.line + 1)?.buyId ?? null) !== null : (cellAt(state, cell.line - 1)?.sellId ?? null) !== null;
}

/** Never more than the bot has, whatever the cell believes. */
function close(grid: Grid, cell: Cell, side: CellSide, wanted: number): void {
  const { context, params } = grid;
  const { scale, position } = context;
  const free = wholeLots(context.freeBaseGrains());
  const isReducing = scale.isPerpetual && (side === 'sell' ? position.baseGrains > 0 : position.baseGrains < 0);
  // The cells of a neutral grid share one position: what cannot lessen it any more is a plain order.
  if (params.direction === 'neutral' && !(isReducing && free >= wanted)) return place(grid, cell, side, Math.min(wanted, scale.maxLots), false);
  const lots = scale.isPerpetual && !isReducing ? 0 : Math.min(wanted, scale.maxLots, free);
  if (isClosable(context, lots, ticksOn(cell, side))) place(grid, cell, side, lots, isReducing);
  else fail(grid, cell, side, wanted, 'holding_exceeded');
}

function restOf(context: Context, clientOrderId: string): number {
  const order = context.order(clientOrderId);
  return order === undefined ? 0 : order.sizeLots - order.filledLots;
}

/** Cancels an order so that the cell can place another; one the user has cancelled already is left to rest. */
export function replace(grid: Grid, cell: Cell, clientOrderId: string): void {
  if (grid.context.order(clientOrderId)?.cancelRequested !== false) return;
  cell.isReplacing = true;
  grid.context.cancel(clientOrderId);
}

function place(grid: Grid, cell: Cell, side: CellSide, sizeLots: number, reduceOnly: boolean): void {
  const { context, state } = grid;
  if (context.at < state.holdUntil || isFull(grid)) {
    enqueue(state, cell.line);
    return setRetryTimer(grid);
  }
  const id = context.submit({
    side,
    type: 'limit',
    priceTicks: ticksOn(cell, side),
    triggerTicks: 0,
    sizeLots,
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly,
    tag: orderTag(cell.line, side),
  });
  if (side === 'buy') cell.buyId = id;
  else cell.sellId = id;
}

/** Whether as many orders as its user allows are at the venue, those on their way off it included. */
function isFull({ state, params }: Grid): boolean {
  if (state.windowLine === null) return false;
  // The trade at start keeps a place until it is done, or it would wait for one for ever.
  let live = state.opening === null ? 0 : 1;
  for (const cell of state.cells) live += (cell.buyId === null ? 0 : 1) + (cell.sellId === null ? 0 : 1);
  return live >= (orderCap(params) ?? Number.POSITIVE_INFINITY);
}

/** An order of a cell is over without being filled whole: grows again, rests, or is tried again later. */
export function onCellOrderClosed(grid: Grid, { cell, side }: CellOrder, order: Readonly<Order>, code: string): void {
  const { context } = grid;
  const wasReplacing = cell.isReplacing;
  clearOrder(cell, order.clientOrderId);
  if (!context.isTrading) return;
  const isWanted = code === 'cancelled' && order.cancelRequested;
  if (isWanted && wasReplacing) {
    settleAround(grid, cell);
  } else if (isWanted) {
    cell.isParked = true;
    context.report(
      'strategy_note',
      `The ${side} order at ${priceOf(grid, cell, side)} was cancelled by hand. Its level rests until the bot is paused and resumed.`,
      { level: cell.line, side },
    );
    settleNeighbour(grid, cell, 'buy');
    settleNeighbour(grid, cell, 'sell');
  } else {
    fail(grid, cell, side, order.sizeLots - order.filledLots, code);
    settleNeighbour(grid, cell, 'buy');
    settleNeighbour(grid, cell, 'sell');
  }
}

/** Forgets an order that is over, and with it the wish to replace it. */
export function clearOrder(cell: Cell, clientOrderId: string): void {
  cell.isReplacing = false;
  if (cell.buyId === clientOrderId) cell.buyId = null;
  else if (cell.sellId === clientOrderId) cell.sellId = null;
}

/** Settles a cell and those that share a line with it. */
export function settleAround(grid: Grid, cell: Cell): void {
  settleCell(grid, cell);
  settleNeighbour(grid, cell, 'buy');
  settleNeighbour(grid, cell, 'sell');
}

/** Settles the cell that shares a line with this one: the line may have become free for it, what it holds has not changed. */
export function settleNeighbour(grid: Grid, cell: Cell, side: CellSide): void {
  const neighbour = cellAt(grid.state, side === 'buy' ? cell.line - 1 : cell.line + 1);
  if (neighbour !== undefined && hasNoOrder(neighbour)) settleCell(grid, neighbour, false);
}

function hasNoOrder(cell: Cell): boolean {
  return cell.buyId === null || cell.sellId === null;
}

/** Notes a refusal, tells why, and sets the time of the next try. */
function fail(grid: Grid, cell: Cell, side: CellSide, lots: number, code: string): void {
  const { context, state } = grid;
  if (WHOLE_BOT_CODES.has(code)) return hold(grid, cell, code);
  const isNews = code !== cell.failureCode;
  cell.failures = isNews ? 1 : cell.failures + 1;
  cell.failureCode = code;
  const waitMs = retryWait(cell.failures);
  cell.retryAt = context.at + waitMs;
  enqueue(state, cell.line);
  setRetryTimer(grid);
  // The same refusal is told again only while the wait grows, so that it stays readable.
  if (waitMs < LONGEST_RETRY_MS || isNews)
    context.report(
      'strategy_note',
      `The ${side} order of ${context.scale.size(lots)} at ${priceOf(grid, cell, side)} could not be placed or kept: ${code}. Next try in ${waitMs / 1_000} s.`,
      {
        level: cell.line,
        side,
        code,
        attempt: cell.failures,
        retry_in_ms: waitMs,
      },
    );
}

function hold(grid: Grid, cell: Cell, code: string): void {
  const { context, state } = grid;
  enqueue(state, cell.line);
  if (context.at < state.holdUntil) return;
  state.holdFailures += 1;
  state.maxInFlight = 1;
  const waitMs = retryWait(state.holdFailures);
  state.holdUntil = context.at + waitMs;
  setRetryTimer(grid);
  context.report('strategy_note', `No order can be placed at present: ${code}. Next try in ${waitMs / 1_000} s.`, {
    code,
    attempt: state.holdFailures,
    retry_in_ms: waitMs,
  });
}

/** One timer for everything that waits, set to the earliest. */
export function setRetryTimer(grid: Grid): void {
  const { context, state } = grid;
  let at = state.opening !== null && state.opening.retryAt > context.at ? state.opening.retryAt : Number.POSITIVE_INFINITY;
  for (const line of state.queue) {
    const due = Math.max(cellAt(state, line)?.retryAt ?? 0, state.holdUntil);
    if (due > context.at) at = Math.min(at, due);
  }
  if (!Number.isFinite(at) || at === state.timerAt) return;
  state.timerAt = at;
  context.setTimer(RETRY_TIMER, at);
}

export function enqueue(state: GridState, line: number): void {
  if (!state.queue.includes(line)) state.queue.push(line);
}

/** Places what the queue holds, with a bound on how much is on its way to the venue at once. */
export function pump(grid: Grid): void {
  const { context, state } = grid;
  if (state.queue.length === 0 || context.at < state.holdUntil || !context.isTrading || isOpeningFirst(state)) return;
  let free = state.queue.length <= state.maxInFlight ? state.queue.length : state.maxInFlight - ordersInFlight(grid);
  for (const line of state.queue.splice(0)) {
    const cell = cellAt(state, line);
    if (cell === undefined) continue;
    if (free <= 0 || cell.retryAt > context.at || context.at < state.holdUntil) {
      state.queue.push(line);
      continue;
    }
    free -= 1;
    settleCell(grid, cell);
  }
}

/** Whether the opening goes first: before it has traded, and while a changed grid gives up what pays for the rest. */
function isOpeningFirst({ opening }: GridState): boolean {
  return opening !== null && (!opening.hasTraded || (opening.isClosing === true && opening.orderId !== null));
}

/** An order has come through: placing goes faster again, step by step. */
export function speedUp(state: GridState): void {
  state.holdFailures = state.queue.length === 0 ? 0 : Math.max(0, state.holdFailures - 1);
  state.maxInFlight = Math.min(MAX_IN_FLIGHT, state.maxInFlight + 1);
}

function ordersInFlight(grid: Grid): number {
  let count = 0;
  for (const cell of grid.state.cells) {
    if (cell.buyId !== null && grid.context.order(cell.buyId)?.state === 'submitting') count += 1;
    if (cell.sellId !== null && grid.context.order(cell.sellId)?.state === 'submitting') count += 1;
  }
  return count;
}

/** Lines of all cells, those next to the price first. */
export function linesByDistance(grid: Grid): number[] {
  const { context, state } = grid;
  const twice = context.bidTicks + context.askTicks;
  const distance = (cell: Cell) => Math.abs(cell.buyTicks + cell.sellTicks - twice);
  return [...state.cells].sort((a, b) => distance(a) - distance(b) || a.line - b.line).map((cell) => cell.line);
}

function priceOf(grid: Grid, cell: Cell, side: CellSide): string {
  return grid.context.scale.price(ticksOn(cell, side));
}

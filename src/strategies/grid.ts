/**
 * The grid: a range of price lines, between each two of them a cell that buys at the lower line and sells at the upper
 * one, over and over. This file is its declaration and its reaction to each event; how cells get their orders, how the
 * grid opens, trails and stops, and what it needs and brings stand in the files beside it.
 */

import { conditionsOf, conditionsWarmUp } from '#core/indicator-conditions.ts';
import type { Scale } from '#core/instrument.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import { type BarsWanted, defineStrategy, type StrategyEvent } from '#core/strategy.ts';
import { barsOf } from './_bars.ts';
import { inForce } from './_fields.ts';
import { bookClosed, bookOpened } from './_grid/booking.ts';
import { planChange, presentChange } from './_grid/change.ts';
import { type GivenChange, GRID_COMMANDS } from './_grid/change-params.ts';
import { beginChange, continueChange, isFreed } from './_grid/changing.ts';
import { isPositionGone, onPumpBar, PUMP_INTERVAL_MS, pumpIfReached } from './_grid/guards.ts';
import { begin, continueOpening, OPENING_TAG, onOpeningClosed, onOpeningFilled, open } from './_grid/opening.ts';
import {
  clearOrder,
  type Grid,
  linesByDistance,
  offerTerms,
  onCellOrderClosed,
  pump,
  RETRY_TIMER,
  setRetryTimer,
  settleAround,
  settleCell,
  settleNeighbour,
  speedUp,
} from './_grid/orders.ts';
import { GRID_PARAMS, type GridParams } from './_grid/params.ts';
import { planGrid } from './_grid/plan.ts';
import { continueMove, growUp, isMoving, stopIfReached, trail, watch } from './_grid/range.ts';
import { type BarEvent, startWatch } from './_grid/start-rule.ts';
import { adoptState, type GridState, MAX_IN_FLIGHT, newGridState, openingSide } from './_grid/state.ts';
import { type CellOrder, cellOfOrder } from './_grid/tags.ts';
import { centreOn, centreOnPrice } from './_grid/window.ts';

type FilledEvent = Extract<StrategyEvent, { readonly type: 'orderFilled' }>;
type ReplacedEvent = Extract<StrategyEvent, { readonly type: 'orderReplaced' }>;
type ClosedEvent = Extract<StrategyEvent, { readonly type: 'orderClosed' }>;

export const grid = defineStrategy({
  name: 'grid',
  version: 3,
  title: { en: 'Grid', ru: 'Сетка' },
  summary: {
    en: 'Buys at each price line of a range and sells what it bought one line higher, again and again; earns from a price that moves to and fro.',
    ru: 'Покупает на каждой ценовой линии диапазона и продаёт купленное на линию выше, снова и снова; зарабатывает на колебаниях цены.',
  },
  params: GRID_PARAMS,
  markets: ['spot', 'perpetual'],
  // What a level has bought the level itself sells; taking its profit a second way would sell the same coins twice.
  rules: ['placeAgain'],
  wants: { bars: true, quotes: false },
  bars: barsOfGrid,
  commands: GRID_COMMANDS,
  plan: planGrid,

  start(context, params): GridState {
    const state = newGridState();
    begin({ context, state, params });
    return state;
  },

  on(context, state, event, params): void {
    if (state.pump === undefined) adoptState(state);
    const current: Grid = { context, state, params: inForce(params, state.changed) };
    react(current, event);
    if (state.change != null) continueChange(current);
  },

  previewCommand: (context, state, _name, given, params) =>
    presentChange(planChange({ context, state, params: inForce(params, state.changed) }, given as GivenChange)),

  figures,
});

function react(current: Grid, event: StrategyEvent): void {
  const { state } = current;
  switch (event.type) {
    case 'orderFilled':
      return onFilled(current, event);
    case 'orderClosed':
      return onClosed(current, event);
    case 'orderAccepted':
      return onAccepted(current, cellOfOrder(state, event.order.tag));
    case 'priceReached':
      return onPrice(current);
    case 'barClosed':
      return onBar(current, event);
    case 'orderReplaced':
      return onReplaced(current, event);
    case 'timerFired':
      return event.name === RETRY_TIMER ? onRetry(current) : undefined;
    case 'userCommand':
      return beginChange(current, event.params as GivenChange);
    case 'resumed':
      return onResumed(current);
    default:
      // Pausing needs nothing: the ends of the cancelled orders have been told one by one.
      return undefined;
  }
}

/** The bars that start conditions and pump protection need; most grids need none. */
function barsOfGrid(params: GridParams): readonly BarsWanted[] {
  const wanted: BarsWanted[] = [];
  if (params.start_conditions.length > 0) wanted.push(barsOf(params.timeframe, conditionsWarmUp(conditionsOf(params.start_conditions))));
  if (params.pump_protection_percent === null || wanted[0]?.intervalMs === PUMP_INTERVAL_MS) return wanted;
  return [...wanted, { intervalMs: PUMP_INTERVAL_MS, warmUp: params.pump_protection_minutes }];
}

/** A stop, the start price, the next line of the trail, or the edge of what is at the exchange. */
function onPrice(current: Grid): void {
  const { context, state } = current;
  // While trading is halted nothing could be sold or bought; the price is looked at again when it goes on.
  if (!context.isTrading) return;
  if (state.phase === 'waiting') return open(current);
  if (stopIfReached(current)) return;
  pumpIfReached(current);
  trail(current);
  centreOnPrice(current);
  watch(current);
}

function onBar(current: Grid, event: BarEvent): void {
  const { context, state, params } = current;
  if (event.intervalMs === PUMP_INTERVAL_MS) onPumpBar(current, event);
  if (state.conditions !== null && state.phase === 'waiting' && event.intervalMs === CANDLE_INTERVALS[params.timeframe]) {
    const isMet = startWatch(params, context.scale).step(state.conditions, { ...event, at: context.at }) !== 0;
    if (isMet && event.isHistory !== true && context.isTrading) open(current);
  }
  if (state.pump === null || state.phase !== 'trading' || !context.isTrading) return;
  trail(current);
}

function onFilled(current: Grid, event: FilledEvent): void {
  const { state } = current;
  const { order, fill } = event;
  if (order.tag === OPENING_TAG) {
    onOpeningFilled(current, order, fill);
    return needsWatch(current) ? watch(current) : undefined;
  }
  const found = cellOfOrder(state, order.tag);
  if (found === null) return;
  const { cell, side } = found;
  const isLastFill = order.state === 'filled';
  if (openingSide(cell) === side) bookOpened(cell, fill);
  else bookClosed(state, cell, fill, offerTerms(current));
  if (!isLastFill) return settleCell(current, cell);
  forgetFailures(found);
  const wasMoving = isMoving(current, cell);
  clearOrder(cell, order.clientOrderId);
  if (wasMoving) {
    continueMove(current, cell);
    settleAround(current, cell);
  } else {
    settleCell(current, cell);
    settleNeighbour(current, cell, side);
  }
  followFill(current, found);
  pump(current);
}

/** Where lines wait above the grid or away from the price, a fill brings the next ones near. */
function followFill(current: Grid, { cell, side }: CellOrder): void {
  const { state } = current;
  if (state.phase !== 'trading') return;
  // Without a position no price says that the bot as a whole has earned or lost enough.
  if (current.context.isTrading && current.context.position.baseGrains === 0 && stopIfReached(current)) return;
  const line = cell.line + (side === 'buy' ? 0 : 1);
  if (state.pool !== null && side === 'sell' && state.change == null) growUp(current, line);
  if (state.windowLine !== null) centreOn(current, line);
  if (needsWatch(current)) watch(current);
}

/** Whether what is watched moves with every fill. */
function needsWatch({ state, params }: Grid): boolean {
  return state.windowLine !== null || (params.stop_loss_percent ?? params.take_profit_percent ?? null) !== null;
}

function onClosed(current: Grid, event: ClosedEvent): void {
  const { order, code } = event;
  const { state } = current;
  if (current.context.isTrading && isPositionGone(current) && stopIfReached(current)) return;
  if (order.tag === OPENING_TAG) return onOpeningClosed(current, order, code);
  const found = cellOfOrder(state, order.tag);
  if (found === null) return;
  if (isFreed(state, found.cell)) {
    clearOrder(found.cell, order.clientOrderId);
  } else if (isMoving(current, found.cell)) {
    clearOrder(found.cell, order.clientOrderId);
    if (!continueMove(current, found.cell)) settleAround(current, found.cell);
  } else {
    onCellOrderClosed(current, found, order, code);
  }
  pump(current);
}

function onAccepted(current: Grid, found: CellOrder | null): void {
  if (found !== null) forgetFailures(found);
  speedUp(current.state);
  pump(current);
}

/** The order goes on under another id. */
function onReplaced({ state }: Grid, { order, former }: ReplacedEvent): void {
  if (state.opening?.orderId === former.clientOrderId) state.opening.orderId = order.clientOrderId;
  const found = cellOfOrder(state, order.tag);
  if (found === null) return;
  const { cell } = found;
  if (cell.buyId === former.clientOrderId) cell.buyId = order.clientOrderId;
  else if (cell.sellId === former.clientOrderId) cell.sellId = order.clientOrderId;
}

function forgetFailures({ cell }: CellOrder): void {
  cell.failures = 0;
  cell.failureCode = '';
}

function onRetry(current: Grid): void {
  current.state.timerAt = 0;
  continueOpening(current);
  pump(current);
  setRetryTimer(current);
}

/** After a pause or a halt every level is placed as it was, also those cancelled by hand. */
function onResumed(current: Grid): void {
  const { context, state } = current;
  if (state.phase !== 'trading' || stopIfReached(current)) return;
  state.holdUntil = 0;
  state.holdFailures = 0;
  state.maxInFlight = MAX_IN_FLIGHT;
  state.timerAt = 0;
  for (const cell of state.cells) {
    cell.isParked = false;
    cell.retryAt = 0;
    // An order that a halt has cancelled may not be over yet; its cell is settled when it is.
    cell.isReplacing = [cell.buyId, cell.sellId].some((id) => id !== null && context.order(id)?.cancelRequested === true);
  }
  if (state.opening !== null) state.opening.retryAt = 0;
  state.queue = linesByDistance(current);
  continueOpening(current);
  trail(current);
  centreOnPrice(current);
  watch(current);
  pump(current);
}

function figures(state: GridState, scale: Scale): Readonly<Record<string, string | number | boolean | null>> {
  const { cells } = state;
  const failing = cells.find((cell) => cell.failures > 0);
  return {
    phase: state.phase,
    grid_profit: scale.quote(state.profitAtoms),
    grid_profit_base: scale.base(state.keptGrains),
    completed_trades: state.completedTrades,
    lower_price: scale.price(cells[0]?.buyTicks ?? 0),
    upper_price: scale.price(cells.at(-1)?.sellTicks ?? 0),
    open_buys: cells.filter((cell) => cell.buyId !== null).length,
    open_sells: cells.filter((cell) => cell.sellId !== null).length,
    ...(state.windowLine === null ? {} : { levels_away_from_price: cells.filter((cell) => cell.buyId === null && cell.sellId === null).length }),
    ...(state.pool === null ? {} : { base_for_higher_lines: scale.base(state.pool.grains) }),
    ...(state.change == null ? {} : { is_changing: true }),
    ...(state.pump === null ? {} : { sales_held_back: state.pump.isOn }),
    levels_cancelled_by_hand: cells.filter((cell) => cell.isParked).length,
    levels_refused: cells.filter((cell) => cell.failures > 0).length,
    refusal: failing?.failureCode ?? null,
  };
}

/**
 * What a grid remembers between events: plain data, a few dozen bytes a cell. A cell owns the base it has bought, or the
 * short it has opened, and what that cost or brought.
 */

import type { BarWatchState } from '#core/bars/bar-watch.ts';
import type { CellShape } from './layout.ts';
import type { GridParams } from './params.ts';

export type CellSide = 'buy' | 'sell';

export interface Cell extends CellShape {
  lots: number;
  /** Lots that are opened and not closed again. */
  openLots: number;
  /** Base of this cell after fees, with the dust below one lot that earlier trades left, or the size of its short, in grains. */
  heldGrains: number;
  /** What it has cost, fees included, or what the short has brought after them, in atoms; what comes from the opening counts at the cell's own line. */
  costAtoms: number;
  /** ClientOrderIds of the live orders, at most one a side. */
  buyId: string | null;
  sellId: string | null;
  /** The grid itself has asked to cancel an order of this cell, to place it larger or to move the cell. */
  isReplacing: boolean;
  /** The user has cancelled an order of this cell by hand: it rests until the bot is paused and resumed. */
  isParked: boolean;
  /** Waits for the opening purchase. */
  isAwaiting: boolean;
  /** Refusals in a row, the last one's reason, and when to try again; 0 while nothing waits. */
  failures: number;
  failureCode: string;
  retryAt: number;
}

export interface GridState {
  /** `waiting` for the start price or conditions, `trading`, or `ended` by a stop. */
  phase: 'waiting' | 'trading' | 'ended';
  /** From the lowest cell to the highest; the upper line of one is the lower line of the next. */
  cells: Cell[];
  /** Of each order that opens a new cell; see `Layout`. */
  size: number;
  /** The trade at start until it is done; before it has traded nothing else is placed. */
  opening: Opening | null;
  /** Prices that end the run, in ticks; `null` where there is none. */
  stopLowerTicks: number | null;
  stopUpperTicks: number | null;
  /** Lines the grid may trail or expand to next. */
  trailUpTicks: number | null;
  trailDownTicks: number | null;
  /** A cell on its way to the other end waits for the end of its order. */
  moving: 'up' | 'down' | null;
  /** Line of the first cell that may have orders at the venue, where their number is limited. */
  windowLine: number | null;
  /** Base for the lines of an infinite grid above its cells, in grains, what it cost, in atoms, and whether no line can be made of it; `null` where there is none. */
  pool: { grains: number; costAtoms: number; isUsedUp: boolean } | null;
  /** What the run began with, at the price of that moment, in atoms. */
  capitalAtoms: number;
  /** Of a grid that waits for its start conditions. */
  conditions: BarWatchState | null;
  /** Pump protection: lowest prices of the newest minutes, in ticks, and whether it holds sales back. */
  pump: { lows: number[]; isOn: boolean } | null;
  /** Lines of cells that want to place an order, nearest to the price first. */
  queue: number[];
  /** No order is placed before this time, because the bot as a whole was refused. */
  holdUntil: number;
  holdFailures: number;
  /** Orders that may be on their way at once: back to one after such a refusal, then growing again. */
  maxInFlight: number;
  /** When the retry timer is set for; 0 while it is not. */
  timerAt: number;
  /** Earned by closing against the cost of the own cell, after all fees, in atoms. */
  profitAtoms: number;
  /** Base kept as profit with profit in base, in grains. */
  keptGrains: number;
  /** Gained or lost because base was assigned to cells at their lines: at the opening and when a cell trails against it, in atoms. */
  trendAtoms: number;
  /** Cells that have closed all they had opened. */
  completedTrades: number;
  /** Settings that were changed since the run began; absent where none were. */
  changed?: Partial<GridParams> | null;
  /** A change under way: the lines of the cells that are laid out anew place nothing until then. */
  change?: { readonly settings: Partial<GridParams>; readonly size: number; readonly freed: readonly number[] } | null;
  /** What the lines of the cells count from since the last change, 0 before. */
  lineOffset?: number;
}

/** The trade at start: a purchase of missing base, the sale that opens a short, or what a reverse grid sells. */
export interface Opening {
  readonly side: CellSide;
  /** Of a reverse grid: what is still to be sold, in grains. */
  surplusGrains: number;
  /** Of an infinite grid: what lines beyond its cells will need, in grains. */
  readonly poolGrains: number;
  orderId: string | null;
  hasTraded: boolean;
  /** Not handed to cells yet: base, or what a short has sold, in grains, and what was paid or received for it, in atoms. */
  gotGrains: number;
  paidAtoms: number;
  failures: number;
  retryAt: number;
}

/** Orders that may be on their way to the venue at once while many are to be placed. */
export const MAX_IN_FLIGHT = 10;

export function newCell(shape: CellShape): Cell {
  return {
    ...shape,
    openLots: 0,
    heldGrains: 0,
    costAtoms: 0,
    buyId: null,
    sellId: null,
    isReplacing: false,
    isParked: false,
    isAwaiting: false,
    failures: 0,
    failureCode: '',
    retryAt: 0,
  };
}

export function newGridState(): GridState {
  return {
    phase: 'waiting',
    cells: [],
    size: 0,
    opening: null,
    stopLowerTicks: null,
    stopUpperTicks: null,
    trailUpTicks: null,
    trailDownTicks: null,
    moving: null,
    windowLine: null,
    pool: null,
    capitalAtoms: 0,
    conditions: null,
    pump: null,
    queue: [],
    holdUntil: 0,
    holdFailures: 0,
    maxInFlight: MAX_IN_FLIGHT,
    timerAt: 0,
    profitAtoms: 0,
    keptGrains: 0,
    trendAtoms: 0,
    completedTrades: 0,
  };
}

export function cellAt(state: GridState, line: number): Cell | undefined {
  const first = state.cells[0];
  return first === undefined ? undefined : state.cells[line - first.line];
}

/** The side on which a cell opens; it closes on the other. */
export function openingSide({ isShort }: Pick<CellShape, 'isShort'>): CellSide {
  return isShort ? 'sell' : 'buy';
}

/** The line on which a cell opens. */
export function openingTicksOf({ isShort, buyTicks, sellTicks }: Pick<CellShape, 'isShort' | 'buyTicks' | 'sellTicks'>): number {
  return isShort ? sellTicks : buyTicks;
}

export function ticksOn({ buyTicks, sellTicks }: Pick<CellShape, 'buyTicks' | 'sellTicks'>, side: CellSide): number {
  return side === 'buy' ? buyTicks : sellTicks;
}

export function orderOn({ buyId, sellId }: Cell, side: CellSide): string | null {
  return side === 'buy' ? buyId : sellId;
}

/** Completes the state of a run that began before grids were of several kinds. */
export function adoptState(state: GridState): void {
  Object.assign(state, { ...newGridState(), ...state });
  if (state.opening !== null) state.opening = { ...state.opening, side: 'buy', surplusGrains: 0, poolGrains: 0 };
  state.cells = state.cells.map((cell) => ({ ...cell, isShort: false }));
}

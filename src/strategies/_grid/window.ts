/**
 * Where the number of orders at the venue is limited: the cells next to the price have theirs, the others wait until the
 * price comes near. The window moves by more than a line at a time, or a price that swings would cost orders for nothing.
 */
import { orderCap, waitingLine } from './lines.ts';
import { enqueue, type Grid, pump, settleCell } from './orders.ts';

/** Part of the window that must lie on either side of the price. */
const SLACK_SHARE = 0.25;

/** Looks where the price stands and moves the window there, unless it reaches to both sides of a line next to it. */
export function centreOnPrice(grid: Grid): void {
  const { context, state, params } = grid;
  const cap = orderCap(params);
  const bottom = state.cells[0]?.line;
  const top = state.cells.at(-1);
  if (cap === null || bottom === undefined || top === undefined) return;
  const lines = [...state.cells.map((cell) => cell.buyTicks), top.sellTicks];
  const nearest = bottom + waitingLine(lines, context.bidTicks, context.askTicks);
  const place = state.windowLine === null ? null : { first: state.windowLine, cap, bottom, top: top.line };
  const isAbove = context.bidTicks + context.askTicks > 2 * (lines[nearest - bottom] ?? 0);
  if (place !== null && isCentred(place, isAbove ? nearest + 1 : nearest - 1)) return;
  centreOn(grid, nearest);
}

/** Moves the window so that it reaches to both sides of a line, when it does not. */
export function centreOn(grid: Grid, line: number): void {
  const { state, params } = grid;
  const cap = orderCap(params);
  const bottom = state.cells[0]?.line;
  const top = state.cells.at(-1)?.line;
  if (cap === null || bottom === undefined || top === undefined) return;
  const former = state.windowLine;
  if (former !== null && isCentred({ first: former, cap, bottom, top }, line)) return;
  const first = Math.max(bottom, Math.min(line - Math.floor(cap / 2), top - cap + 1));
  if (first === former) return;
  state.windowLine = first;
  if (former === null) return;
  for (const cell of state.cells) {
    const wasNear = cell.line >= former && cell.line < former + cap;
    const isNear = cell.line >= first && cell.line < first + cap;
    if (wasNear && !isNear) settleCell(grid, cell);
  }
  const near = state.cells.slice(first - bottom, first - bottom + cap);
  near.sort((a, b) => Math.abs(a.line - line) - Math.abs(b.line - line));
  for (const cell of near) enqueue(state, cell.line);
  pump(grid);
}

interface Place {
  readonly first: number;
  readonly cap: number;
  readonly bottom: number;
  readonly top: number;
}

function slackOf(cap: number): number {
  return Math.max(1, Math.floor(cap * SLACK_SHARE));
}

function isCentred({ first, cap, bottom, top }: Place, line: number): boolean {
  const slack = slackOf(cap);
  return (line - first >= slack || first <= bottom) && (first + cap - line >= slack || first + cap > top);
}

/** The prices at which the window must move though nothing has filled, in ticks; 0 and Infinity where there is none. */
export function windowEdges({ state, params }: Grid): { readonly below: number; readonly above: number } {
  const cap = orderCap(params);
  const bottom = state.cells[0]?.line;
  const first = state.windowLine;
  if (cap === null || bottom === undefined || first === null) return { below: 0, above: Number.POSITIVE_INFINITY };
  const slack = slackOf(cap);
  const below = first <= bottom ? 0 : (state.cells[first - bottom + slack - 1]?.buyTicks ?? 0);
  const isAtTop = first + cap > (state.cells.at(-1)?.line ?? 0);
  const above = isAtTop ? Number.POSITIVE_INFINITY : (state.cells[first - bottom + cap - slack]?.sellTicks ?? Number.POSITIVE_INFINITY);
  return { below, above };
}

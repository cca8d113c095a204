/**
 * Carries a change of a grid that runs out: the orders that the new grid does not have are withdrawn and their cells rest; when all of
 * them are over, with what they have traded until then, the cells are laid out anew around those that stay.
 */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { keptCells, planChange } from './change.ts';
import type { GivenChange } from './change-params.ts';
import { layoutOf } from './layout.ts';
import { gridLines } from './lines.ts';
import { goOnOpening } from './opening.ts';
import { type Grid, replace } from './orders.ts';
import type { GridParams } from './params.ts';
import { setTrail, stopIfReached, watch } from './range.ts';
import { type Cell, type GridState, newCell } from './state.ts';
import { centreOnPrice } from './window.ts';

const merged = new WeakMap<object, GridParams>();

/** The settings that hold now: those of the run, with what was changed since. */
export function paramsInForce(state: GridState, params: GridParams): GridParams {
  const { changed } = state;
  if (changed == null) return params;
  const known = merged.get(changed);
  if (known !== undefined) return known;
  const inForce = { ...params, ...changed };
  merged.set(changed, inForce);
  return inForce;
}

/** Begins a change, or says why not. */
export function beginChange(grid: Grid, given: GivenChange): void {
  const { context, state } = grid;
  const plan = planChange(grid, given);
  if (!plan.ok) {
    const reason = plan.issues.map(({ field, message }) => `${field} ${message}`).join('; ');
    context.report('strategy_note', `The command change_grid was not carried out: ${reason}.`, { command: 'change_grid', reason });
    return;
  }
  if (plan.layout === null) {
    take(grid, plan.settings);
    context.report('strategy_note', 'The stops of the grid were changed.');
    if (!stopIfReached(grid)) watch(grid);
    return;
  }
  const kept = new Set(keptCells(state.cells, plan.layout).byPlace.values());
  const freed = state.cells.filter((cell) => !kept.has(cell));
  state.change = { settings: plan.settings, size: plan.layout.size, freed: freed.map(({ line }) => line) };
  // A cell that waits places nothing.
  for (const cell of freed) cell.isAwaiting = true;
  context.report('strategy_note', `The grid is being changed: ${kept.size} levels stay, ${freed.length} are laid out anew.`, {
    levels_kept: kept.size,
    levels_changed: freed.length,
  });
}

/** The settings hold from now on, stops included. */
function take({ context, state, params }: Grid, settings: Partial<GridParams>): GridParams {
  state.changed = { ...state.changed, ...settings };
  const { scale } = context;
  for (const [field, ticks] of [
    ['stop_lower_price', 'stopLowerTicks'],
    ['stop_upper_price', 'stopUpperTicks'],
  ] as const) {
    const price = settings[field];
    if (price !== undefined) state[ticks] = price === null ? null : scale.ticks(price, 'nearest');
  }
  return { ...params, ...settings };
}

export function isFreed({ change }: GridState, { line }: Cell): boolean {
  return change?.freed.includes(line) === true;
}

/** After every event while a change is under way: withdraws what is left, and lays the cells out when nothing is. */
export function continueChange(grid: Grid): void {
  const { context, state } = grid;
  if (state.change == null || !context.isTrading || state.phase !== 'trading') return;
  const freed = state.cells.filter((cell) => isFreed(state, cell));
  const live = freed.filter((cell) => cell.buyId !== null || cell.sellId !== null);
  for (const cell of live) for (const id of [cell.buyId, cell.sellId]) if (id !== null) replace(grid, cell, id);
  if (live.length === 0) finishChange(grid, state.change, freed);
}

function finishChange(grid: Grid, change: NonNullable<GridState['change']>, freed: readonly Cell[]): void {
  const { context, state } = grid;
  const params = take(grid, change.settings);
  const { scale, feeAsset, bidTicks, askTicks } = context;
  const input = { params, scale, feeAsset, bidTicks, askTicks };
  const layout = layoutOf(input, gridLines(input), change.size);
  const { offset, byPlace } = keptCells(
    state.cells.filter((cell) => !freed.includes(cell)),
    layout,
  );
  const gotGrains = freed.reduce((sum, cell) => sum + cell.heldGrains, 0);
  const paidAtoms = freed.reduce((sum, cell) => sum + cell.costAtoms, 0);
  state.change = null;
  state.size = change.size;
  state.lineOffset = offset;
  state.cells = layout.cells.map(({ isLoaded, ...shape }, place) => {
    const isAwaiting = isLoaded && shape.lots > 0;
    return byPlace.get(place) ?? { ...newCell({ ...shape, line: place + offset }), isAwaiting };
  });
  const needed = state.cells.reduce((sum, cell) => sum + (cell.isAwaiting ? cell.lots * GRAINS_PER_LOT : 0), 0);
  const surplusGrains = Math.max(0, gotGrains - needed);
  const trade = { orderId: null, hasTraded: true, gotGrains, paidAtoms, failures: 0, retryAt: 0, poolGrains: 0 };
  state.opening = { side: surplusGrains >= GRAINS_PER_LOT ? 'sell' : 'buy', surplusGrains, ...trade };
  state.windowLine = null;
  setTrail({ ...grid, params });
  centreOnPrice({ ...grid, params });
  watch({ ...grid, params });
  const reach = { lower_price: scale.price(state.cells[0]?.buyTicks ?? 0), upper_price: scale.price(state.cells.at(-1)?.sellTicks ?? 0) };
  context.report(
    'strategy_note',
    `The grid was changed: it reaches from ${reach.lower_price} to ${reach.upper_price} with ${state.cells.length + 1} lines.`,
    reach,
  );
  goOnOpening({ ...grid, params });
}

/**
 * Carries a change of a grid that runs out: the orders that the new grid does not have are withdrawn and their cells rest; when all of
 * them are over, with what they have traded until then, the cells are laid out anew around those that stay.
 */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { planChange } from './change.ts';
import type { GivenChange } from './change-params.ts';
import { layoutOf } from './layout.ts';
import { gridLines } from './lines.ts';
import { goOnOpening } from './opening.ts';
import { type Grid, replace } from './orders.ts';
import type { GridParams } from './params.ts';
import { setTrail, stopIfReached, watch } from './range.ts';
import { rebuildFor, standingInput } from './rebuild.ts';
import { type Cell, type GridState, newCell } from './state.ts';
import { centreOnPrice } from './window.ts';

/** Begins a change, or says why not. */
export function beginChange(grid: Grid, given: GivenChange): void {
  const { context, state } = grid;
  const plan = planChange(grid, given);
  if (!plan.ok) {
    const reason = plan.issues.map(({ field, message }) => `${field} ${message}`).join('; ');
    context.report('strategy_note', `The command change_grid was not carried out: ${reason}.`, { command: 'change_grid', reason });
    return;
  }
  context.keepSettings(plan.kept);
  if (plan.layout === null) {
    take(grid, plan.settings);
    context.report('strategy_note', 'The stops of the grid were changed.');
    if (!stopIfReached(grid)) watch(grid);
    return;
  }
  const { freed, kept } = rebuildFor(grid, standingInput(grid, { ...grid.params, ...plan.settings }), plan.layout);
  state.change = { settings: plan.settings, size: plan.layout.size, freed: freed.map(({ line }) => line) };
  // A cell that waits places nothing.
  for (const cell of freed) cell.isAwaiting = true;
  context.report('strategy_note', `The grid is being changed: levels that stay: ${kept.byPlace.size}, laid out anew: ${freed.length}.`, {
    levels_kept: kept.byPlace.size,
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

/** Withdraws the orders of further cells before the change goes on. */
function freeAlso(grid: Grid, change: NonNullable<GridState['change']>, cells: readonly Cell[]): void {
  grid.state.change = { ...change, freed: [...change.freed, ...cells.map(({ line }) => line)] };
  for (const cell of cells) cell.isAwaiting = true;
  continueChange(grid);
}

function finishChange(grid: Grid, change: NonNullable<GridState['change']>, freed: readonly Cell[]): void {
  const { context, state } = grid;
  const { scale } = context;
  const input = standingInput(grid, { ...grid.params, ...change.settings });
  const layout = layoutOf(input, gridLines(input), change.size);
  const movable = state.cells.filter((cell) => !freed.includes(cell));
  const { kept, trade, ...rest } = rebuildFor(grid, input, layout, movable);
  const { gotGrains, paidAtoms, isShort, surplusGrains } = rest;
  // Where the lines follow from the price, one that has moved meanwhile may have no place for a cell that was to stay.
  const late = rest.freed.filter((cell) => !freed.includes(cell) && (cell.buyId !== null || cell.sellId !== null));
  if (late.length > 0) return freeAlso(grid, change, late);
  const params = take(grid, change.settings);
  state.change = null;
  state.size = change.size;
  state.lineOffset = kept.offset;
  state.cells = layout.cells.map(({ isLoaded, ...shape }, place) => {
    const isAwaiting = isLoaded && shape.lots > 0;
    return kept.byPlace.get(place) ?? { ...newCell({ ...shape, line: place + kept.offset }), isAwaiting };
  });
  if (state.pool !== null) state.pool = { grains: 0, costAtoms: 0, isUsedUp: false };
  const taken = { gotGrains, paidAtoms, poolGrains: layout.poolGrains, surplusGrains };
  state.opening = { side: trade.side, isShort, isClosing: surplusGrains >= GRAINS_PER_LOT, ...taken, orderId: null, hasTraded: true, failures: 0, retryAt: 0 };
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

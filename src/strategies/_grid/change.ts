/**
 * What changing a grid that runs would do: which settings it has then, which of its cells stay with their orders and what they hold,
 * which are withdrawn, and what is traded in between. Pure figures; carrying it out stands in the file beside.
 */
import { buyCost, lowestSale, wholeLots } from '#core/executors/amounts.ts';
import { feeOn } from '#core/instrument.ts';
import type { Issue } from '#core/params.ts';
import type { CommandPlan } from '#core/strategy.ts';
import type { GivenChange } from './change-params.ts';
import { gridIssues } from './checks.ts';
import { type LaidCell, type Layout, type LayoutInput, layoutOf } from './layout.ts';
import { gridLines, isInfinite } from './lines.ts';
import type { Grid } from './orders.ts';
import type { GridParams } from './params.ts';
import { planGrid } from './plan.ts';
import { type Cell, orderOn } from './state.ts';

type Settings = Partial<GridParams>;

/** A change that can be carried out. Without a layout it changes stops and limits alone. */
export interface PlannedChange {
  readonly ok: true;
  readonly settings: Settings;
  readonly layout: Layout | null;
  readonly preview: Readonly<Record<string, unknown>>;
}

export type ChangePlan = PlannedChange | { readonly ok: false; readonly issues: readonly Issue[] };

const STRUCTURE = ['lower_price', 'upper_price', 'levels', 'order_size'] as const;
const LIMITS = ['trailing_up_limit', 'trailing_down_limit', 'expand_up_limit', 'expand_down_limit'] as const;
const STOPS = ['stop_lower_price', 'stop_upper_price', 'stop_loss_percent', 'take_profit_percent'] as const;

/** Says what the change would do at the present price. `grid.params` are the settings that hold now. */
export function planChange(grid: Grid, given: GivenChange): ChangePlan {
  try {
    return plan(grid, given);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused('name', `cannot be carried out: it leads to figures too large to be computed exactly (${error.message})`);
  }
}

function plan(grid: Grid, given: GivenChange): ChangePlan {
  const busy = whyBusy(grid);
  if (busy !== null) return refused('name', `cannot be carried out: ${busy}`);
  const settings = settingsOf(given);
  if (Object.keys(settings).length === 0 && !given.use_all_funds) return refused('lower_price', 'or another setting must be given: nothing would change');
  const isStructural = given.use_all_funds || [...STRUCTURE, ...LIMITS].some((field) => given[field] !== null);
  return isStructural ? planStructure(grid, given, settings) : planStops(grid, settings);
}

function whyBusy({ context, state }: Grid): string | null {
  if (state.phase !== 'trading') return 'the grid has not begun, or is at its end';
  if (!context.isTrading) return 'the bot does not trade now';
  if (state.change != null) return 'another change is under way';
  if (state.opening !== null) return 'the trade at start is not done yet';
  return state.moving === null ? null : 'a level is just moving; try again in a moment';
}

/** What is given, with 0 as none. */
function settingsOf(given: GivenChange): Settings {
  const settings: Record<string, unknown> = {};
  for (const field of ['lower_price', 'upper_price', 'levels'] as const) if (given[field] !== null) settings[field] = given[field];
  for (const field of [...STOPS, ...LIMITS]) if (given[field] !== null) settings[field] = Number(given[field]) === 0 ? null : given[field];
  if (given.order_size !== null) settings['order_size'] = given.order_size;
  return settings as Settings;
}

function refused(field: string, message: string): ChangePlan {
  return { ok: false, issues: [{ field, message }] };
}

/** Where the grid stands now, which may be elsewhere than it began. */
function present({ context, state }: Grid): Pick<GridParams, 'lower_price' | 'upper_price' | 'levels'> {
  const { scale } = context;
  return {
    lower_price: scale.price(state.cells[0]?.buyTicks ?? 0),
    upper_price: scale.price(state.cells.at(-1)?.sellTicks ?? 0),
    levels: state.cells.length + 1,
  };
}

function inputOf({ context }: Grid, params: GridParams): LayoutInput {
  const { scale, feeAsset, bidTicks, askTicks } = context;
  return { params, scale, feeAsset, bidTicks, askTicks };
}

/** The settings to be checked and laid out: what only the start needed is left out. */
function settled(grid: Grid, settings: Settings): GridParams {
  const range = isInfinite(grid.params) ? {} : present(grid);
  return { ...grid.params, ...range, ...settings, start_price: null, start_conditions: [] };
}

function planStops(grid: Grid, settings: Settings): ChangePlan {
  // What was there before is not asked again: a grid that has followed the price may stand where it could not begin.
  const issues = gridIssues(inputOf(grid, settled(grid, settings))).filter(({ field }) => field in settings);
  if (issues.length > 0) return { ok: false, issues };
  const orders = ordersOf(grid, grid.state.cells);
  return { ok: true, settings, layout: null, preview: { kept: orders, cancelled: [], placed: [], trade: null } };
}

function planStructure(grid: Grid, given: GivenChange, settings: Settings): ChangePlan {
  const { context, params } = grid;
  const { scale } = context;
  if (scale.isPerpetual || params.direction !== 'long' || isInfinite(params))
    return refused(
      'lower_price',
      'and levels, sizes and limits can be changed while it runs only of a bounded long grid of a spot instrument; stop the bot to change them',
    );
  const { order_size: asked, ...others } = settings;
  const held = grid.state.cells.reduce((sum, cell) => sum + cell.heldGrains, 0);
  const base = { ...settled(grid, others), investment: null, order_size: '1', base_investment: held === 0 ? null : scale.base(held) };
  const input = inputOf(grid, base);
  const issues = gridIssues(input);
  if (issues.length > 0) return { ok: false, issues };
  const funds = fundsOf(grid);
  const most = largestSize(input, held, funds);
  const size = asked == null ? (given.use_all_funds ? most : Math.min(grid.state.size, most)) : sizeOf(input, asked);
  const text = params.sizing === 'base' ? scale.size(size) : scale.quote(size);
  const checked = planGrid({ ...input, params: { ...base, order_size: text === '0' ? '1' : text } });
  if (!checked.ok && size > 0) return checked;
  if (size > most || size <= 0 || !checked.ok) {
    const largest = params.sizing === 'base' ? `${scale.size(most)} ${scale.instrument.base}` : `${scale.quote(most)} ${scale.instrument.quote}`;
    return refused('order_size', `is more than the money of the bot suffices for with these lines; at most ${largest}`);
  }
  const layout = layoutOf(input, gridLines(input), size);
  const { lower_price, upper_price, levels } = base;
  const isSized = asked != null;
  return {
    ok: true,
    settings: { ...others, lower_price, upper_price, levels, ...(isSized ? { order_size: text, investment: null } : {}) },
    layout,
    preview: { ...changes(grid, layout, held), available_quote: scale.quote(funds), ...checked.preview },
  };
}

function sizeOf({ params, scale }: LayoutInput, size: string): number {
  return params.sizing === 'base' ? scale.lots(size, 'down') : scale.atoms(size, 'down');
}

/** Quote that the orders may use: what is free, and what those bind that would be withdrawn or placed again. */
function fundsOf({ context, state, params }: Grid): number {
  const { scale, feeAsset } = context;
  let funds = context.freeQuoteAtoms() - scale.atoms(params.reserve, 'up');
  for (const cell of state.cells) {
    const order = context.order(cell.buyId ?? '');
    if (order !== undefined) funds += buyCost(order.sizeLots - order.filledLots, cell.buyTicks, scale.takerFee, feeAsset);
  }
  return Math.max(0, funds);
}

/** The largest size whose orders, with what must be bought for them, the funds and the sale of what is too much pay for. */
function largestSize(input: LayoutInput, heldGrains: number, funds: number): number {
  const lines = gridLines(input);
  const isAffordable = (size: number): boolean => {
    const layout = layoutOf(input, lines, size);
    return layout.quoteAtoms <= funds + proceedsOf(input, surplusOf(layout, heldGrains));
  };
  let fits = 0;
  let tooLarge = 1;
  while (isAffordable(tooLarge) && tooLarge < Number.MAX_SAFE_INTEGER / 4) tooLarge *= 2;
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (isAffordable(middle)) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

/** Lots held beyond what a layout's loaded cells need. */
function surplusOf(layout: Pick<Layout, 'baseGrains'>, heldGrains: number): number {
  return Math.max(0, wholeLots(heldGrains - layout.baseGrains));
}

function proceedsOf({ scale, bidTicks }: LayoutInput, lots: number): number {
  const value = lots * lowestSale(bidTicks);
  return value - feeOn(value, scale.takerFee);
}

/** The cells that a layout has too, of the same lines and size, each by the place it has there; those that count from another first line are left out. */
export function keptCells(cells: readonly Cell[], layout: Pick<Layout, 'cells'>): { readonly offset: number; readonly byPlace: ReadonlyMap<number, Cell> } {
  const places = new Map(layout.cells.map((cell, place) => [cell.buyTicks, place]));
  const byOffset = new Map<number, Map<number, Cell>>();
  for (const cell of cells) {
    const place = places.get(cell.buyTicks) ?? -1;
    const laid = layout.cells[place];
    if (laid === undefined || laid.sellTicks !== cell.sellTicks || laid.lots !== cell.lots) continue;
    const offset = cell.line - place;
    const kept = byOffset.get(offset) ?? new Map<number, Cell>();
    byOffset.set(offset, kept.set(place, cell));
  }
  let best: readonly [number, ReadonlyMap<number, Cell>] = [0, new Map()];
  for (const each of byOffset) if (each[1].size > best[1].size) best = each;
  return { offset: best[0], byPlace: best[1] };
}

function changes(grid: Grid, layout: Layout, heldGrains: number): Readonly<Record<string, unknown>> {
  const { context, state } = grid;
  const { scale } = context;
  const { byPlace } = keptCells(state.cells, layout);
  const kept = new Set(byPlace.values());
  const fresh = layout.cells.filter((_, place) => !byPlace.has(place));
  const surplus = surplusOf(layout, heldGrains);
  const { opening } = layout;
  const trade =
    opening.lots > 0
      ? { side: 'buy', size: scale.size(opening.lots), at_most_quote: scale.quote(opening.lots * opening.ticks) }
      : { side: 'sell', size: scale.size(surplus), at_least_quote: scale.quote(proceedsOf(inputOf(grid, grid.params), surplus)) };
  return {
    kept: ordersOf(grid, [...kept]),
    cancelled: ordersOf(
      grid,
      state.cells.filter((cell) => !kept.has(cell)),
    ),
    placed: fresh.map((cell) => freshOrder(grid, cell)),
    trade: opening.lots > 0 || surplus > 0 ? trade : null,
  };
}

function freshOrder({ context: { scale } }: Grid, cell: LaidCell): Readonly<Record<string, string>> {
  const side = cell.isLoaded ? 'sell' : 'buy';
  return { side, price: scale.price(cell.isLoaded ? cell.sellTicks : cell.buyTicks), size: scale.size(cell.lots) };
}

function ordersOf({ context }: Grid, cells: readonly Cell[]): readonly Readonly<Record<string, string>>[] {
  const { scale } = context;
  return cells.flatMap((cell) =>
    (['buy', 'sell'] as const).flatMap((side) => {
      const order = context.order(orderOn(cell, side) ?? '');
      return order === undefined ? [] : [{ side, price: scale.price(order.priceTicks), size: scale.size(order.sizeLots - order.filledLots) }];
    }),
  );
}

/** The plan as it is shown, or why there is none. */
export function presentChange(plan: ChangePlan): CommandPlan {
  return plan.ok ? { ok: true, preview: plan.preview } : plan;
}

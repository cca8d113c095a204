/**
 * What changing a grid that runs would do: which settings it has then and keeps, and what becomes of its cells. Pure figures; carrying
 * it out stands in the file beside.
 */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { type DecimalString, decimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import type { CommandPlan } from '#core/strategy.ts';
import type { GivenChange } from './change-params.ts';
import { changedIn, changePreview, ordersOf } from './change-preview.ts';
import { gridIssues } from './checks.ts';
import { type Layout, type LayoutInput, layoutOf, lentGrains } from './layout.ts';
import { gridLines, isInfinite } from './lines.ts';
import type { Grid } from './orders.ts';
import type { GridParams } from './params.ts';
import { layoutIssues, lineIssueOf, planGrid } from './plan.ts';
import { marginAtHand, rebuildFor, standingInput } from './rebuild.ts';

export type Settings = Partial<GridParams>;

/** A change that can be carried out. Without a layout it changes stops and limits alone. */
export interface PlannedChange {
  readonly ok: true;
  /** What holds in the run from then on. */
  readonly settings: Settings;
  /** What the bot keeps for its next runs. */
  readonly kept: Settings;
  readonly layout: Layout | null;
  readonly preview: Readonly<Record<string, unknown>>;
}

export type ChangePlan = PlannedChange | { readonly ok: false; readonly issues: readonly Issue[] };

const RANGE = ['lower_price', 'upper_price', 'levels', 'step_percent'] as const;
const LIMITS = ['trailing_up_limit', 'trailing_down_limit', 'expand_up_limit', 'expand_down_limit'] as const;
const STOPS = ['stop_lower_price', 'stop_upper_price', 'stop_loss_percent', 'take_profit_percent'] as const;
const FUNDS = ['order_size', 'investment', 'base_investment'] as const;

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
  const isStructural = given.use_all_funds || [...RANGE, ...LIMITS, 'order_size' as const].some((field) => given[field] !== null);
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
  for (const field of [...RANGE, 'order_size'] as const) if (given[field] !== null) settings[field] = given[field];
  for (const field of [...STOPS, ...LIMITS]) if (given[field] !== null) settings[field] = Number(given[field]) === 0 ? null : given[field];
  return settings as Settings;
}

function refused(field: string, message: string): ChangePlan {
  return { ok: false, issues: [{ field, message }] };
}

/** The settings as the grid stands now, which may be elsewhere than it began; what only its start needed is left out. */
function standing({ context, state, params }: Grid): GridParams {
  const { scale } = context;
  const stopOf = (ticks: number | null): DecimalString | null => (ticks === null ? null : scale.price(ticks));
  const range = {
    lower_price: scale.price(state.cells[0]?.buyTicks ?? 0),
    upper_price: scale.price(state.cells.at(-1)?.sellTicks ?? 0),
    levels: state.cells.length + 1,
  };
  return withoutReached({
    ...params,
    ...(isInfinite(params) ? {} : range),
    stop_lower_price: stopOf(state.stopLowerTicks),
    stop_upper_price: stopOf(state.stopUpperTicks),
    start_price: null,
    start_conditions: [],
  });
}

/** Without the limits that the grid has come to, or that its stop, which came along, would not let it come to. */
function withoutReached(params: GridParams): GridParams {
  const { lower_price: lower, upper_price: upper, stop_lower_price: stopLower, stop_upper_price: stopUpper } = params;
  const isUpOpen = (limit: DecimalString, stop: DecimalString | null): boolean =>
    (upper === null || isBelow(upper, limit)) && (stop === null || isBelow(limit, stop));
  const isDownOpen = (limit: DecimalString): boolean => isBelow(limit, lower) && (stopLower === null || isBelow(stopLower, limit));
  const { trailing_up_limit: trailUp, expand_up_limit: expandUp, trailing_down_limit: trailDown, expand_down_limit: expandDown } = params;
  return {
    ...params,
    trailing_up_limit: trailUp !== null && isUpOpen(trailUp, null) ? trailUp : null,
    expand_up_limit: expandUp !== null && isUpOpen(expandUp, stopUpper) ? expandUp : null,
    trailing_down_limit: trailDown !== null && isDownOpen(trailDown) ? trailDown : null,
    expand_down_limit: expandDown !== null && isDownOpen(expandDown) ? expandDown : null,
  };
}

function isBelow(a: DecimalString, b: DecimalString): boolean {
  return decimal(a).lt(b);
}

function planStops(grid: Grid, settings: Settings): ChangePlan {
  const wished = { ...standing(grid), ...settings };
  // What was there before is not asked again: a grid that has followed the price may stand where it could not begin.
  const issues = gridIssues(standingInput(grid, wished)).filter(({ field }) => field in settings);
  if (issues.length > 0) return { ok: false, issues };
  const orders = ordersOf(grid, grid.state.cells);
  const kept = keptOf(startable(grid, wished));
  return { ok: true, settings, kept, layout: null, preview: { settings: changedIn(kept, grid.params), kept: orders, cancelled: [], placed: [], trade: null } };
}

/** What of the settings is kept: all that a change may touch. */
function keptOf(params: GridParams): Settings {
  const kept: Record<string, unknown> = { start_price: params.start_price };
  for (const field of [...RANGE, ...LIMITS, ...STOPS, ...FUNDS]) kept[field] = params[field];
  return kept as Settings;
}

/** With what the bot waits for before it begins, unless it would stop there at once. */
function startable({ params: { start_price: start, start_conditions } }: Grid, wished: GridParams): GridParams {
  const { stop_lower_price: lower, stop_upper_price: upper } = wished;
  const isInside = start !== null && (lower === null || isBelow(lower, start)) && (upper === null || isBelow(start, upper));
  return { ...wished, start_price: isInside ? start : null, start_conditions };
}

function planStructure(grid: Grid, given: GivenChange, settings: Settings): ChangePlan {
  const { params, state } = grid;
  const { scale } = grid.context;
  const { order_size: asked, ...others } = settings;
  const wished = { ...standing(grid), ...others };
  const early = gridIssues(standingInput(grid, wished));
  if (early.length > 0) return { ok: false, issues: early };
  const input = standingInput(grid, { ...wished, order_size: '1', investment: null });
  const lines = gridLines(input);
  const lineIssue = lineIssueOf(input, lines);
  if (lineIssue !== null) return { ok: false, issues: [lineIssue] };
  const isAffordable = (each: number): boolean => rebuildFor(grid, input, layoutOf(input, lines, each)).isAffordable;
  const size = asked == null ? (given.use_all_funds ? largest(isAffordable) : largestUpTo(state.size, isAffordable)) : sizeOf(input, asked);
  const text = params.sizing === 'base' ? scale.size(size) : scale.quote(size);
  const layout = layoutOf(input, lines, size);
  const rebuild = rebuildFor(grid, input, layout);
  const issues =
    size > 0 ? layoutIssues(checkable(input, layout, text), lines, layout, scale.isPerpetual ? marginAtHand(grid, rebuild) : layout.quoteAtoms) : [];
  if (issues.length > 0) return { ok: false, issues };
  if (size <= 0 || !rebuild.isAffordable) {
    const most = largest(isAffordable);
    const atMost = params.sizing === 'base' ? `${scale.size(most)} ${scale.instrument.base}` : `${scale.quote(most)} ${scale.instrument.quote}`;
    return refused('order_size', `is more than the money of the bot suffices for with these lines; at most ${atMost}`);
  }
  const isSized = asked != null || params.order_size !== null;
  const kept = keptStructure(grid, isSized ? sized(wished, text) : wished, text, layout);
  if ('issues' in kept) return { ok: false, issues: kept.issues };
  const inForce = { ...others, ...placeOf(wished), ...(isSized ? { order_size: text, investment: null } : {}) };
  return { ok: true, settings: inForce, kept: kept.settings, layout, preview: changePreview(grid, input, layout, rebuild, kept.settings) };
}

function sized(params: GridParams, orderSize: DecimalString): GridParams {
  return { ...params, order_size: orderSize, investment: null };
}

function placeOf(params: GridParams): Settings {
  const place: Record<string, unknown> = {};
  for (const field of [...RANGE, ...LIMITS]) place[field] = params[field];
  return place as Settings;
}

/** As `layoutIssues` wants it: with the size as the user would give it, and without a limit of the coin that was lent at the start. */
function checkable(input: LayoutInput, layout: Layout, orderSize: DecimalString): LayoutInput {
  const base_investment = input.params.direction === 'reverse' ? input.scale.base(layout.baseGrains) : input.params.base_investment;
  return { ...input, params: { ...input.params, order_size: orderSize, base_investment } };
}

/** The settings with which a new start at this price lays the same lines: as they are funded, else by the size and the coin that the grid has come to. */
function keptStructure(
  grid: Grid,
  wished: GridParams,
  orderSize: DecimalString,
  layout: Layout,
): { readonly settings: Settings } | { readonly issues: readonly Issue[] } {
  const { scale, feeAsset, bidTicks, askTicks } = grid.context;
  const grown = sized(wished, orderSize);
  const grains = Math.max(lentGrains(wished, scale), Math.ceil((layout.baseGrains * (1 + SPARE_SHARE)) / GRAINS_PER_LOT) * GRAINS_PER_LOT);
  const candidates = [wished, wished.direction === 'reverse' ? { ...grown, base_investment: scale.base(grains) } : grown];
  let issues: readonly Issue[] = [];
  for (const candidate of candidates) {
    for (const params of [startable(grid, candidate), { ...candidate, start_conditions: grid.params.start_conditions }]) {
      const checked = planGrid({ params, scale, feeAsset, bidTicks, askTicks });
      if (checked.ok) return { settings: keptOf(params) };
      issues = checked.issues;
    }
  }
  return { issues };
}

/** Coin kept for a reverse grid beyond its need: what it sells at the start depends on the price of then. */
const SPARE_SHARE = 0.02;

function sizeOf({ params, scale }: LayoutInput, size: string): number {
  return params.sizing === 'base' ? scale.lots(size, 'down') : scale.atoms(size, 'down');
}

/** The largest size that the money suffices for. */
function largest(isAffordable: (size: number) => boolean): number {
  let most = 1;
  while (most < MOST_SIZE && isAffordable(most)) most *= 2;
  return largestUpTo(most, isAffordable);
}

function largestUpTo(most: number, isAffordable: (size: number) => boolean): number {
  if (isAffordable(most)) return most;
  let fits = 0;
  let tooLarge = most;
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (isAffordable(middle)) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

const MOST_SIZE = Number.MAX_SAFE_INTEGER / 4;

/** The plan as it is shown, or why there is none. */
export function presentChange(plan: ChangePlan): CommandPlan {
  return plan.ok ? { ok: true, preview: plan.preview } : plan;
}

/**
 * What must be right before a grid places anything, and what it will then need and bring. Every refusal names the
 * setting at fault and the remedy; amounts in the preview are plain decimals for people.
 */

import { receivedGrains, wholeLots } from '#core/executors/amounts.ts';
import { MAX_ATOMS } from '#core/instrument.ts';
import type { Issue } from '#core/params.ts';
import type { Plan } from '#core/strategy.ts';
import { liquidationsAfter } from '../_perpetuals.ts';
import { gridIssues } from './checks.ts';
import { type CellShape, completedTrade, entriesOf, type Layout, type LayoutInput, layoutOf, lentGrains, reach, sizedLayout } from './layout.ts';
import { type GridLines, gridLines, isInfinite } from './lines.ts';
import type { GridParams } from './params.ts';
import { breakEvenPercent, gridPreview, percentOf } from './preview.ts';
import { MAX_LINES } from './range-params.ts';
import { openingTicksOf } from './state.ts';

/** Quote asked for beyond the computed need where the order size is given: the price may move before the start. */
const RESERVE_SHARE = 0.02;

/** The market the plan is made for: the start price where one is set, the present quote otherwise. */
function planMarket(input: LayoutInput): LayoutInput {
  const { params, scale } = input;
  if (params.start_price === null) return input;
  const ticks = scale.ticks(params.start_price, 'nearest');
  return { ...input, bidTicks: ticks, askTicks: ticks };
}

/** Checks the settings against each other, the market and the venue's rules, and computes what the grid needs and brings. */
export function planGrid(present: LayoutInput): Plan {
  const input = planMarket(present);
  const { params, scale } = input;
  const early = gridIssues(present);
  if (early.length > 0) return { ok: false, issues: early };
  const lines = gridLines(input);
  const lineIssue = tooManyLines(lines) ?? checkLines(input, lines);
  if (lineIssue !== null) return { ok: false, issues: [lineIssue] };
  const layout = sizedLayout(input, lines);
  const quoteAtoms = budgetOf(input, layout);
  const issues = [...sizeIssues(input, lines, layout), ...profitIssues(input, layout), ...liquidationIssues(input, lines, layout, quoteAtoms)];
  if (issues.length > 0) return { ok: false, issues };
  const preview = gridPreview(input, layout, quoteAtoms);
  if (scale.isPerpetual) return { ok: true, quoteAtoms, baseGrains: 0, leverage: params.leverage, marginMode: params.margin_mode, preview };
  // What a reverse grid sells at start depends on the price of then.
  const spare = params.direction === 'reverse' ? Math.ceil(layout.baseGrains * RESERVE_SHARE) : 0;
  const baseGrains = Math.min(lentGrains(params, scale), layout.baseGrains + spare);
  return { ok: true, quoteAtoms, baseGrains, preview };
}

/** Quote the run is given, in atoms. */
function budgetOf({ params, scale }: LayoutInput, { quoteAtoms }: Layout): number {
  if (params.investment !== null) return scale.atoms(params.investment, 'down');
  return quoteAtoms + Math.ceil(quoteAtoms * RESERVE_SHARE) + scale.atoms(params.reserve, 'up');
}

function tooManyLines({ own, above, below }: GridLines): Issue | null {
  const message = (what: string) => `makes more than ${MAX_LINES} price lines; use ${what}`;
  if (own.length > MAX_LINES) return { field: 'step_percent', message: message('a larger step or a higher lower_price') };
  if (own.length + above.length + below.length <= MAX_LINES) return null;
  return { field: above.length > below.length ? 'expand_up_limit' : 'expand_down_limit', message: message('a nearer limit or fewer levels') };
}

function isAscending(ticks: readonly number[]): boolean {
  return ticks.every((each, index) => index === 0 || each > (ticks[index - 1] ?? 0));
}

/** Two lines on one tick would trade against each other. */
function checkLines(input: LayoutInput, { own, above, below }: GridLines): Issue | null {
  const { params, scale } = input;
  if (isAscending([...below.toReversed(), ...own, ...above])) return null;
  const { priceIncrement } = scale.instrument;
  const because = `fall on the same price, because the price increment is ${priceIncrement}`;
  if (isInfinite(params)) return { field: 'step_percent', message: `${params.step_percent} %: price lines ${because}; use a larger step` };
  const fits = fewerLevels(params, (fewer) => isAscending(gridLines({ ...input, params: fewer }).own));
  return {
    field: 'levels',
    message: `${params.levels} price lines between ${params.lower_price} and ${params.upper_price} ${because}; use at most ${fits} levels or widen the range`,
  };
}

/** The largest number of levels below the given one that passes a check which fewer levels make easier; 2 when none does. */
function fewerLevels(params: GridParams, passes: (params: GridParams) => boolean): number {
  let fits = 2;
  let fails = params.levels ?? 2;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (passes({ ...params, levels: middle })) fits = middle;
    else fails = middle;
  }
  return fits;
}

/** The smallest size of a cell whose purchase and whose sale after the fee the venue takes. */
function leastLots(buyTicks: number, sellTicks: number, input: LayoutInput): number {
  const { scale, feeAsset } = input;
  const leastSale = Math.max(scale.minLots, Math.ceil(scale.minAtoms / sellTicks));
  let lots = Math.max(scale.minLots, Math.ceil(scale.minAtoms / buyTicks), leastSale);
  for (;;) {
    const missing = leastSale - wholeLots(receivedGrains(lots, scale.takerFee, feeAsset));
    if (missing <= 0) return lots;
    lots += missing;
  }
}

/** The setting that the sizes follow from. */
function sizeField({ params }: LayoutInput): 'order_size' | 'investment' | 'base_investment' {
  if (params.order_size !== null) return 'order_size';
  return params.direction === 'reverse' ? 'base_investment' : 'investment';
}

/** Sizes the venue would refuse: now, or at the end of the trail. */
function sizeIssues(input: LayoutInput, lines: GridLines, layout: Layout): Issue[] {
  const { params, scale } = input;
  const { base } = scale.instrument;
  const field = sizeField(input);
  const failing = tooSmall(input, layout);
  if (failing !== undefined) {
    const least = leastLots(failing.buyTicks, failing.sellTicks, input);
    const isBeyond = failing.line < 0 || failing.line >= lines.own.length - 1;
    const where = isBeyond ? 'where the trail ends' : `at the line ${scale.price(openingTicksOf(failing))}`;
    const message = `gives orders of ${scale.size(failing.lots)} ${base} ${where}; the venue takes no less than ${scale.size(least)} there, fee included: ${sizeRemedy(input, lines)}`;
    return [{ field, message }];
  }
  if (params.direction === 'reverse' && layout.baseGrains > lentGrains(params, scale))
    return [{ field, message: `needs ${scale.base(layout.baseGrains)} ${base}, more than base_investment ${params.base_investment}; use less, or lend more` }];
  const tooLarge = layout.cells.find((cell) => cell.lots > scale.maxLots || cell.lots * cell.sellTicks > MAX_ATOMS);
  if (tooLarge !== undefined)
    return [
      {
        field,
        message: `gives orders of ${scale.size(tooLarge.lots)} ${base}, more than the venue takes (${scale.size(scale.maxLots)}) or than can be computed exactly; use less or more levels`,
      },
    ];
  if (layout.quoteAtoms > MAX_ATOMS || layout.baseGrains > MAX_ATOMS) return [{ field, message: 'makes amounts that cannot be computed exactly; use less' }];
  return [];
}

function sizeRemedy(input: LayoutInput, lines: GridLines): string {
  const { params, scale } = input;
  const { base, quote } = scale.instrument;
  const needed = neededLayout(input, lines);
  switch (sizeField(input)) {
    case 'investment':
      return `invest at least ${scale.quote(needed.quoteAtoms + scale.atoms(params.reserve, 'up'))} ${quote} or use fewer levels`;
    case 'base_investment':
      return `lend at least ${scale.base(needed.baseGrains)} ${base} or use fewer levels`;
    case 'order_size':
      return `use at least ${params.sizing === 'base' ? scale.size(needed.size) : scale.quote(needed.size)} ${params.sizing === 'base' ? base : quote}`;
  }
}

/** What every cell becomes at the far ends of the trail: with the quote it had, or with what it has opened. */
function trailedCells({ params, scale }: LayoutInput, { cells }: Layout): CellShape[] {
  const moved: CellShape[] = [];
  for (const [price, isUp] of [
    [params.trailing_up_limit, true],
    [params.trailing_down_limit, false],
  ] as const) {
    if (price === null) continue;
    const limit = scale.ticks(price, 'nearest');
    for (const cell of cells) {
      const lots = isUp === cell.isShort ? cell.lots : Math.floor((cell.lots * openingTicksOf(cell)) / limit);
      moved.push({ line: isUp ? cells.length : -1, buyTicks: limit, sellTicks: limit + 1, lots, isShort: cell.isShort });
    }
  }
  return moved;
}

/** The layout of the smallest size under which all cells pass: sizes only grow with it, so halving finds it. */
function neededLayout(input: LayoutInput, lines: GridLines): Layout {
  const isLargeEnough = (size: number) => tooSmall(input, layoutOf(input, lines, size)) === undefined;
  let fails = 0;
  let passes = 1;
  while (!isLargeEnough(passes)) passes *= 2;
  while (passes - fails > 1) {
    const middle = Math.floor((fails + passes) / 2);
    if (isLargeEnough(middle)) passes = middle;
    else fails = middle;
  }
  return layoutOf(input, lines, passes);
}

/** A cell whose orders the venue would refuse: now, when the grid has expanded, or where the trail ends. */
function tooSmall(input: LayoutInput, layout: Layout): CellShape | undefined {
  return [...layout.cells, ...layout.reserved, ...trailedCells(input, layout)].find((cell) => cell.lots < leastLots(cell.buyTicks, cell.sellTicks, input));
}

/** A completed trade must earn more than its fees in every cell, even when opening pays the taker's fee. */
function profitIssues(input: LayoutInput, layout: Layout): Issue[] {
  const { params, scale, feeAsset } = input;
  const earns = (cell: Pick<CellShape, 'buyTicks' | 'sellTicks' | 'lots'>) => completedTrade(cell, scale.takerFee, scale.makerFee, feeAsset).profitAtoms > 0;
  // One that trades nothing is refused for its size.
  const losing = [...layout.cells, ...layout.reserved].find((cell) => cell.lots > 0 && !earns(cell));
  if (losing === undefined) return [];
  const lost = completedTrade(losing, scale.takerFee, scale.makerFee, feeAsset);
  const step = percent(losing.sellTicks - losing.buyTicks, losing.buyTicks);
  const what = `a trade between ${scale.price(losing.buyTicks)} and ${scale.price(losing.sellTicks)} (${step} %) would lose ${percent(-lost.profitAtoms, lost.costAtoms)} % to fees; break-even is a step of ${breakEvenPercent(input)} %`;
  if (isInfinite(params)) return [{ field: 'step_percent', message: `${what}: use a larger step` }];
  const fits = fewerLevels(params, (fewer) => {
    const { own } = gridLines({ ...input, params: fewer });
    return own.slice(0, -1).every((buyTicks, line) => earns({ buyTicks, sellTicks: own[line + 1] ?? 0, lots: losing.lots }));
  });
  return [{ field: 'levels', message: `${what}: use at most ${fits} levels or widen the range` }];
}

/** The exchange must not close the position before the grid has opened all of it, has reached its end, or its stop. */
function liquidationIssues(input: LayoutInput, lines: GridLines, layout: Layout, quoteAtoms: number): Issue[] {
  const { params, scale } = input;
  if (!scale.isPerpetual) return [];
  const { lowest, highest } = reach(input, lines, layout);
  const stopOr = (price: string | null, end: number) => (price === null ? end : scale.ticks(price, 'nearest'));
  for (const isShort of [false, true]) {
    const entries = entriesOf(layout, isShort);
    const end = isShort ? Math.max(highest, stopOr(params.stop_upper_price, highest)) : Math.min(lowest, stopOr(params.stop_lower_price, lowest));
    const prices = liquidationsAfter(entries, isShort, params, scale, quoteAtoms);
    const early = prices.findIndex((ticks, index) => {
      const next = entries[index + 1]?.ticks ?? end;
      return ticks !== null && (isShort ? ticks <= next : ticks >= next);
    });
    if (early < 0) continue;
    const next = entries[early + 1]?.ticks ?? end;
    return [
      {
        field: 'leverage',
        message: `${params.leverage}: the exchange would close the ${isShort ? 'short' : 'long'} position at about ${scale.price(prices[early] ?? 0)}, before the price reaches ${scale.price(next)}; use less leverage, ${params.margin_mode === 'isolated' ? 'margin_mode cross, ' : ''}or a narrower range`,
      },
    ];
  }
  return [];
}

function percent(part: number, whole: number): string {
  return percentOf(part / whole);
}

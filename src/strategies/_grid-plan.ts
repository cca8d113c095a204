/**
 * What must be right before a grid places anything, and what it will then need and bring. Every refusal names the
 * setting at fault and the remedy; amounts in the preview are plain decimals for people.
 */

import { MAX_ATOMS, type Scale } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import type { Plan } from '#core/strategy.ts';
import { receivedGrains, wholeLots } from './_amounts.ts';
import { type CellShape, completedTrade, gridLines, type Layout, type LayoutInput, layoutOf, lentGrains, sizedLayout } from './_grid-layout.ts';
import type { GridParams } from './_grid-params.ts';

/** Quote asked for beyond the computed need where the order size is given: the price may move before the start. */
const RESERVE_SHARE = 0.02;

const PRICE_FIELDS = ['lower_price', 'upper_price', 'start_price', 'stop_lower_price', 'stop_upper_price', 'trailing_up_limit', 'trailing_down_limit'] as const;

/** The market the plan is made for: the start price where one is set, the present quote otherwise. */
export function planMarket(input: LayoutInput): LayoutInput {
  const { params, scale } = input;
  if (params.start_price === null) return input;
  const ticks = scale.ticks(params.start_price, 'nearest');
  return { ...input, bidTicks: ticks, askTicks: ticks };
}

/** Checks the settings against each other, the market and the venue's rules, and computes what the grid needs and brings. */
export function planGrid(present: LayoutInput): Plan {
  const input = planMarket(present);
  const { params, scale } = input;
  const early = [...priceIssues(params, scale), ...orderIssues(params, present)];
  if (early.length > 0) return { ok: false, issues: early };
  const lines = gridLines(params, scale);
  const lineIssue = checkLines(params, scale, lines);
  if (lineIssue !== null) return { ok: false, issues: [lineIssue] };
  const layout = sizedLayout(input, lines);
  const issues = [...sizeIssues(input, lines, layout), ...profitIssues(input, layout)];
  if (issues.length > 0) return { ok: false, issues };
  const needed = layout.quoteAtoms;
  const quoteAtoms = params.investment === null ? needed + Math.ceil(needed * RESERVE_SHARE) : scale.atoms(params.investment, 'down');
  const baseGrains = Math.min(lentGrains(params, scale), layout.baseGrains);
  return { ok: true, quoteAtoms, baseGrains, preview: preview(input, layout) };
}

/** Prices must be whole increments and inside what the venue takes. */
function priceIssues(params: GridParams, scale: Scale): Issue[] {
  const issues: Issue[] = [];
  const { priceIncrement } = scale.instrument;
  for (const field of PRICE_FIELDS) {
    const price = params[field];
    if (price === null) continue;
    if (!scale.isPriceAligned(price)) {
      const down = decimal(price).div(priceIncrement).floor().times(priceIncrement);
      issues.push({
        field,
        message: `must be a multiple of the price increment ${priceIncrement}; next to ${price} are ${plain(down)} and ${plain(down.plus(priceIncrement))}`,
      });
      continue;
    }
    const ticks = scale.ticks(price, 'nearest');
    if (ticks < scale.minTicks || ticks > scale.maxTicks)
      issues.push({
        field,
        message: `must be between ${scale.price(scale.minTicks)} and ${scale.price(scale.maxTicks)}, the prices the venue takes; got ${price}`,
      });
  }
  return issues;
}

/** Settings that contradict each other or the market. */
function orderIssues(params: GridParams, input: LayoutInput): Issue[] {
  const { scale, bidTicks, askTicks } = input;
  const issues: Issue[] = [];
  const isBelow = (a: DecimalString, b: DecimalString) => decimal(a).lt(b);
  const add = (field: keyof GridParams, message: string) => issues.push({ field, message });
  if (!isBelow(params.lower_price, params.upper_price)) add('upper_price', `must be above lower_price ${params.lower_price}, got ${params.upper_price}`);
  if (params.investment === null && params.order_size === null) add('investment', 'is required unless order_size is given');
  if (params.investment !== null && params.order_size !== null) add('order_size', 'cannot be given together with investment; leave one of them out');
  if (bidTicks <= 0 || askTicks <= 0) add('start_price', 'cannot be planned: no market price is known; try again when the market answers');
  const { stop_lower_price: stopLower, stop_upper_price: stopUpper } = params;
  const market = params.start_price ?? scale.price(bidTicks);
  if (stopLower !== null && !isBelow(stopLower, params.lower_price))
    add('stop_lower_price', `must be below lower_price ${params.lower_price}, got ${stopLower}`);
  else if (stopLower !== null && !isBelow(stopLower, market))
    add('stop_lower_price', `must be below the price at start, ${market}, or the bot would stop at once; got ${stopLower}`);
  if (stopUpper !== null && !isBelow(params.upper_price, stopUpper))
    add('stop_upper_price', `must be above upper_price ${params.upper_price}, got ${stopUpper}`);
  else if (stopUpper !== null && !isBelow(params.start_price ?? scale.price(askTicks), stopUpper))
    add('stop_upper_price', `must be above the price at start, ${market}, or the bot would stop at once; got ${stopUpper}`);
  const { trailing_up_limit: up, trailing_down_limit: down } = params;
  if (up !== null && !isBelow(params.upper_price, up)) add('trailing_up_limit', `must be above upper_price ${params.upper_price}, got ${up}`);
  if (down !== null && !isBelow(down, params.lower_price)) add('trailing_down_limit', `must be below lower_price ${params.lower_price}, got ${down}`);
  if (down !== null && stopLower !== null && !isBelow(stopLower, down))
    add('stop_lower_price', `must be below trailing_down_limit ${down}, or the grid could never trail there; got ${stopLower}`);
  return issues;
}

/** Two lines on one tick would trade against each other. */
function checkLines(params: GridParams, scale: Scale, lines: readonly number[]): Issue | null {
  const isDistinct = lines.every((ticks, index) => index === 0 || ticks > (lines[index - 1] ?? 0));
  if (isDistinct) return null;
  const { priceIncrement } = scale.instrument;
  const fits = fewerLevels(params, (fewer) => gridLines(fewer, scale).every((ticks, index, all) => index === 0 || ticks > (all[index - 1] ?? 0)));
  return {
    field: 'levels',
    message: `${params.levels} price lines between ${params.lower_price} and ${params.upper_price} fall on the same price, because the price increment is ${priceIncrement}; use at most ${fits} levels or widen the range`,
  };
}

/** The largest number of levels below the given one that passes a check which fewer levels make easier; 2 when none does. */
function fewerLevels(params: GridParams, passes: (params: GridParams) => boolean): number {
  let fits = 2;
  let fails = params.levels;
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

/** Sizes the venue would refuse: now, or at the end of the trail. */
function sizeIssues(input: LayoutInput, lines: readonly number[], layout: Layout): Issue[] {
  const { params, scale } = input;
  const { base, quote } = scale.instrument;
  const field = params.investment === null ? 'order_size' : 'investment';
  const failing = tooSmall(input, layout);
  if (failing !== undefined) {
    const least = leastLots(failing.buyTicks, failing.sellTicks, input);
    const needed = neededSize(input, lines);
    const where = failing.line < 0 || failing.line >= params.levels - 1 ? 'where the trail ends' : `at the line ${scale.price(failing.buyTicks)}`;
    const size = params.sizing === 'base' ? scale.size(needed.size) : scale.quote(needed.size);
    const remedy =
      field === 'investment'
        ? `invest at least ${scale.quote(needed.quoteAtoms)} ${quote} or use fewer levels`
        : `use at least ${size} ${params.sizing === 'base' ? base : quote}`;
    return [
      {
        field,
        message: `gives orders of ${scale.size(failing.lots)} ${base} ${where}; the venue takes no less than ${scale.size(least)} there, fee included: ${remedy}`,
      },
    ];
  }
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

/** What every cell becomes at the far ends of the trail: up with the quote it had, down with the base it held. */
function trailedCells(input: LayoutInput, layout: Layout): CellShape[] {
  const { params, scale } = input;
  const moved: CellShape[] = [];
  const span = params.levels - 1;
  if (params.trailing_up_limit !== null) {
    const limit = scale.ticks(params.trailing_up_limit, 'nearest');
    for (const cell of layout.cells) moved.push({ line: span, buyTicks: limit, sellTicks: limit + 1, lots: Math.floor((cell.lots * cell.buyTicks) / limit) });
  }
  if (params.trailing_down_limit !== null) {
    const limit = scale.ticks(params.trailing_down_limit, 'nearest');
    for (const cell of layout.cells) moved.push({ line: -1, buyTicks: limit, sellTicks: limit + 1, lots: cell.lots });
  }
  return moved;
}

/** The smallest size setting under which all cells pass, and the quote it needs: sizes only grow with it, so halving finds it. */
function neededSize(input: LayoutInput, lines: readonly number[]): { readonly size: number; readonly quoteAtoms: number } {
  let fails = 0;
  let passes = 1;
  while (!isLargeEnough(input, layoutOf(input, lines, passes))) passes *= 2;
  while (passes - fails > 1) {
    const middle = Math.floor((fails + passes) / 2);
    if (isLargeEnough(input, layoutOf(input, lines, middle))) passes = middle;
    else fails = middle;
  }
  return { size: passes, quoteAtoms: layoutOf(input, lines, passes).quoteAtoms };
}

function isLargeEnough(input: LayoutInput, layout: Layout): boolean {
  return tooSmall(input, layout) === undefined;
}

/** A cell whose orders the venue would refuse, now or where the trail ends. */
function tooSmall(input: LayoutInput, layout: Layout): CellShape | undefined {
  return [...layout.cells, ...trailedCells(input, layout)].find((cell) => cell.lots < leastLots(cell.buyTicks, cell.sellTicks, input));
}

/** A completed trade must earn more than its fees in every cell, even when the purchase pays the taker's fee. */
function profitIssues(input: LayoutInput, layout: Layout): Issue[] {
  const { params, scale, feeAsset } = input;
  const earns = (cell: CellShape) => completedTrade(cell, scale.takerFee, scale.makerFee, feeAsset).profitAtoms > 0;
  const losing = layout.cells.find((cell) => !earns(cell));
  if (losing === undefined) return [];
  const fits = fewerLevels(params, (fewer) => {
    const lines = gridLines(fewer, scale);
    return lines.slice(0, -1).every((buyTicks, line) => earns({ line, buyTicks, sellTicks: lines[line + 1] ?? 0, lots: losing.lots }));
  });
  const lost = completedTrade(losing, scale.takerFee, scale.makerFee, feeAsset);
  const step = percent(losing.sellTicks - losing.buyTicks, losing.buyTicks);
  return [
    {
      field: 'levels',
      message: `a trade between ${scale.price(losing.buyTicks)} and ${scale.price(losing.sellTicks)} (${step} %) would lose ${percent(-lost.profitAtoms, lost.costAtoms)} % to fees; break-even is a step of ${breakEvenPercent(input)} %: use at most ${fits} levels or widen the range`,
    },
  ];
}

/** The rise from line to line at which fees eat the whole profit, in per cent. */
export function breakEvenPercent(input: LayoutInput): DecimalString {
  const { instrument } = input.scale;
  const maker = decimal(instrument.makerFeeRate);
  // In the received coin: (1 - f)(1 - f) S = B; in quote or a third coin: (1 - f) S = (1 + f) B.
  const buy = input.feeAsset === 'received' ? decimal('1').div(decimal('1').minus(maker)) : decimal('1').plus(maker);
  return plain(buy.div(decimal('1').minus(maker)).minus(1).times(100).toDecimalPlaces(4));
}

function preview(input: LayoutInput, layout: Layout): Readonly<Record<string, unknown>> {
  const { params, scale, feeAsset } = input;
  const { base, quote, makerFeeRate, takerFeeRate } = scale.instrument;
  const trades = layout.cells.map((cell) => ({ cell, ...completedTrade(cell, scale.makerFee, scale.makerFee, feeAsset) }));
  const profits = trades.map((trade) => trade.profitAtoms);
  const shares = trades.map((trade) => trade.profitAtoms / trade.costAtoms);
  const market = Math.floor((input.bidTicks + input.askTicks) / 2);
  return {
    base,
    quote,
    price: scale.price(market),
    levels: params.levels,
    cells: layout.cells.length,
    spacing: params.spacing,
    step_percent: {
      min: percentOf(Math.min(...trades.map(({ cell }) => cell.sellTicks / cell.buyTicks - 1))),
      max: percentOf(Math.max(...trades.map(({ cell }) => cell.sellTicks / cell.buyTicks - 1))),
    },
    profit_per_grid: {
      currency: params.profit_currency === 'base' ? base : quote,
      min_quote: scale.quote(Math.min(...profits)),
      max_quote: scale.quote(Math.max(...profits)),
      min_percent: percentOf(Math.min(...shares)),
      max_percent: percentOf(Math.max(...shares)),
    },
    break_even_percent: breakEvenPercent(input),
    fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    needed_quote: scale.quote(layout.quoteAtoms),
    needed_base: scale.base(Math.min(lentGrains(params, scale), layout.baseGrains)),
    opening_purchase: { size: scale.size(layout.openingLots), at_most_quote: scale.quote(layout.openingLots * layout.openingTicks) },
    starts_at: params.start_price,
    // Levels from the lowest up; a loaded cell begins with its sale, the others with their purchase.
    orders: trades.map(({ cell, profitAtoms }, index) => ({
      side: index < layout.firstLoaded ? 'buy' : 'sell',
      price: scale.price(index < layout.firstLoaded ? cell.buyTicks : cell.sellTicks),
      buy_price: scale.price(cell.buyTicks),
      sell_price: scale.price(cell.sellTicks),
      size: scale.size(cell.lots),
      value: scale.quote(cell.lots * cell.buyTicks),
      profit_quote: scale.quote(profitAtoms),
    })),
  };
}

function percent(part: number, whole: number): DecimalString {
  return percentOf(part / whole);
}

function percentOf(share: number): DecimalString {
  return (share * 100).toFixed(4).replace(/\.?0+$/, '');
}

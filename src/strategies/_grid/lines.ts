/** Where the lines of a grid stand: equal steps in price or in per cent, with or without an upper end, and beyond its ends. */
import type { Scale } from '#core/instrument.ts';
import { Decimal, decimal } from '#core/money.ts';
import type { GridParams } from './params.ts';
import { MAX_LINES } from './range-params.ts';

/** Orders an infinite grid has at the exchange where its user names no number. */
const INFINITE_ORDERS = 100;

export function isInfinite(params: GridParams): boolean {
  return params.range === 'infinite';
}

/** Most orders at the exchange at once; `null` without a limit. */
export function orderCap(params: GridParams): number | null {
  return params.active_orders ?? (isInfinite(params) ? INFINITE_ORDERS : null);
}

/** Lines an infinite grid keeps laid out above the price: so many, and no further than so many times the price. */
const MOST_HEADROOM = 30;
const HEADROOM_RATIO = 3;

export function headroom({ step_percent: step }: GridParams): number {
  return Math.min(MOST_HEADROOM, Math.max(2, Math.ceil(Math.log(HEADROOM_RATIO) / Math.log1p(Number(step) / 100))));
}

/** Prices of lines in whole ticks, to the nearest: line 0 is the lower price, line `levels - 1` the upper one, others lie beyond at the same spacing; 0 for one at or below nothing. */
export function lineTicks(params: GridParams, scale: Scale): (line: number) => number {
  const lower = decimal(params.lower_price);
  if (isInfinite(params)) {
    const ratio = decimal(params.step_percent ?? '1')
      .div(100)
      .plus(1);
    return (line) => scale.ticks(lower.times(ratio.pow(line)), 'nearest');
  }
  const upper = decimal(params.upper_price ?? params.lower_price);
  const count = (params.levels ?? 2) - 1;
  const ratio = upper.div(lower);
  const step = params.spacing === 'arithmetic' ? upper.minus(lower) : ratio.pow(new Decimal(1).div(count));
  const priceOf = (line: number) => (params.spacing === 'arithmetic' ? lower.plus(step.times(line).div(count)) : lower.times(step.pow(line)));
  return (line) => {
    const price = line === count ? upper : priceOf(line);
    return price.isPositive() ? scale.ticks(price, 'nearest') : 0;
  };
}

/** What the lines follow from; the price matters where there is no upper end. */
interface LinesInput {
  readonly params: GridParams;
  readonly scale: Scale;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** Where the lines of a grid stand, in ticks. */
export interface GridLines {
  /** Ascending; of an infinite grid those below the price and some above it. */
  readonly own: readonly number[];
  /** Those it may get as it expands, each further from its own than the one before. */
  readonly above: readonly number[];
  readonly below: readonly number[];
}

export function gridLines({ params, scale, bidTicks, askTicks }: LinesInput): GridLines {
  const ticksOf = lineTicks(params, scale);
  const count = isInfinite(params) ? infiniteCount(params, scale, (bidTicks + askTicks) / 2) : (params.levels ?? 2);
  const { expand_up_limit: up = null, expand_down_limit: down = null } = params;
  const highest = up === null ? 0 : scale.ticks(up, 'nearest');
  const lowest = down === null ? Number.POSITIVE_INFINITY : Math.max(scale.minTicks, scale.ticks(down, 'nearest'));
  const above: number[] = [];
  const below: number[] = [];
  for (let line = count; above.length < MAX_LINES && ticksOf(line) <= highest; line += 1) above.push(ticksOf(line));
  for (let line = -1; below.length < MAX_LINES && ticksOf(line) >= lowest; line -= 1) below.push(ticksOf(line));
  return { own: Array.from({ length: count }, (_, line) => ticksOf(line)), above, below };
}

/** Lines of an infinite grid up to the price, and its headroom. */
function infiniteCount(params: GridParams, scale: Scale, priceTicks: number): number {
  const lower = scale.ticks(params.lower_price, 'nearest');
  const below = Math.log(priceTicks / lower) / Math.log1p(Number(params.step_percent) / 100);
  return Math.min(MAX_LINES, Math.max(0, Math.floor(below))) + headroom(params) + 1;
}

/** The line next to the price, the lower one at equal distance: it stays without an order. */
export function waitingLine(lines: readonly number[], bidTicks: number, askTicks: number): number {
  const twice = bidTicks + askTicks;
  let nearest = 0;
  for (let index = 1; index < lines.length; index += 1)
    if (Math.abs(2 * (lines[index] ?? 0) - twice) < Math.abs(2 * (lines[nearest] ?? 0) - twice)) nearest = index;
  return nearest;
}

/** Lines next beyond the grid in ticks, where it may trail or expand to them; otherwise `null`. */
export function nextLines(params: GridParams, scale: Scale, bottomLine: number, topLine: number): { readonly up: number | null; readonly down: number | null } {
  const highest = params.trailing_up_limit ?? params.expand_up_limit ?? null;
  const lowest = params.trailing_down_limit ?? params.expand_down_limit ?? null;
  if (highest === null && lowest === null) return { up: null, down: null };
  const ticksOf = lineTicks(params, scale);
  const up = ticksOf(topLine + 1);
  const down = ticksOf(bottomLine - 1);
  return {
    up: highest !== null && up <= scale.ticks(highest, 'nearest') ? up : null,
    down: lowest !== null && down >= scale.ticks(lowest, 'nearest') && down >= scale.minTicks ? down : null,
  };
}

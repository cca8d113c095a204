/** Settings of a grid that are wrong by themselves, contradict each other, the market or the kind of instrument. */
import { conditionIssues } from '#core/indicator-conditions.ts';
import type { Scale } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import { leverageIssues } from '../_perpetuals.ts';
import type { LayoutInput } from './layout.ts';
import type { GridParams } from './params.ts';

const LIMIT_FIELDS = ['trailing_up_limit', 'trailing_down_limit', 'expand_up_limit', 'expand_down_limit'] as const;
const PRICE_FIELDS = ['lower_price', 'upper_price', 'start_price', 'stop_lower_price', 'stop_upper_price', ...LIMIT_FIELDS] as const;

type Add = (field: keyof GridParams, message: string) => void;

/** Every setting at fault, with the remedy. */
export function gridIssues(input: LayoutInput): Issue[] {
  const { params, scale } = input;
  const issues: Issue[] = [];
  const add: Add = (field, message) => issues.push({ field, message });
  priceIssues(params, scale, add);
  rangeIssues(params, add);
  directionIssues(params, scale, add);
  fundsIssues(params, add);
  startIssues(input, add);
  stopIssues(input, add);
  limitIssues(params, add);
  return [...issues, ...conditionIssues('start_conditions', params.start_conditions), ...leverageIssues(params, scale)];
}

/** Prices must be whole increments and inside what the venue takes. */
function priceIssues(params: GridParams, scale: Scale, add: Add): void {
  const { priceIncrement } = scale.instrument;
  for (const field of PRICE_FIELDS) {
    const price = params[field];
    if (price === null) continue;
    if (!scale.isPriceAligned(price)) {
      const down = decimal(price).div(priceIncrement).floor().times(priceIncrement);
      add(field, `must be a multiple of the price increment ${priceIncrement}; next to ${price} are ${plain(down)} and ${plain(down.plus(priceIncrement))}`);
      continue;
    }
    const ticks = scale.ticks(price, 'nearest');
    if (ticks < scale.minTicks || ticks > scale.maxTicks)
      add(field, `must be between ${scale.price(scale.minTicks)} and ${scale.price(scale.maxTicks)}, the prices the venue takes; got ${price}`);
  }
}

function rangeIssues(params: GridParams, add: Add): void {
  if (params.range === 'bounded') {
    for (const field of ['upper_price', 'levels'] as const) if (params[field] === null) add(field, 'is required unless range is infinite');
    if (params.step_percent !== null) add('step_percent', 'belongs to range infinite; leave it out, the step follows from levels');
    if (params.upper_price !== null && !isBelow(params.lower_price, params.upper_price))
      add('upper_price', `must be above lower_price ${params.lower_price}, got ${params.upper_price}`);
    return;
  }
  if (params.step_percent === null) add('step_percent', 'is required with range infinite');
  for (const field of ['upper_price', 'levels', ...LIMIT_FIELDS] as const)
    if (params[field] !== null) add(field, 'cannot be given with range infinite, which goes up by itself; leave it out');
  if (params.size_shape !== 'equal') add('size_shape', 'must be equal with range infinite, which has no lower and upper end to grow between');
  if (params.sizing === 'base') add('sizing', 'must be quote with range infinite, which keeps the value of the coin held');
  if (params.direction !== 'long') add('direction', 'must be long with range infinite');
}

function directionIssues(params: GridParams, scale: Scale, add: Add): void {
  const { direction } = params;
  const { symbol } = scale.instrument;
  const base = scale.isPerpetual ? `${symbol} is a perpetual, which is held without the coin` : null;
  if (!scale.isPerpetual && (direction === 'short' || direction === 'neutral'))
    add('direction', `must be long or reverse: ${symbol} is a spot instrument; ${direction} needs a perpetual`);
  if (base !== null) {
    if (direction === 'reverse') add('direction', `must be long, short or neutral: ${base}`);
    if (params.range === 'infinite') add('range', `must be bounded: ${base}`);
    if (params.base_investment !== null) add('base_investment', `cannot be given: ${base}`);
    if (params.profit_currency === 'base') add('profit_currency', `must be quote: ${base}`);
    for (const field of ['stop_lower_action', 'stop_upper_action'] as const) if (params[field] === 'buy_all') add(field, `must be keep or sell_all: ${base}`);
  }
  if (direction === 'neutral')
    for (const field of ['trailing_up_limit', 'trailing_down_limit'] as const)
      if (params[field] !== null) add(field, `cannot be given with direction neutral; use ${field.replace('trailing', 'expand')}`);
}

function fundsIssues(params: GridParams, add: Add): void {
  const { investment, order_size: size, base_investment: base, reserve } = params;
  if (params.direction === 'reverse') {
    if (base === null) add('base_investment', 'is required with direction reverse, which works with the coin alone');
    if (investment !== null) add('investment', 'cannot be given with direction reverse, which works with base_investment');
    if (!decimal(reserve).isZero()) add('reserve', 'must be 0 with direction reverse, which is given no quote');
    return;
  }
  if (investment === null && size === null) add('investment', 'is required unless order_size is given');
  if (investment !== null && size !== null) add('order_size', 'cannot be given together with investment; leave one of them out');
  if (investment !== null && !isBelow(reserve, investment)) add('reserve', `must be below investment ${investment}, which it is a part of; got ${reserve}`);
}

function startIssues({ params, bidTicks, askTicks }: LayoutInput, add: Add): void {
  if (bidTicks <= 0 || askTicks <= 0) add('start_price', 'cannot be planned: no market price is known; try again when the market answers');
  if (params.start_price !== null && params.start_conditions.length > 0)
    add('start_conditions', 'cannot be given together with start_price; leave one of them out');
}

function stopIssues({ params, scale, bidTicks, askTicks }: LayoutInput, add: Add): void {
  const { stop_lower_price: lower, stop_upper_price: upper } = params;
  const market = params.start_price ?? scale.price(bidTicks);
  if (lower !== null && !isBelow(lower, params.lower_price)) add('stop_lower_price', `must be below lower_price ${params.lower_price}, got ${lower}`);
  else if (lower !== null && !isBelow(lower, market))
    add('stop_lower_price', `must be below the price at start, ${market}, or the bot would stop at once; got ${lower}`);
  if (upper !== null && params.upper_price !== null && !isBelow(params.upper_price, upper))
    add('stop_upper_price', `must be above upper_price ${params.upper_price}, got ${upper}`);
  else if (upper !== null && !isBelow(params.start_price ?? scale.price(askTicks), upper))
    add('stop_upper_price', `must be above the price at start, ${market}, or the bot would stop at once; got ${upper}`);
}

/** How far the grid may follow: beyond its range, before its stops, in one way only. */
function limitIssues(params: GridParams, add: Add): void {
  const { stop_lower_price: stopLower, stop_upper_price: stopUpper } = params;
  for (const field of ['trailing_up_limit', 'expand_up_limit'] as const) {
    const limit = params[field];
    if (limit === null || params.upper_price === null) continue;
    if (!isBelow(params.upper_price, limit)) add(field, `must be above upper_price ${params.upper_price}, got ${limit}`);
    if (field === 'expand_up_limit' && stopUpper !== null && !isBelow(limit, stopUpper))
      add('stop_upper_price', `must be above ${field} ${limit}, or the grid could never expand there; got ${stopUpper}`);
  }
  for (const field of ['trailing_down_limit', 'expand_down_limit'] as const) {
    const limit = params[field];
    if (limit === null) continue;
    if (!isBelow(limit, params.lower_price)) add(field, `must be below lower_price ${params.lower_price}, got ${limit}`);
    if (stopLower !== null && !isBelow(stopLower, limit))
      add(
        'stop_lower_price',
        `must be below ${field} ${limit}, or the grid could never ${field.startsWith('trailing') ? 'trail' : 'expand'} there; got ${stopLower}`,
      );
  }
  for (const side of ['up', 'down'] as const)
    if (params[`trailing_${side}_limit`] !== null && params[`expand_${side}_limit`] !== null)
      add(`expand_${side}_limit`, `cannot be given together with trailing_${side}_limit; leave one of them out`);
}

function isBelow(a: DecimalString, b: DecimalString): boolean {
  return decimal(a).lt(b);
}

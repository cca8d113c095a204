/** Whether a signal is followed, and if so with which orders: prices, sizes and barriers of its position. */
import { isTradable } from '#core/executors/amounts.ts';
import { against, inFavour, isAsGood, isShort, openingTicks } from '#core/executors/directions.ts';
import type { PositionIntent } from '#core/executors/position-state.ts';
import { Decimal } from '#core/money.ts';
import { type SignalCall, sharesOf, signalCallIssues } from '#core/signal-call.ts';
import type { Context } from '#core/strategy.ts';
import { afterHours } from './_fields.ts';
import type { FollowParams } from './_follow-params.ts';
import { liquidationsAfter } from './_perpetuals.ts';
import { entryLots } from './_position-size.ts';

/** What becomes of a signal: a position, or why there is none. */
export type Reading = { readonly intent: PositionIntent } | { readonly refusal: string };

const MINUTE_MS = 60_000;

export function readSignal(context: Context, call: SignalCall, params: FollowParams): Reading {
  const refusal = refusalOf(context, call);
  if (refusal !== null) return { refusal };
  const { at } = context;
  // A sender whose clock is ahead makes nothing valid for longer.
  const entryUntil = Math.min(call.issued_at ?? at, at) + (call.valid_minutes ?? params.valid_minutes) * MINUTE_MS;
  if (entryUntil <= at) return { refusal: 'it is not valid any more (issued_at, valid_minutes)' };
  const prices = entryPrices(context, call, params);
  if (prices.length === 0) return { refusal: `the market is more than ${params.max_deviation_percent} % beyond its entries (max_deviation_percent)` };
  const stopTicks = stopOf(context, call, params, prices);
  const missed = missedBarrier(context, call, stopTicks);
  if (missed !== null) return { refusal: missed };
  const lots = sizesOf(context, call, params, prices, stopTicks);
  if (typeof lots === 'string') return { refusal: lots };
  const entries = prices.map((ticks, index) => ({ ticks, lots: lots[index] ?? 0 }));
  const tooSmall = entries.find((entry) => !isTradable(context, entry.lots, entry.ticks || context.bidTicks));
  if (tooSmall !== undefined) return { refusal: `an entry of ${context.scale.size(tooSmall.lots)} is below what the venue takes; use a larger investment` };
  const liquidated = liquidatedFirst(context, call, params, entries, stopTicks);
  if (liquidated !== null) return { refusal: liquidated };
  return { intent: { ...barriersOf(context, call, params), entries, stopTicks, entryUntil } };
}

function barriersOf({ scale, at }: Context, call: SignalCall, params: FollowParams): Omit<PositionIntent, 'entries' | 'stopTicks' | 'entryUntil'> {
  const shares = sharesOf(call.targets);
  const rounding = call.side === 'long' ? 'down' : 'up';
  return {
    direction: call.side,
    isMissedAtTarget: true,
    targets: call.targets.map(({ price }, index) => ({ ticks: scale.ticks(price, rounding), share: shares[index] ?? '0' })),
    trailingPercent: params.trailing_stop_percent,
    breakEvenAfter: params.break_even_after_target,
    endsAt: afterHours(params.max_hours, at),
  };
}

function refusalOf({ scale, canOpen }: Context, call: SignalCall): string | null {
  const { symbol } = scale.instrument;
  if (!canOpen) return 'the bot opens nothing now';
  if (call.symbol !== null && call.symbol !== symbol) return `symbol is ${call.symbol}, and the bot trades ${symbol}`;
  if (call.side === 'short' && !scale.isPerpetual) return `side short needs a perpetual, and ${symbol} is a spot instrument`;
  const issues = signalCallIssues(call);
  return issues.length === 0 ? null : issues.map(({ field, message }) => `${field} ${message}`).join('; ');
}

/** An entry near enough trades at once, at most as far beyond its price as is allowed; others wait at their prices. */
function entryPrices(context: Context, call: SignalCall, params: FollowParams): readonly number[] {
  if (call.entries.length === 0) return [0];
  const direction = { direction: call.side };
  const market = openingTicks(direction, context);
  return call.entries.flatMap(({ price }) => {
    // Never 0, which stands for the market.
    const ticks = Math.max(context.scale.minTicks, context.scale.ticks(price, call.side === 'long' ? 'down' : 'up'));
    const furthest = inFavour(direction, ticks, params.max_deviation_percent);
    if (isAsGood(direction, furthest, market)) return [furthest];
    return params.wait_for_entry ? [ticks] : [];
  });
}

function stopOf({ scale, bidTicks }: Context, call: SignalCall, params: FollowParams, prices: readonly number[]): number {
  const direction = { direction: call.side };
  if (call.stop !== null) return scale.ticks(call.stop, call.side === 'long' ? 'down' : 'up');
  if (params.default_stop_percent === null) return 0;
  const opened = prices.map((ticks) => ticks || bidTicks);
  return against(direction, isShort(direction) ? Math.max(...opened) : Math.min(...opened), params.default_stop_percent);
}

/** The market has been where the signal would have ended. */
function missedBarrier(context: Context, call: SignalCall, stopTicks: number): string | null {
  const direction = { direction: call.side };
  const market = openingTicks(direction, context);
  const first = call.targets[0];
  const price = context.scale.price(market);
  if (stopTicks > 0 && isAsGood(direction, stopTicks, market)) return `the market at ${price} is at its stop ${context.scale.price(stopTicks)} already`;
  if (first !== undefined && isAsGood(direction, market, context.scale.ticks(first.price, 'nearest')))
    return `the market at ${price} is at its first target ${first.price} already`;
  return null;
}

function sizesOf(context: Context, call: SignalCall, params: FollowParams, prices: readonly number[], stopTicks: number): readonly number[] | string {
  const direction = { direction: call.side };
  const free = context.freeQuoteAtoms();
  const atoms = new Decimal(free).times(params.share_percent).div(100).floor().toNumber();
  const leverage = Math.min(call.leverage ?? params.leverage, params.leverage);
  const most = entryLots(prices, atoms, leverage, direction, context);
  if (params.sizing === 'share') return most;
  if (stopTicks === 0) return 'stop is missing: sizing by risk needs it, or default_stop_percent';
  const risked = new Decimal(free).times(params.risk_percent).div(100).div(prices.length);
  return prices.map((ticks, index) => {
    const distance = Math.abs((ticks || openingTicks(direction, context)) - stopTicks);
    return Math.min(most[index] ?? 0, distance === 0 ? 0 : risked.div(distance).floor().toNumber());
  });
}

/** A stop beyond the price at which the exchange would close the position protects nothing. */
function liquidatedFirst(context: Context, call: SignalCall, params: FollowParams, entries: PositionIntent['entries'], stopTicks: number): string | null {
  const { scale } = context;
  if (!scale.isPerpetual || stopTicks === 0) return null;
  const direction = { direction: call.side };
  const opened = entries.map(({ ticks, lots }) => ({ ticks: ticks || openingTicks(direction, context), lots }));
  const ticks = liquidationsAfter(opened, isShort(direction), params, scale, context.freeQuoteAtoms()).at(-1) ?? null;
  if (ticks === null || !isAsGood(direction, ticks, stopTicks)) return null;
  return `the exchange would close the position at about ${scale.price(ticks)}, before its stop ${scale.price(stopTicks)}; use less leverage`;
}

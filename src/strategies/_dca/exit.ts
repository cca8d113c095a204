/**
 * How a deal is left other than by its take-profit orders: the stop, the trailing take profit, and its longest time. The
 * prices that matter are watched, so that the bot is told at them and not at every quote.
 */

import { against, closingTicks, isAsGood, isShort, openingTicks, tighter } from '#core/executors/directions.ts';
import { breakEvenTicks, netTicks } from '#core/executors/net-prices.ts';
import type { Context } from '#core/strategy.ts';
import { baseTicks, type Deal, type DealStage } from './deal.ts';
import { stopTicks } from './ladder.ts';
import { type Dca, profitLevels } from './orders.ts';

export const STOP_TIMER = 'stop';
export const DEAL_TIMER = 'deal';

const HOUR_MS = 3_600_000;
/** The best price is followed in steps of this share of the trailing distance, not tick by tick. */
const PEAK_STEP_SHARE = 0.02;

/** The stop of a deal at this moment, in ticks; 0 without one. */
export function stopOf({ context, params }: Pick<Dca, 'context' | 'params'>, deal: Deal): number {
  if (deal.base.filledLots === 0) return 0;
  let stop = stopTicks(params, deal.bought, baseTicks(deal)) ?? 0;
  if (deal.isBreakEven) stop = tighter(params, stop, breakEvenTicks(deal.bought, context.scale.takerFee, params));
  return tighter(params, stop, deal.stopFloorTicks);
}

/** The price at which the last take-profit step begins to be followed, or at which following ends; 0 without trailing. */
function trailOf(dca: Dca, deal: Deal): { readonly startTicks: number; readonly endTicks: number } {
  const { params } = dca;
  if (params.trailing_take_profit_percent === null) return { startTicks: 0, endTicks: 0 };
  return { startTicks: profitLevels(dca, deal).at(-1) ?? 0, endTicks: against(params, deal.peakTicks, params.trailing_take_profit_percent) };
}

/** Looks at the present price; `true` when the deal is now being left. */
export function leaveIfReached(dca: Dca, deal: Deal): boolean {
  const { context, params } = dca;
  if (deal.stage !== 'open' || !context.isTrading) return false;
  const peak = openingTicks(params, context);
  if (isAsGood(params, peak, deal.peakTicks)) deal.peakTicks = peak;
  tightenStop(dca, deal);
  const closing = closingTicks(params, context);
  if (isTrailEnded(dca, deal))
    return leave(
      dca,
      deal,
      `trailing take profit: ${context.scale.price(closing)} is ${params.trailing_take_profit_percent} % ${isShort(params) ? 'above the lowest' : 'below the highest'} price`,
    );
  const stop = stopOf(dca, deal);
  if (stop === 0 || !isAsGood(params, stop, closing)) {
    if (deal.belowStopSince !== 0) {
      deal.belowStopSince = 0;
      context.clearTimer(STOP_TIMER);
    }
    return false;
  }
  const waitMs = (params.stop_loss_wait_seconds ?? 0) * 1_000;
  if (deal.belowStopSince === 0) {
    deal.belowStopSince = context.at;
    if (waitMs > 0) context.setTimer(STOP_TIMER, context.at + waitMs);
  }
  if (context.at - deal.belowStopSince < waitMs) return false;
  return leave(dca, deal, `stop loss at ${context.scale.price(stop)}`, params.stop_loss_action === 'stop_bot' ? 'stop' : 'go_on');
}

/** A trailing stop follows the best price and never goes back. */
function tightenStop({ params }: Dca, deal: Deal): void {
  if (!params.stop_loss_trailing || params.stop_loss_percent === null) return;
  deal.stopFloorTicks = tighter(params, deal.stopFloorTicks, against(params, deal.peakTicks, params.stop_loss_percent));
}

function isTrailEnded(dca: Dca, deal: Deal): boolean {
  const { context, params } = dca;
  const { startTicks } = trailOf(dca, deal);
  if (startTicks === 0) return false;
  const closing = closingTicks(params, context);
  if (!deal.isTrailing && isAsGood(params, closing, startTicks)) {
    deal.isTrailing = true;
    deal.peakTicks = openingTicks(params, context);
  }
  return deal.isTrailing && isAsGood(params, trailOf(dca, deal).endTicks, closing);
}

/** The close conditions hold: the deal is left where it has earned what it must. */
export function closeIfEarned(dca: Dca, deal: Deal): void {
  const { context, params } = dca;
  if (deal.stage !== 'open' || !context.isTrading) return;
  const least = params.close_min_profit_percent;
  if (least === null || isAsGood(params, closingTicks(params, context), netTicks(deal.bought, least, context.scale.takerFee, params)))
    leave(dca, deal, 'close conditions');
}

/** Ends a deal at market. Always `true`. */
export function leave({ context }: Pick<Dca, 'context'>, deal: Deal, reason: string, next: Deal['next'] = 'go_on'): boolean {
  return end(context, deal, 'leaving', reason, next);
}

/** Ends a deal and keeps its coin. Always `true`. */
export function drop({ context }: Pick<Dca, 'context'>, deal: Deal, reason: string): boolean {
  return end(context, deal, 'dropping', reason, deal.next);
}

function end(context: Context, deal: Deal, stage: DealStage, reason: string, next: Deal['next']): boolean {
  deal.stage = stage;
  deal.reason = reason;
  deal.next = next;
  context.clearTimer(STOP_TIMER);
  context.clearTimer(DEAL_TIMER);
  return true;
}

/** After a step of the take profit has sold: the stop may move to where nothing is lost. */
export function breakEvenAfter({ context, params }: Dca, deal: Deal, step: number): void {
  if (params.break_even_after_step === null || step + 1 < params.break_even_after_step || deal.isBreakEven) return;
  deal.isBreakEven = true;
  const price = context.scale.price(breakEvenTicks(deal.bought, context.scale.takerFee, params));
  context.report('strategy_note', `Deal ${deal.number}: the stop moved to break-even at ${price}.`, { deal: deal.number, stop: price });
}

/** Sets the time at which a deal ends whatever it brings. */
export function setDealTimer({ context, params }: Dca, deal: Deal): void {
  if (params.max_deal_hours !== null && deal.stage === 'open') context.setTimer(DEAL_TIMER, deal.startedAt + params.max_deal_hours * HOUR_MS);
}

/** The prices at which a deal must be looked at: at or below the first, at or above the second. */
export function watchedBy(dca: Dca, deal: Deal): { readonly below: number; readonly above: number } {
  if (deal.stage !== 'open') return { below: 0, above: Number.POSITIVE_INFINITY };
  const { params } = dca;
  const stop = stopOf(dca, deal);
  const { startTicks, endTicks } = trailOf(dca, deal);
  const isWaiting = deal.belowStopSince !== 0;
  const bad = tighter(params, isWaiting ? 0 : stop, deal.isTrailing ? endTicks : 0);
  const good: number[] = [];
  // While it waits beyond the stop, the price that calls the stop off.
  if (isWaiting) good.push(isShort(params) ? stop - 1 : stop + 1);
  else if (params.stop_loss_trailing || deal.isTrailing) good.push(nextPeak(dca, deal));
  if (!deal.isTrailing && startTicks > 0) good.push(startTicks);
  if (isShort(params)) return { below: Math.max(0, ...good), above: bad === 0 ? Number.POSITIVE_INFINITY : bad };
  return { below: bad, above: Math.min(Number.POSITIVE_INFINITY, ...good) };
}

function nextPeak({ params }: Dca, deal: Deal): number {
  const percents = [params.trailing_take_profit_percent, params.stop_loss_trailing ? params.stop_loss_percent : null];
  const distance = Math.min(...percents.flatMap((percent) => (percent === null ? [] : [Math.abs(deal.peakTicks - against(params, deal.peakTicks, percent))])));
  const step = Math.max(1, Math.floor(distance * PEAK_STEP_SHARE));
  return isShort(params) ? deal.peakTicks - step : deal.peakTicks + step;
}

/**
 * When a deal begins and how large it is: the start rule, the price range, the pause between deals, their number, and
 * what profits and losses make of the sizes.
 */

import { isTradable } from '#core/executors/amounts.ts';
import { closingTicks, hurriedTicks, openingTicks } from '#core/executors/directions.ts';
import { decimal } from '#core/money.ts';
import { nextTime } from '../_schedule.ts';
import { type Deal, newDeal } from './deal.ts';
import { baseOrderSize, dealNeed, ladderOf, withMargin } from './ladder.ts';
import type { Dca } from './orders.ts';
import { type SizeBasis, scaled } from './sizes.ts';

export const START_TIMER = 'start';
export const BASE_TIMER = 'base';

const MINUTE_MS = 60_000;

/** Begins a deal unless something speaks against it; `null` when it has, otherwise what speaks against it in words. */
export function beginDeal(dca: Dca, isCommanded = false): string | null {
  const { context, state, params } = dca;
  if (state.phase !== 'trading' || !context.isTrading) return 'the bot does not trade now';
  if (state.deal !== null) return 'a deal is open';
  if (context.at < state.cooldownUntil) return `the pause between deals lasts until ${new Date(state.cooldownUntil).toISOString()}`;
  const outside = isCommanded ? null : (outsidePrices(dca) ?? quietMarket(dca));
  if (outside !== null) return outside;
  const deal = makeDeal(dca);
  if (typeof deal === 'string') {
    finishBot(dca, deal);
    return deal;
  }
  state.deal = deal;
  state.waitingFor = '';
  if (params.base_order_type === 'limit') context.setTimer(BASE_TIMER, context.at + params.limit_wait_minutes * MINUTE_MS);
  return null;
}

function outsidePrices({ context, params }: Dca): string | null {
  const { scale } = context;
  if (params.min_price !== null && context.bidTicks < scale.ticks(params.min_price, 'up')) return `the price is below min_price ${params.min_price}`;
  if (params.max_price !== null && context.askTicks > scale.ticks(params.max_price, 'down')) return `the price is above max_price ${params.max_price}`;
  return null;
}

function quietMarket({ context, state, params }: Dca): string | null {
  if (params.min_volume_24h === null || state.isBusy === true) return null;
  if (state.isBusy === undefined) return 'the volume of the last 24 hours is not known yet';
  return `less than min_volume_24h ${params.min_volume_24h} ${context.scale.instrument.quote} was traded within 24 hours`;
}

/** The next deal, as large as settings, results and funds allow; in words why there can be none. */
function makeDeal(dca: Dca): Deal | string {
  const { context, state, params } = dca;
  const { scale, feeAsset } = context;
  const factor = sizeFactor(dca);
  const free = context.freeQuoteAtoms();
  const basis = basisNow(dca);
  const need = dealNeed(params, scale, feeAsset, basis, factor);
  // What the funds do not cover is taken off all orders alike; one more part in a million for roundings.
  const fitting = need <= free ? factor : (factor * Math.max(0, free) * 0.999_999) / need;
  const { sizeAtoms, sizeLots } = scaled(baseOrderSize(params, scale, basis), fitting);
  const isResting = params.base_order_type === 'limit';
  // A limit order waits on the own side of the book, where a deal could be closed.
  const limitTicks = isResting ? closingTicks(params, context) : hurriedTicks(params, context);
  const priceTicks = isResting ? limitTicks : openingTicks(params, context);
  const lots = Math.min(sizeLots ?? Math.min(Math.floor(sizeAtoms / priceTicks), Math.floor(withMargin(sizeAtoms) / limitTicks)), scale.maxLots);
  if (!isTradable(context, lots, context.bidTicks))
    return `the funds left, ${scale.quote(Math.max(0, free))} ${scale.instrument.quote}, are too small for a base order`;
  const ladder = ladderOf(params, scale, basis).map((step) => ({ deviation: step.deviation, ...scaled(step, fitting) }));
  if (fitting < factor && !state.isShort)
    context.report('strategy_note', `The funds left make the deals smaller: the next has ${Math.floor(fitting * 10_000) / 100} % of its planned size.`, {
      share: Math.floor(fitting * 10_000) / 10_000,
    });
  state.isShort = fitting < factor;
  return newDeal(state, context.at, { lots, limitTicks }, ladder, params);
}

/** A deal would begin at the present price, with all that is free but what is kept to be added by hand. */
function basisNow({ context, params }: Dca): SizeBasis {
  const fundsAtoms = Math.max(0, context.freeQuoteAtoms() - context.scale.atoms(params.extra_funds, 'up'));
  return { priceTicks: openingTicks(params, context), fundsAtoms };
}

/** By how much profits and losses so far change the sizes: the share of the result by which the need of a deal changes. */
function sizeFactor(dca: Dca): number {
  const { context, state, params } = dca;
  const share = decimal(state.profitAtoms >= 0 ? params.reinvest_percent : params.risk_reduction_percent).toNumber() / 100;
  if (share === 0 || state.profitAtoms === 0) return 1;
  return Math.max(0, 1 + (share * state.profitAtoms) / dealNeed(params, context.scale, context.feeAsset, basisNow(dca)));
}

/** Looks whether a deal should begin by its rule, at any moment when none is open. */
export function lookForStart(dca: Dca): void {
  const { context, state, params } = dca;
  if (state.deal !== null || state.phase !== 'trading' || !context.isTrading) return;
  if (params.start === 'schedule') return setSchedule(dca);
  if (params.start !== 'immediately') return;
  if (context.at < state.cooldownUntil) context.setTimer(START_TIMER, state.cooldownUntil);
  else tryStart(dca);
}

/** Ends the run; what little base is left is kept. */
export function finishBot({ context, state }: Dca, reason: string): void {
  state.phase = 'ended';
  context.finish(reason, 'keep');
}

/** Follows the rule, and notes what keeps it from being followed. */
export function tryStart(dca: Dca): void {
  const reason = beginDeal(dca);
  if (reason === null || reason === dca.state.waitingFor || dca.state.phase !== 'trading') return;
  dca.state.waitingFor = reason;
  dca.context.report('strategy_note', `No deal begins: ${reason}.`, { reason });
}

/** The timer of the pause or of the schedule has fired. */
export function onStartTimer(dca: Dca): void {
  const { context, state, params } = dca;
  if (params.start === 'immediately') return lookForStart(dca);
  if (params.start !== 'schedule') return;
  const isDue = state.scheduledAt !== 0 && context.at >= state.scheduledAt;
  if (isDue) {
    state.scheduledAt = 0;
    tryStart(dca);
  }
  setSchedule(dca);
}

/** Sets the timer to the next scheduled time; one that passes during a deal or a pause is left out. */
export function setSchedule({ context, state, params }: Dca): void {
  if (params.start !== 'schedule' || state.phase !== 'trading') return;
  state.scheduledAt = nextTime(params, context.at);
  context.setTimer(START_TIMER, state.scheduledAt);
}

/** The prices at which a start must be looked at. */
export function watchedForStart({ context, state, params }: Dca): { readonly below: number; readonly above: number } {
  const isWatching = params.start === 'immediately' && state.phase === 'trading' && context.at >= state.cooldownUntil;
  const { scale } = context;
  return {
    below: isWatching && params.max_price !== null && context.askTicks > scale.ticks(params.max_price, 'down') ? scale.ticks(params.max_price, 'down') : 0,
    above:
      isWatching && params.min_price !== null && context.bidTicks < scale.ticks(params.min_price, 'up')
        ? scale.ticks(params.min_price, 'up')
        : Number.POSITIVE_INFINITY,
  };
}

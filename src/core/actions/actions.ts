/**
 * Automatic actions on what becomes of an order: place it again, cancel its rest, answer it with the opposite order, take
 * profit and stop loss. A state machine of plain data: events in, commands out, and nothing else, so the same events give the
 * same commands. It never has more alive to close what the entry has opened than the entry has really opened.
 */

import { GRAINS_PER_LOT } from '../instrument.ts';
import type { OrderRequest } from '../order.ts';
import { type Decisions, decide } from './action-decisions.ts';
import type { ActionEvent, ActionLeg, ActionPlan, ActionState } from './action-state.ts';
import { hasProfitHit, hasStopHit, isExit } from './action-state.ts';

/** What an action wants of the world. `tell` is a line in the life of the entry; with `isTrouble` its user should hear of it. */
export type ActionCommand =
  | { readonly type: 'submitLeg'; readonly index: number; readonly request: OrderRequest; readonly code: string; readonly text: string }
  | { readonly type: 'cancelLeg'; readonly index: number; readonly text: string }
  | { readonly type: 'tell'; readonly code: string; readonly text: string; readonly isTrouble: boolean };

/** Exits in a row that brought no fill before the action gives up. */
export const MAX_EXIT_FAILURES = 5;
/** After an exit that came to nothing the next waits this long for each failure in a row. */
export const EXIT_PAUSE_MS = 3_000;
/** After a take profit that was not filled the stop stands at least this long before the next try. */
export const PROFIT_PAUSE_MS = 5_000;
/** Our own reasons for an order that never reached its venue: they say nothing about whether the venue would take it. */
const NOT_TRIED: ReadonlySet<string> = new Set(['never_placed', 'not_sent_in_time', 'order_rate_exceeded', 'too_many_open_orders', 'trading_halted']);

/** Takes one event, changes the state in place, and returns what is to be done about it, in order. */
export function stepActions(plan: ActionPlan, state: ActionState, event: ActionEvent): readonly ActionCommand[] {
  const commands: ActionCommand[] = [];
  if (state.status !== 'active') return commands;
  const say: Decisions = {
    submit: (leg, request, code, text) => {
      state.legs.push(leg);
      commands.push({ type: 'submitLeg', index: leg.index, request, code, text });
    },
    cancel: (leg, text) => {
      leg.cancel = 'rule';
      commands.push({ type: 'cancelLeg', index: leg.index, text });
    },
    tell: (code, text, isTrouble = false) => void commands.push({ type: 'tell', code, text, isTrouble }),
  };
  apply(plan, state, event, say);
  decide(plan, state, event.at, say);
  return commands;
}

/** Whether a quote would change anything. */
export function wantsQuote(plan: ActionPlan, state: ActionState, bidTicks: number, askTicks: number, at: number): boolean {
  if (state.status !== 'active' || state.isHalted || state.exitMode !== 'protect') return false;
  return hasStopHit(plan, state, bidTicks, askTicks) || hasProfitHit(plan, state, bidTicks, askTicks, at);
}

/** When `timeReached` is wanted next; `null` when time changes nothing. */
export function wakeAt(state: ActionState): number | null {
  if (state.status !== 'active') return null;
  const times = [state.restCancelAt, state.retryAt, state.profitPausedUntil].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function apply(plan: ActionPlan, state: ActionState, event: ActionEvent, say: Decisions): void {
  switch (event.type) {
    case 'legFilled':
      return applyFill(plan, state, event);
    case 'legOver':
      return applyEnd(plan, state, event, say);
    case 'legCancelRequested': {
      const leg = state.legs.find(({ index }) => index === event.index);
      if (leg !== undefined) leg.cancel = 'user';
      return;
    }
    case 'quoteChanged':
      return applyQuote(plan, state, event);
    case 'timeReached':
      return applyTime(state, event.at, say);
    case 'tradingStateChanged':
      if (event.isHalted && !state.isHalted) say.tell('trading_killed', 'the kill switch is on: nothing is placed until it is off', true);
      state.isHalted = event.isHalted;
      return;
    case 'calledOff':
      state.status = 'calledOff';
      return say.tell('called_off', 'called off by the user; orders that rest stay as they are');
  }
}

function applyFill(
  plan: ActionPlan,
  state: ActionState,
  { index, purpose, lots, priceTicks, feeGrains, at }: Extract<ActionEvent, { type: 'legFilled' }>,
): void {
  const leg = state.legs.find((each) => each.index === index);
  if (leg !== undefined) leg.filledLots += lots;
  const grains = lots * GRAINS_PER_LOT;
  // What is bought is ours less the fee taken from it; what is sold is gone with the fee taken besides.
  if (purpose === 'entry') {
    state.enteredLots += lots;
    state.enteredAtoms += lots * priceTicks;
    state.openGrains += plan.entry.side === 'buy' ? grains - feeGrains : grains;
    if (plan.cancelRestAfterMs !== null && state.restCancelAt === null && !state.isEntryDone) state.restCancelAt = at + plan.cancelRestAfterMs;
    return;
  }
  state.openGrains -= plan.entry.side === 'buy' ? grains + feeGrains : grains;
  state.exitFailures = 0;
  // Once stopped out nothing more is to be opened.
  if (purpose === 'stopLoss') state.isEntryDone = true;
}

function applyEnd(plan: ActionPlan, state: ActionState, event: Extract<ActionEvent, { type: 'legOver' }>, say: Decisions): void {
  const leg = state.legs.find(({ index }) => index === event.index);
  if (leg === undefined) return;
  state.legs = state.legs.filter((each) => each !== leg);
  if (isExit(leg)) endExit(plan, state, leg, event, say);
  else endEntry(plan, state, leg, event, say);
  if (state.isEntryDone || state.enteredLots >= plan.entry.sizeLots) state.restCancelAt = null;
}

function endEntry(plan: ActionPlan, state: ActionState, leg: ActionLeg, { end, code }: Extract<ActionEvent, { type: 'legOver' }>, say: Decisions): void {
  const isUnasked = leg.cancel === 'none' && (end === 'cancelled' || end === 'expired' || (leg.index > 0 && NOT_TRIED.has(code)));
  if (end === 'filled' || state.isEntryDone) return;
  if (!isUnasked) {
    state.isEntryDone = true;
    if (leg.index > 0 && end === 'rejected') say.tell('place_again_refused', `the exchange refused the order placed again (${code})`, true);
  } else if (state.placedAgain < plan.placeAgainTimes) state.isAgainWanted = true;
  else {
    state.isEntryDone = true;
    if (plan.placeAgainTimes > 0)
      say.tell('placed_again_enough', `cancelled once more after being placed again ${state.placedAgain} times; it stays cancelled`, true);
  }
}

function endExit(plan: ActionPlan, state: ActionState, leg: ActionLeg, { end, code, at }: Extract<ActionEvent, { type: 'legOver' }>, say: Decisions): void {
  if (leg.cancel === 'user' && end !== 'filled') {
    state.status = 'calledOff';
    return say.tell('called_off', 'its user has cancelled an order of the action, so the action ends; other orders that rest stay as they are');
  }
  if (state.exitMode === 'profit' && leg.purpose === 'takeProfit') {
    state.exitMode = 'protect';
    state.profitPausedUntil = at + PROFIT_PAUSE_MS;
    if (end === 'expired' || end === 'cancelled') return;
  }
  if (end === 'filled' || leg.cancel === 'rule') return;
  state.exitFailures += 1;
  state.retryAt = at + EXIT_PAUSE_MS * state.exitFailures;
  if (end === 'rejected' && leg.purpose === 'stopLoss' && state.exitMode === 'protect' && !NOT_TRIED.has(code)) {
    // Most often the market is past the stop already: then nothing may wait.
    state.isStopWatched = true;
    state.retryAt = null;
    say.tell('stop_watched', `the exchange did not take the stop order (${code}); the price is watched from here instead`, true);
  }
  if (state.exitFailures < MAX_EXIT_FAILURES) return;
  state.status = 'failed';
  const held = plan.entry.side === 'buy' ? 'what was bought is still held' : 'what was sold is not bought back';
  say.tell('exit_failed', `${state.exitFailures} orders in a row came to nothing (${code === '' ? end : code}); the action gives up and ${held}`, true);
}

function applyQuote(plan: ActionPlan, state: ActionState, { bidTicks, askTicks, at }: Extract<ActionEvent, { type: 'quoteChanged' }>): void {
  if (state.exitMode !== 'protect' || bidTicks <= 0 || askTicks <= 0) return;
  if (hasStopHit(plan, state, bidTicks, askTicks)) {
    state.exitMode = 'out';
    state.isEntryDone = true;
  } else if (hasProfitHit(plan, state, bidTicks, askTicks, at)) state.exitMode = 'profit';
}

function applyTime(state: ActionState, at: number, say: Decisions): void {
  if (state.retryAt !== null && at >= state.retryAt) state.retryAt = null;
  if (state.profitPausedUntil !== null && at >= state.profitPausedUntil) state.profitPausedUntil = null;
  if (state.restCancelAt === null || at < state.restCancelAt) return;
  state.restCancelAt = null;
  state.isEntryDone = true;
  state.isAgainWanted = false;
  for (const leg of state.legs)
    if (leg.purpose === 'entry' && leg.cancel === 'none') say.cancel(leg, 'it was partially filled for longer than its rule allows');
}

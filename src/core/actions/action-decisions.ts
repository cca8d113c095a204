/**
 * What an automatic action wants in its present state: looked at as a whole after every event, so that it does not matter in
 * which sequence the events came or between which of them a process ended.
 */

import { GRAINS_PER_LOT } from '../instrument.ts';
import type { OrderRequest } from '../order.ts';
import {
  type ActionLeg,
  type ActionPlan,
  type ActionState,
  exitSide,
  isExit,
  type LegPurpose,
  oppositeTicks,
  profitTicks,
  stopLimitTicks,
  stopTicks,
} from './action-state.ts';

/** How decisions leave. */
export interface Decisions {
  submit(leg: ActionLeg, request: OrderRequest, code: string, text: string): void;
  cancel(leg: ActionLeg, text: string): void;
  tell(code: string, text: string, isTrouble?: boolean): void;
}

/** Orders that guard parts of an entry while it is still being executed. */
export const MAX_PARTIAL_EXITS = 10;

/** Cancels what should not rest, places what should, and ends the action when nothing is left to do. */
export function decide(plan: ActionPlan, state: ActionState, at: number, say: Decisions): void {
  if (state.status !== 'active') return;
  cancelUnwanted(state, say);
  if (!state.isHalted) {
    placeAgain(plan, state, say);
    if (state.retryAt === null || at >= state.retryAt) placeExits(plan, state, say);
  }
  finishWhenDone(plan, state, say);
}

function cancelUnwanted(state: ActionState, say: Decisions): void {
  for (const leg of state.legs) {
    if (leg.cancel !== 'none') continue;
    if (leg.purpose === 'entry' && state.exitMode === 'out') say.cancel(leg, 'the stop was reached');
    else if (leg.purpose === 'entry' && state.isEntryDone) say.cancel(leg, 'the position was stopped out');
    else if (leg.purpose === 'stopLoss' && leg.isResting && state.exitMode === 'profit') say.cancel(leg, 'the take profit was reached');
    else if (isExit(leg) && state.exitMode === 'out' && (leg.isResting || leg.purpose === 'takeProfit')) say.cancel(leg, 'the stop was reached');
  }
}

function placeAgain(plan: ActionPlan, state: ActionState, say: Decisions): void {
  if (!state.isAgainWanted || state.isEntryDone) return;
  state.isAgainWanted = false;
  const lots = plan.entry.sizeLots - state.enteredLots;
  if (!isPlaceable(plan, lots, plan.entry.priceTicks)) {
    state.isEntryDone = true;
    say.tell('below_minimum', 'what the exchange has cancelled is too little to be placed again', true);
    return;
  }
  state.placedAgain += 1;
  const text = `placed again after the exchange had cancelled it (${state.placedAgain} of ${plan.placeAgainTimes})`;
  submit(state, say, 'entry', { ...plan.entry, sizeLots: lots, tag: 'action:entry' }, 'placed_again', text);
}

function placeExits(plan: ActionPlan, state: ActionState, say: Decisions): void {
  const exits = state.legs.filter(isExit);
  const lots = freeLots(state, exits);
  if (lots <= 0) return;
  const isEntryOver = entryIsOver(state);
  if (plan.opposite !== null) {
    if (isEntryOver && exits.length === 0) placeLimit(plan, state, say, 'opposite', lots, oppositeTicks(plan, state), 'gtc');
    return;
  }
  if (state.exitMode === 'profit' || state.exitMode === 'out') {
    // What rests holds the very coins; only when it is off the book for certain can they be sold another way.
    if (exits.length > 0) return;
    if (state.exitMode === 'out') placeMarket(plan, state, say, lots);
    else placeLimit(plan, state, say, 'takeProfit', lots, profitTicks(plan, state) ?? 0, 'ioc');
    return;
  }
  if (!isEntryOver && exits.length >= MAX_PARTIAL_EXITS) return;
  if (plan.stopLoss !== null && !state.isStopWatched) placeStop(plan, state, say, lots);
  else if (plan.takeProfit !== null) placeLimit(plan, state, say, 'takeProfit', lots, profitTicks(plan, state) ?? 0, 'gtc');
}

function placeLimit(
  plan: ActionPlan,
  state: ActionState,
  say: Decisions,
  purpose: 'opposite' | 'takeProfit',
  sizeLots: number,
  priceTicks: number,
  timeInForce: 'gtc' | 'ioc',
): void {
  if (!isPlaceable(plan, sizeLots, priceTicks)) return;
  if (!isInRange(plan, priceTicks)) return giveUp(state, say, purpose);
  const request = { ...bare(plan, sizeLots), type: 'limit', priceTicks, timeInForce, tag: `action:${purpose}` } as const;
  if (purpose === 'opposite') submit(state, say, purpose, request, 'opposite_placed', 'the opposite order was placed, one step away');
  else submit(state, say, purpose, request, 'take_profit_placed', 'take profit was placed');
}

function placeStop(plan: ActionPlan, state: ActionState, say: Decisions, sizeLots: number): void {
  const triggerTicks = stopTicks(plan, state) ?? 0;
  if (!isPlaceable(plan, sizeLots, triggerTicks)) return;
  const isLimit = plan.stopType === 'stopLimit';
  const priceTicks = isLimit ? stopLimitTicks(plan, triggerTicks) : 0;
  if (!isInRange(plan, triggerTicks) || (isLimit && !isInRange(plan, priceTicks))) return giveUp(state, say, 'stopLoss');
  const request = {
    ...bare(plan, sizeLots),
    type: plan.stopType ?? 'stopMarket',
    priceTicks,
    triggerTicks,
    timeInForce: 'gtc',
    tag: 'action:stopLoss',
  } as const;
  submit(state, say, 'stopLoss', request, 'stop_loss_placed', 'stop loss was placed');
}

function placeMarket(plan: ActionPlan, state: ActionState, say: Decisions, sizeLots: number): void {
  if (!isPlaceable(plan, sizeLots, stopTicks(plan, state) ?? 0)) return;
  const request = { ...bare(plan, sizeLots), type: 'market', timeInForce: 'gtc', tag: 'action:stopLoss' } as const;
  submit(state, say, 'stopLoss', request, 'stop_loss_sent', 'the stop was reached: sent at the market');
}

function giveUp(state: ActionState, say: Decisions, purpose: LegPurpose): void {
  state.status = 'failed';
  say.tell('price_out_of_range', `the price of the ${WORDS[purpose]} is outside what the exchange takes, so it was not placed`, true);
}

const WORDS: Readonly<Record<LegPurpose, string>> = { entry: 'entry', opposite: 'opposite order', takeProfit: 'take profit', stopLoss: 'stop loss' };

function submit(state: ActionState, say: Decisions, purpose: LegPurpose, request: OrderRequest, code: string, text: string): void {
  const index = state.nextIndex;
  state.nextIndex += 1;
  say.submit({ index, purpose, isResting: request.triggerTicks > 0, sizeLots: request.sizeLots, filledLots: 0, cancel: 'none' }, request, code, text);
}

function finishWhenDone(plan: ActionPlan, state: ActionState, say: Decisions): void {
  if (state.status !== 'active' || state.legs.length > 0 || !entryIsOver(state)) return;
  const lots = freeLots(state, []);
  const price = plan.opposite !== null ? oppositeTicks(plan, state) : (stopTicks(plan, state) ?? profitTicks(plan, state));
  if (price !== null && state.enteredLots > 0 && isPlaceable(plan, lots, price)) return;
  state.status = 'finished';
  if (price !== null && lots > 0) say.tell('below_minimum', 'what is left is too little for an order at this exchange and stays as it is', true);
}

function entryIsOver(state: ActionState): boolean {
  return !(state.isAgainWanted && !state.isEntryDone) && !state.legs.some((leg) => leg.purpose === 'entry');
}

/** What is open and no exit that is alive will close. */
function freeLots(state: ActionState, exits: readonly ActionLeg[]): number {
  return Math.floor(state.openGrains / GRAINS_PER_LOT) - exits.reduce((sum, leg) => sum + leg.sizeLots - leg.filledLots, 0);
}

function isPlaceable(plan: ActionPlan, lots: number, priceTicks: number): boolean {
  return lots >= plan.minLots && lots * priceTicks >= plan.minAtoms;
}

function isInRange(plan: ActionPlan, ticks: number): boolean {
  return ticks >= plan.minTicks && ticks <= plan.maxTicks;
}

function bare(plan: ActionPlan, sizeLots: number): Omit<OrderRequest, 'type' | 'timeInForce' | 'tag'> {
  const side = exitSide(plan);
  // At a spot exchange a purchase lessens nothing, so buying back cannot carry the mark.
  const reduceOnly = side === 'sell' || plan.instrument.kind === 'perpetual';
  return { side, priceTicks: 0, triggerTicks: 0, sizeLots, postOnly: false, reduceOnly };
}

/** What remains when a deal is over, what the user is told, and whether another may begin. */

import { resetBoard } from '#core/executors/wanted-orders.ts';
import type { Deal } from './deal.ts';
import { DEAL_TIMER } from './exit.ts';
import { type Dca, isSellable } from './orders.ts';
import { BASE_TIMER, finishBot, lookForStart } from './start.ts';

/** Pause after a deal that could not buy anything. */
const GIVEN_UP_PAUSE_MS = 60_000;

/** Always `true`: a deal is over, and the next may begin. */
export function endDeal(dca: Dca, deal: Deal): true {
  const { context, state, params } = dca;
  const isKept = deal.stage === 'dropping' && isSellable(dca, deal, context.bidTicks);
  const isGivenUp = deal.bought.lots === 0 || (deal.stage === 'dropping' && !isKept);
  state.deal = null;
  if (isKept) {
    state.kept.grains += deal.heldGrains;
    state.kept.costAtoms += deal.heldCostAtoms;
  } else {
    state.dust = { grains: deal.heldGrains, costAtoms: deal.heldCostAtoms };
    if (deal.profitAtoms > 0) state.dealsWon += 1;
    else if (!isGivenUp) state.dealsLost += 1;
  }
  resetBoard(context, state.board);
  context.clearTimer(DEAL_TIMER);
  context.clearTimer(BASE_TIMER);
  const pauseMs = Math.max(params.cooldown_seconds * 1_000, isGivenUp ? GIVEN_UP_PAUSE_MS : 0);
  state.cooldownUntil = context.at + pauseMs;
  if (isGivenUp) state.dealsBegun -= 1;
  report(dca, deal, isGivenUp);
  const { max_deals: most } = params;
  if (deal.next === 'stop') finishBot(dca, deal.reason);
  else if (most !== null && state.dealsBegun >= most) finishBot(dca, `${most} deals are done`);
  else lookForStart(dca);
  return true;
}

function report({ context }: Dca, deal: Deal, isGivenUp: boolean): void {
  const { scale } = context;
  const profit = scale.quote(deal.profitAtoms);
  if (isGivenUp) context.report('strategy_note', `Deal ${deal.number} was given up: ${deal.reason}.`, { deal: deal.number, reason: deal.reason });
  else
    context.report('target_reached', `Deal ${deal.number} ended (${deal.reason}) with ${profit} ${scale.instrument.quote}.`, {
      deal: deal.number,
      reason: deal.reason,
      profit,
    });
}

/** The exchange has closed a position in a perpetual by itself: what is left of the run is told and ended. */
export function endIfGone({ context, state }: Dca): boolean {
  const { deal } = state;
  if (!context.scale.isPerpetual || deal === null || deal.heldGrains === 0 || context.position.baseGrains !== 0) return false;
  state.phase = 'ended';
  context.finish('the exchange has closed the position by itself', 'keep');
  return true;
}

/**
 * DCA: a deal buys with a base order and, as the price falls, with safety orders; it sells at a rise from the average
 * price, and the next deal begins. This file is its declaration and its reaction to each event; when deals begin, which
 * orders they want, how they are left and what they need stand in the files beside it.
 */

import { isTradable, wholeLots } from '#core/executors/amounts.ts';
import { closingSideOf, openingTicks } from '#core/executors/directions.ts';
import { failuresOf, isIdle, liveOrder } from '#core/executors/order-board.ts';
import {
  BOARD_TIMER,
  onBoardAccepted,
  onBoardClosed,
  onBoardFilled,
  onBoardReplaced,
  onBoardTimer,
  resetBoard,
  settleOrders,
} from '#core/executors/wanted-orders.ts';
import { defineStrategy, type StrategyEvent } from '#core/strategy.ts';
import { DCA_COMMANDS, onCommand } from './_dca/commands.ts';
import { bookClosed, bookOpened, type DcaState, type Deal, dcaFigures, layLadder, newDcaState } from './_dca/deal.ts';
import { endDeal, endIfGone } from './_dca/end.ts';
import { breakEvenAfter, closeIfEarned, DEAL_TIMER, drop, leave, leaveIfReached, STOP_TIMER, setDealTimer, watchedBy } from './_dca/exit.ts';
import { ADD_KEY, BASE_KEY, baseOrder, type Dca, isSellable, profitLevels, profitOrders, profitStepOf, safetyStepOf, wantedOrders } from './_dca/orders.ts';
import { DCA_PARAMS } from './_dca/params.ts';
import { planDca } from './_dca/plan.ts';
import { barsOfDca } from './_dca/preview.ts';
import { BUSY, CLOSE, DCA_RULE, QUIET, START } from './_dca/rule.ts';
import { BASE_TIMER, lookForStart, onStartTimer, START_TIMER, setSchedule, tryStart, watchedForStart } from './_dca/start.ts';

type FilledEvent = Extract<StrategyEvent, { readonly type: 'orderFilled' }>;
type ClosedEvent = Extract<StrategyEvent, { readonly type: 'orderClosed' }>;

/** Tries of a base order that found no seller before the deal goes on with what it has, or is given up. */
const MAX_BASE_TRIES = 5;

export const dca = defineStrategy({
  name: 'dca',
  version: 3,
  title: { en: 'DCA', ru: 'DCA' },
  summary: {
    en: 'Buys, buys more as the price falls, and sells at a rise from the average price, or the other way round on a perpetual; then begins again.',
    ru: 'Покупает, докупает при падении цены и продаёт при росте от средней цены, на бессрочном контракте и наоборот; затем начинает снова.',
  },
  params: DCA_PARAMS,
  markets: ['spot', 'perpetual'],
  // What a deal has bought it sells itself; a second rule would sell the same coins twice.
  rules: ['placeAgain'],
  wants: { bars: true, quotes: false },
  bars: barsOfDca,
  rule: DCA_RULE,
  commands: DCA_COMMANDS,
  plan: planDca,

  start(context, params): DcaState {
    const state = newDcaState();
    const current: Dca = { context, state, params };
    lookForStart(current);
    settle(current);
    return state;
  },

  on(context, state, event, params): void {
    const current: Dca = { context, state, params };
    react(current, event);
    settle(current);
  },

  figures: dcaFigures,
});

function react(dca: Dca, event: StrategyEvent): void {
  const { state } = dca;
  switch (event.type) {
    case 'orderFilled':
      return onFilled(dca, event);
    case 'orderClosed':
      return onClosed(dca, event);
    case 'orderReplaced':
      return onBoardReplaced(state.board, event.order, event.former);
    case 'orderAccepted':
      return onBoardAccepted(state.board, event.order);
    case 'priceReached':
      return onPrice(dca);
    case 'barTurned':
      return onTurn(dca, event.turn, event.isHistory);
    case 'timerFired':
      return onTimer(dca, event.name);
    case 'userCommand':
      return onCommand(dca, event.name, event.params);
    case 'resumed':
      return onResumed(dca);
    default:
      return;
  }
}

function onPrice(dca: Dca): void {
  const { deal } = dca.state;
  if (deal === null) lookForStart(dca);
  else leaveIfReached(dca, deal);
}

/** Bars that closed before the run could act come within this. */
const HISTORY_MS = 1_000;

/** At the close of a bar conditions hold, or the volume has become enough or too little; what is long past starts and closes nothing. */
function onTurn(dca: Dca, turn: number, isHistory: boolean): void {
  const { state, context } = dca;
  const { deal } = state;
  if ((turn & (BUSY | QUIET)) !== 0) state.isBusy = (turn & BUSY) !== 0;
  // Of bars told in a row only the last counts: it is looked at when all of them are in.
  if (isHistory && (turn & BUSY) !== 0 && deal === null) context.setTimer(START_TIMER, context.at + HISTORY_MS);
  if (isHistory) return;
  if (deal === null) {
    if ((turn & START) !== 0) tryStart(dca);
    else if ((turn & BUSY) !== 0) lookForStart(dca);
  } else if ((turn & CLOSE) !== 0) {
    closeIfEarned(dca, deal);
  }
}

function onTimer(dca: Dca, name: string): void {
  const { state, context } = dca;
  const { deal } = state;
  switch (name) {
    case BOARD_TIMER:
      return onBoardTimer(state.board);
    case START_TIMER:
      return deal === null ? onStartTimer(dca) : setSchedule(dca);
    case BASE_TIMER:
      return deal?.stage === 'opening' ? stopOpening(dca, deal, `the base order was not filled within ${dca.params.limit_wait_minutes} minutes`) : undefined;
    case STOP_TIMER:
      if (deal !== null) leaveIfReached(dca, deal);
      return;
    case DEAL_TIMER:
      if (deal?.stage === 'open') leave({ context }, deal, `longest time of ${dca.params.max_deal_hours} hours`);
      return;
    default:
      return;
  }
}

function onFilled(dca: Dca, { order, fill }: FilledEvent): void {
  const { state, params } = dca;
  const { deal, board } = state;
  onBoardFilled(board, order);
  if (deal === null) return;
  if (order.side === closingSideOf(params)) {
    bookClosed(state, deal, fill, params);
    const step = profitStepOf(order.tag);
    const profit = step === null ? undefined : deal.profits[step];
    if (step === null || profit === undefined) return;
    profit.soldLots += fill.sizeLots;
    if (order.state === 'filled') breakEvenAfter(dca, deal, step);
    return;
  }
  bookOpened(deal, fill, params);
  const step = safetyStepOf(order.tag);
  const safety = step === null ? undefined : deal.safety[step];
  if (safety !== undefined) safety.filledLots += fill.sizeLots;
  if (order.tag === ADD_KEY) spendAdded(dca, deal, fill.priceTicks * fill.sizeLots);
  if (order.tag !== BASE_KEY) return;
  deal.base.filledLots += fill.sizeLots;
  deal.base.filledAtoms += fill.priceTicks * fill.sizeLots;
}

/** What is left too small for an order of its own is given back. */
function spendAdded({ context }: Dca, deal: Deal, atoms: number): void {
  deal.addAtoms = Math.max(0, deal.addAtoms - atoms);
  if (!isTradable(context, Math.floor(deal.addAtoms / context.askTicks), context.askTicks)) deal.addAtoms = 0;
}

function onClosed(dca: Dca, { order, code }: ClosedEvent): void {
  const { context, state } = dca;
  const { deal, board } = state;
  const how = onBoardClosed(context, board, order, code);
  if (deal === null || how === 'halted') return;
  // By hand: added funds are given up, and so is a base order, with what it has not bought.
  if (order.tag === ADD_KEY && how === 'parked') deal.addAtoms = 0;
  if (order.tag !== BASE_KEY || deal.stage !== 'opening') return;
  if (how === 'parked') return stopOpening(dca, deal, 'the base order was cancelled by hand');
  if (failuresOf(board, BASE_KEY) >= MAX_BASE_TRIES) stopOpening(dca, deal, `the base order was not filled: ${code}`);
}

/** The base order will buy no more: the deal goes on with what there is, or ends without anything. */
function stopOpening(dca: Dca, deal: Deal, reason: string): void {
  if (isSellable(dca, deal, dca.context.bidTicks)) return open(dca, deal);
  drop(dca, deal, reason);
}

/** The base order is over: safety orders and take profits are laid out from its price. */
function open(dca: Dca, deal: Deal): void {
  const { context, params } = dca;
  context.clearTimer(BASE_TIMER);
  deal.base.lots = deal.base.filledLots;
  deal.stage = 'open';
  deal.peakTicks = openingTicks(params, context);
  layLadder(deal, params);
  setDealTimer(dca, deal);
  leaveIfReached(dca, deal);
}

/** After a pause or a halt everything that was watched or timed is looked at again. */
function onResumed(dca: Dca): void {
  const { context, state } = dca;
  const { deal } = state;
  resetBoard(context, state.board);
  if (deal === null) return lookForStart(dca);
  setSchedule(dca);
  setDealTimer(dca, deal);
  // What passed while nobody looked does not count as waiting beyond the stop.
  deal.belowStopSince = 0;
  if (deal.stage === 'opening' && dca.params.base_order_type === 'limit') context.setTimer(BASE_TIMER, context.at + dca.params.limit_wait_minutes * 60_000);
  leaveIfReached(dca, deal);
}

/** After every event: moves the deal on, brings its orders in line, and watches the prices that matter next. */
function settle(dca: Dca): void {
  const { context, state } = dca;
  if (endIfGone(dca)) return;
  for (let rounds = 0; rounds < MAX_ROUNDS && advance(dca); rounds += 1);
  const { deal } = state;
  settleOrders(context, state.board, deal === null ? [] : wantedOrders(dca, deal), wholeLots(deal?.heldGrains ?? 0));
  const { below, above } = deal === null ? watchedForStart(dca) : watchedBy(dca, deal);
  context.watchPrice(below, above);
}

/** Stages a deal can go through within one event. */
const MAX_ROUNDS = 8;

/** One step of a deal's life that needs no order; `false` when there is none. */
function advance(dca: Dca): boolean {
  const { context, state } = dca;
  const { deal, board } = state;
  if (deal === null) return false;
  switch (deal.stage) {
    case 'opening':
      if (liveOrder(board, BASE_KEY) !== undefined || baseOrder(dca, deal).length > 0 || !context.isTrading) return false;
      stopOpening(dca, deal, 'nothing was bought');
      return true;
    case 'open':
      if (deal.heldGrains > 0 && hasUnsold(dca, deal)) return false;
      deal.stage = 'winding';
      deal.reason = 'take profit';
      return true;
    case 'winding':
      // What a safety order bought while it was being withdrawn is sold like the rest.
      if (hasUnsold(dca, deal)) {
        deal.stage = 'open';
        return true;
      }
      return isIdle(board) && context.isTrading ? endDeal(dca, deal) : false;
    case 'leaving':
      if (!isIdle(board) || isSellable(dca, deal, context.bidTicks) || !context.isTrading) return false;
      return endDeal(dca, deal);
    case 'dropping':
      return isIdle(board) && context.isTrading ? endDeal(dca, deal) : false;
  }
}

/** Whether there is something its exits could still sell, each at its own price: whatever the market does now, the answer stays. */
function hasUnsold(dca: Dca, deal: Deal): boolean {
  if (dca.params.trailing_take_profit_percent !== null) return isSellable(dca, deal, profitLevels(dca, deal).at(-1) ?? 0);
  return profitOrders(dca, deal).length > 0;
}

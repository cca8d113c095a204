/**
 * A position with barriers: entries open it, take-profit orders, a stop, a time limit and a trailing stop close it. The
 * targets rest at the venue; stop and time are watched here, because a spot venue binds a coin to one order only. What
 * touches first withdraws the rest, and only when that is confirmed closes what is left at market.
 */
import type { Order } from '../order.ts';
import type { Context, StrategyEvent } from '../strategy.ts';
import { isClosable, isTradable, wholeLots } from './amounts.ts';
import { against, closingSideOf, closingTicks, hurriedTicks, isAsGood, isShort, openingSideOf, openingTicks, tighter } from './directions.ts';
import type { Executor } from './executor.ts';
import { shareOut } from './net-prices.ts';
import { failuresOf, isIdle, liveOrder } from './order-board.ts';
import {
  bookPosition,
  breakEvenOf,
  ENTRY,
  EXIT,
  newPosition,
  numberIn,
  type PositionIntent,
  type PositionState,
  positionFigures,
  TARGET,
} from './position-state.ts';
import { BOARD_TIMER, onBoardAccepted, onBoardClosed, onBoardFilled, onBoardTimer, resetBoard, settleOrders, type WantedOrder } from './wanted-orders.ts';

/** Tries of an entry that is refused or finds nobody before the position goes on without it. */
export const MAX_ENTRY_TRIES = 3;
/** The reason of a position in a perpetual that the exchange has closed by itself. */
export const CLOSED_OUTSIDE = 'the exchange has closed the position by itself';
/** The best price is followed in steps of this share of the trailing distance, not tick by tick. */
const PEAK_STEP_SHARE = 0.02;
/** Of the two times a position waits for; the board has a timer of its own. */
const TIMER = 'position';

interface Run {
  readonly context: Context;
  readonly state: PositionState;
  readonly intent: PositionIntent;
}

export const positionExecutor: Executor<PositionIntent, PositionState> = {
  start(context, intent) {
    const run: Run = { context, intent, state: newPosition(intent) };
    settle(run);
    return run.state;
  },
  on(context, state, event, intent) {
    if (state.stage === 'done') return;
    const run: Run = { context, state, intent };
    react(run, event);
    // What trades at once is about to be told as filled or over.
    if (event.type !== 'orderAccepted' || event.order.timeInForce === 'gtc') settle(run);
  },
  isDone: (state) => state.stage === 'done',
  figures: positionFigures,
};

/** Closes all of it at market, whatever is under way. */
export function leavePosition(state: PositionState, reason: string): void {
  if (state.stage !== 'working') return;
  state.stage = 'leaving';
  state.isEntering = false;
  state.reason = reason;
}

/** Withdraws what has not been entered yet. */
export function endEntries(state: PositionState): void {
  state.isEntering = false;
}

function react({ context, state, intent }: Run, event: StrategyEvent): void {
  switch (event.type) {
    case 'orderAccepted':
      return onBoardAccepted(state.board, event.order);
    case 'orderFilled':
      onBoardFilled(state.board, event.order);
      if (bookPosition(state, event.order, event.fill, intent)) onBooked({ context, state, intent }, event.order);
      return;
    case 'orderClosed':
      return onClosed({ context, state, intent }, event.order, event.code);
    case 'timerFired':
      return event.name === BOARD_TIMER ? onBoardTimer(state.board) : undefined;
    case 'resumed':
      return resetBoard(context, state.board);
    default:
      return;
  }
}

function onBooked({ context, state, intent }: Run, order: Readonly<Order>): void {
  if (state.peakTicks === 0) state.peakTicks = openingTicks(intent, context);
  const target = numberIn(order.tag, TARGET);
  if (target === null) return;
  // Who takes profit enters no more.
  state.isEntering = false;
  const { breakEvenAfter } = intent;
  if (breakEvenAfter === null || state.isBreakEven || order.state !== 'filled' || target + 1 < breakEvenAfter) return;
  state.isBreakEven = true;
  state.stopTicks = tighter(intent, state.stopTicks, breakEvenOf(state, context.scale, intent));
  const price = context.scale.price(state.stopTicks);
  context.report('strategy_note', `Target ${target + 1} is reached: the stop is at ${price} now.`, { target: target + 1, stop: price });
}

function onClosed({ context, state }: Run, order: Readonly<Order>, code: string): void {
  const end = onBoardClosed(context, state.board, order, code);
  const entry = numberIn(order.tag, ENTRY);
  if (entry !== null && (end === 'parked' || failuresOf(state.board, order.tag) >= MAX_ENTRY_TRIES)) state.givenUp.push(entry);
  // What must be closed is not left open because its order was cancelled by hand.
  if (order.tag === EXIT) state.board.parked = state.board.parked.filter((key) => key !== EXIT);
}

/** After every event: looks at the barriers, moves on, and brings the orders in line. */
function settle(run: Run): void {
  const { context, state } = run;
  takeOutside(run);
  if (context.isTrading) {
    lookAtBarriers(run);
    advance(run);
  }
  settleOrders(context, state.board, wantedOrders(run), wholeLots(state.heldGrains));
  if (context.isTrading) finishIfOver(run);
  watch(run);
  setTimer(run);
}

/** What the exchange has closed of a perpetual by itself is not ours to close any more. */
function takeOutside({ context, state }: Run): void {
  const held = Math.abs(context.position.baseGrains);
  if (!context.scale.isPerpetual || state.heldGrains <= held) return;
  state.heldCostAtoms = Math.round((state.heldCostAtoms * held) / state.heldGrains);
  state.heldGrains = held;
  leavePosition(state, CLOSED_OUTSIDE);
}

function lookAtBarriers(run: Run): void {
  const { context, state, intent } = run;
  if (state.stage !== 'working') return;
  const { scale, at } = context;
  if (state.isEntering && intent.entryUntil !== null && at >= intent.entryUntil) {
    state.isEntering = false;
    if (state.opened.lots === 0) state.reason = 'its entry was not reached in time';
  }
  if (intent.endsAt !== null && at >= intent.endsAt) return leavePosition(state, 'its time is over');
  followBest(run);
  const closing = closingTicks(intent, context);
  const { stopTicks } = state;
  if (stopTicks > 0 && isAsGood(intent, stopTicks, closing)) return leavePosition(state, `stop at ${scale.price(stopTicks)}`);
  const first = missedAt(run);
  if (first !== null && isAsGood(intent, openingTicks(intent, context), first))
    leavePosition(state, `the price reached target ${scale.price(first)} before the entry`);
}

/** The price that calls the position off before anything is entered; `null` where none does. */
function missedAt({ state, intent }: Run): number | null {
  return intent.isMissedAtTarget && state.opened.lots === 0 ? (intent.targets[0]?.ticks ?? null) : null;
}

/** The trailing stop never goes back. */
function followBest({ context, state, intent }: Run): void {
  const { trailingPercent } = intent;
  if (trailingPercent === null || state.opened.lots === 0) return;
  const best = openingTicks(intent, context);
  if (isAsGood(intent, best, state.peakTicks)) state.peakTicks = best;
  state.stopTicks = tighter(intent, state.stopTicks, against(intent, state.peakTicks, trailingPercent));
}

/** Whether anything is still to be entered. */
function advance(run: Run): void {
  const { state, intent } = run;
  if (state.isEntering && intent.entries.every((_, index) => entryRest(run, index) === 0)) state.isEntering = false;
}

/** Lots still wanted of an entry; 0 when what is left is no order any more. */
function entryRest({ context, state, intent }: Run, index: number): number {
  const entry = intent.entries[index];
  if (entry === undefined || state.givenUp.includes(index)) return 0;
  const rest = entry.lots - (state.enteredLots[index] ?? 0);
  const isLive = liveOrder(state.board, `${ENTRY}${index}`) !== undefined;
  return isLive || isTradable(context, rest, entry.ticks || context.bidTicks) ? rest : 0;
}

function wantedOrders(run: Run): readonly WantedOrder[] {
  const { state, intent } = run;
  if (state.stage === 'working') return [...(state.isEntering ? entryOrders(run) : []), ...targetOrders(run)];
  const isAlone = isIdle(state.board) || liveOrder(state.board, EXIT) !== undefined;
  if (state.stage === 'done' || !isAlone) return [];
  return [{ key: EXIT, side: closingSideOf(intent), how: 'market', ticks: 0, lots: wholeLots(state.heldGrains), isClosing: true }];
}

function entryOrders(run: Run): readonly WantedOrder[] {
  const { context, intent } = run;
  const side = openingSideOf(intent);
  return intent.entries.flatMap(({ ticks }, index): readonly WantedOrder[] => {
    const lots = entryRest(run, index);
    if (lots === 0) return [];
    const key = `${ENTRY}${index}`;
    return [ticks === 0 ? { key, side, how: 'take', ticks: hurriedTicks(intent, context), lots } : { key, side, how: 'rest', ticks, lots }];
  });
}

function targetOrders(run: Run): readonly WantedOrder[] {
  const { context, state, intent } = run;
  const held = wholeLots(state.heldGrains);
  if (intent.targets.length === 0 || held <= 0) return [];
  const steps = intent.targets.map(({ share }, index) => ({ share, soldLots: state.targetLots[index] ?? 0 }));
  const shares = shareOut(
    steps,
    held,
    // The small rest of an order that trades already may stay where it is.
    (index, lots) => lots > 0 && (liveOrder(state.board, `${TARGET}${index}`) !== undefined || isClosable(context, lots, intent.targets[index]?.ticks ?? 0)),
  );
  const side = closingSideOf(intent);
  return intent.targets.flatMap(({ ticks }, index): readonly WantedOrder[] => {
    const lots = shares[index] ?? 0;
    return lots === 0 ? [] : [{ key: `${TARGET}${index}`, side, how: 'rest', ticks, lots, isClosing: true }];
  });
}

/** Nothing is at the venue, and what is held, if anything, is too little for an order. */
function finishIfOver(run: Run): void {
  const { context, state, intent } = run;
  if (state.stage === 'done' || state.isEntering || !isIdle(state.board)) return;
  const held = wholeLots(state.heldGrains);
  const ticks = state.stage === 'leaving' ? context.bidTicks : Math.max(context.bidTicks, ...intent.targets.map((target) => target.ticks));
  if (isClosable(context, held, ticks)) return;
  if (state.stage === 'working' && state.opened.lots > 0)
    state.reason = state.targetLots.some((lots) => lots > 0) ? 'targets reached' : 'what was entered is too little to be closed';
  else if (state.reason === '') state.reason = 'nothing was entered';
  state.stage = 'done';
  resetBoard(context, state.board);
}

/** The prices at which the position must be looked at. */
function watch(run: Run): void {
  const { context, state, intent } = run;
  if (state.stage !== 'working') return context.watchPrice(0, Number.POSITIVE_INFINITY);
  const { stopTicks } = state;
  const good = state.opened.lots === 0 ? missedAt(run) : nextBest(state, intent);
  if (isShort(intent)) context.watchPrice(good ?? 0, stopTicks === 0 ? Number.POSITIVE_INFINITY : stopTicks);
  else context.watchPrice(stopTicks, good ?? Number.POSITIVE_INFINITY);
}

function nextBest({ peakTicks }: PositionState, intent: PositionIntent): number | null {
  if (intent.trailingPercent === null) return null;
  const distance = Math.abs(peakTicks - against(intent, peakTicks, intent.trailingPercent));
  const step = Math.max(1, Math.floor(distance * PEAK_STEP_SHARE));
  return isShort(intent) ? peakTicks - step : peakTicks + step;
}

function setTimer({ context, state, intent }: Run): void {
  const times = [state.isEntering ? intent.entryUntil : null, intent.endsAt].filter((at) => at !== null).filter((at) => at > context.at);
  const next = state.stage === 'working' && times.length > 0 ? Math.min(...times) : 0;
  if (next === state.timerAt) return;
  state.timerAt = next;
  if (next === 0) context.clearTimer(TIMER);
  else context.setTimer(TIMER, next);
}

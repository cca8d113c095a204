/**
 * What all executors share that buy or sell one amount: which orders they want is their own, how these are placed, booked,
 * withdrawn and ended is said once here. An executor ends when its amount has traded, its time is over or its user has
 * cancelled its orders, and only when nothing of it is at the venue any more.
 */
import type { Scale } from '../instrument.ts';
import type { Order, Side } from '../order.ts';
import type { Context, StrategyEvent } from '../strategy.ts';
import { isTradable } from './amounts.ts';
import type { Executor, ExecutorFigures } from './executor.ts';
import { isIdle, newBoard, type OrderBoard, refusalOf } from './order-board.ts';
import { BOARD_TIMER, onBoardAccepted, onBoardClosed, onBoardFilled, onBoardTimer, resetBoard, settleOrders, type WantedOrder } from './wanted-orders.ts';

/** One amount to trade on a spot instrument. */
export interface ExecutionIntent {
  readonly side: Side;
  readonly lots: number;
  /** When what has not traded is withdrawn, in milliseconds since 1970; `null` for never. */
  readonly endsAt: number | null;
}

export interface Execution {
  stage: 'working' | 'ending' | 'done';
  board: OrderBoard;
  filledLots: number;
  filledAtoms: number;
  /** When its timer is set for; 0 while it is not. */
  timerAt: number;
  reason: string;
}

/** What makes one executor differ from another. All of it is synchronous and keeps what it must know in the state. */
export interface Recipe<Intent extends ExecutionIntent, State extends Execution> {
  start(base: Execution, intent: Intent, at: number): State;
  /** What should be at the venue now. Asked after every event while it works; may move the state on. */
  wanted(context: Context, state: State, intent: Intent): readonly WantedOrder[];
  /** When it must be asked again though nothing happens; `null` when never. */
  wakeAt(state: State, intent: Intent): number | null;
  /** A fill of one of its orders, which counts in the sums already. */
  booked?(state: State, order: Readonly<Order>, lots: number): void;
  /** The user has cancelled an order: its purpose is given up. */
  cancelled(state: State, key: string): void;
  /** Whether it wants nothing any more, though not all has traded. */
  isOver(context: Context, state: State, intent: Intent): boolean;
  /** Anything else it wants to hear. */
  hear?(state: State, event: StrategyEvent): void;
}

/** Of all that an execution waits for beside the board's retries. */
const TIMER = 'execution';

interface Run<Intent extends ExecutionIntent, State extends Execution> {
  readonly context: Context;
  readonly state: State;
  readonly intent: Intent;
  readonly recipe: Recipe<Intent, State>;
}

export function executorOf<Intent extends ExecutionIntent, State extends Execution>(recipe: Recipe<Intent, State>): Executor<Intent, State> {
  return {
    start(context, intent) {
      const base: Execution = { stage: 'working', board: newBoard(), filledLots: 0, filledAtoms: 0, timerAt: 0, reason: '' };
      const state = recipe.start(base, intent, context.at);
      settle({ context, state, intent, recipe });
      return state;
    },
    on(context, state, event, intent) {
      if (state.stage === 'done') return;
      react({ context, state, intent, recipe }, event);
      // What trades at once is about to be told as filled or over.
      if (event.type !== 'orderAccepted' || event.order.timeInForce === 'gtc') settle({ context, state, intent, recipe });
    },
    isDone: ({ stage }) => stage === 'done',
    figures: executionFigures,
  };
}

function react<Intent extends ExecutionIntent, State extends Execution>({ context, state, recipe }: Run<Intent, State>, event: StrategyEvent): void {
  switch (event.type) {
    case 'orderAccepted':
      return onBoardAccepted(state.board, event.order);
    case 'orderFilled':
      onBoardFilled(state.board, event.order);
      state.filledLots += event.fill.sizeLots;
      state.filledAtoms += event.fill.sizeLots * event.fill.priceTicks;
      return recipe.booked?.(state, event.order, event.fill.sizeLots);
    case 'orderClosed':
      return onBoardClosed(context, state.board, event.order, event.code) === 'parked' ? recipe.cancelled(state, event.order.tag) : undefined;
    case 'timerFired':
      return event.name === BOARD_TIMER ? onBoardTimer(state.board) : undefined;
    case 'resumed':
      return resetBoard(context, state.board);
    default:
      return recipe.hear?.(state, event);
  }
}

function settle<Intent extends ExecutionIntent, State extends Execution>(run: Run<Intent, State>): void {
  const { context, state, intent, recipe } = run;
  if (!context.isTrading) return;
  if (intent.endsAt !== null && context.at >= intent.endsAt) end(state, 'its time is over');
  const rest = intent.lots - state.filledLots;
  if (rest <= 0) end(state, 'all of it has traded');
  const wanted = state.stage === 'working' ? recipe.wanted(context, state, intent) : [];
  settleOrders(context, state.board, wanted, rest);
  if (isIdle(state.board)) {
    if (!isTradable(context, rest, context.bidTicks)) end(state, 'the rest is less than the venue takes');
    else if (recipe.isOver(context, state, intent)) end(state, 'the rest was cancelled or is too small');
    if (state.stage === 'ending') state.stage = 'done';
  }
  setTimer(run);
}

function end(state: Execution, reason: string): void {
  if (state.stage !== 'working') return;
  state.stage = 'ending';
  state.reason = reason;
}

function setTimer<Intent extends ExecutionIntent, State extends Execution>({ context, state, intent, recipe }: Run<Intent, State>): void {
  const times = [intent.endsAt, recipe.wakeAt(state, intent)].filter((at) => at !== null).filter((at) => at > context.at);
  const next = state.stage === 'working' && times.length > 0 ? Math.min(...times) : 0;
  if (next === state.timerAt) return;
  state.timerAt = next;
  if (next === 0) context.clearTimer(TIMER);
  else context.setTimer(TIMER, next);
}

function executionFigures(state: Execution, scale: Scale, { lots }: ExecutionIntent): ExecutorFigures {
  const { filledLots, filledAtoms } = state;
  return {
    stage: state.stage,
    filled: scale.size(filledLots),
    unfilled: scale.size(lots - filledLots),
    average_price: filledLots === 0 ? null : scale.price(Math.round(filledAtoms / filledLots)),
    refusal: refusalOf(state.board),
    reason: state.reason === '' ? null : state.reason,
  };
}

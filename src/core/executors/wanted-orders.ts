/**
 * Brings a strategy's live orders in line with those it wants: cancels what is not wanted or differs, places what is
 * missing once the venue has confirmed the cancel, and tries what was refused again after a growing wait. The strategy
 * says after every event what it wants; everything remembered here is plain data.
 */

import { append } from '../engine/order-index.ts';
import type { Order, Side } from '../order.ts';
import type { Context } from '../strategy.ts';
import { isClosable, isTradable, wholeLots } from './amounts.ts';
import { adoptBoard, endOrder, endWait, isIdle, liveOrder, type OrderBoard, setWait, waitOf } from './order-board.ts';
import { LONGEST_RETRY_MS, retryWait, WHOLE_BOT_CODES } from './retries.ts';

/** An order that should be on the book, or be executed at once, for what is left of a purpose. */
export interface WantedOrder {
  /** Names the purpose; at most one order lives for it. Becomes the order's tag. */
  readonly key: string;
  readonly side: Side;
  /** `rest` waits on the book, `take` trades at its price or better and ends, `market` trades at any price. */
  readonly how: 'rest' | 'take' | 'market';
  /** 0 for `market`. */
  readonly ticks: number;
  readonly lots: number;
  /** It closes what is held, which on a perpetual it may do alone; on spot every sale does. */
  readonly isClosing?: boolean;
}

export const BOARD_TIMER = 'orders';

/** Orders on their way to the venue at once; the others follow as answers come. */
const MAX_IN_FLIGHT = 10;

/** Moves the live orders towards the wanted ones, as far as that can be done now. All that closes offers together at most `heldLots`, what is still being withdrawn included. */
export function settleOrders(context: Context, board: OrderBoard, wanted: readonly WantedOrder[], heldLots: number): void {
  adoptBoard(board);
  if (!context.isTrading || (wanted.length === 0 && isIdle(board))) return;
  let inFlight = 0;
  for (const live of board.orders) {
    const order = context.order(live.id);
    if (order === undefined) continue;
    if (!order.cancelRequested && differs(order, live.lots, wantedFor(wanted, live.key))) {
      live.isReplacing = true;
      context.cancel(live.id);
    }
    if (order.state === 'submitting') inFlight += 1;
  }
  for (const order of wanted) {
    if (inFlight >= MAX_IN_FLIGHT) break;
    if (liveOrder(board, order.key) !== undefined || board.parked.includes(order.key)) continue;
    if (Math.max(waitOf(board, order.key)?.retryAt ?? 0, board.holdUntil) > context.at) continue;
    if (place(context, board, order, heldLots)) inFlight += 1;
  }
  setBoardTimer(context, board);
}

function wantedFor(wanted: readonly WantedOrder[], key: string): WantedOrder | undefined {
  for (const order of wanted) if (order.key === key) return order;
  return undefined;
}

/** An order that trades at once is let be; one that rests must have the wanted price and, of its rest, the wanted size. */
function differs(order: Readonly<Order>, lots: number, wanted: WantedOrder | undefined): boolean {
  if (wanted === undefined) return true;
  if (order.timeInForce !== 'gtc') return false;
  return order.priceTicks !== wanted.ticks || lots - order.filledLots !== wanted.lots;
}

function place(context: Context, board: OrderBoard, wanted: WantedOrder, heldLots: number): boolean {
  const { side, how, ticks } = wanted;
  const { isPerpetual, maxLots } = context.scale;
  const isClosing = isPerpetual ? wanted.isClosing === true : side === 'sell';
  const isEnough = isClosing ? isClosable : isTradable;
  const atTicks = ticks === 0 ? context.bidTicks : ticks;
  const most = Math.min(wanted.lots, maxLots);
  const lots = isClosing ? Math.min(most, freeLots(context, board, side, heldLots)) : most;
  if (!isEnough(context, lots, atTicks)) {
    // What it misses may be bound by an order that is being withdrawn.
    const isBound = board.orders.some((live) => live.isReplacing);
    if (isClosing && !isBound && isEnough(context, wanted.lots, atTicks)) fail(context, board, wanted.key, side, wanted.lots, 'holding_exceeded');
    return false;
  }
  const id = context.submit({
    side,
    type: how === 'market' ? 'market' : 'limit',
    priceTicks: ticks,
    triggerTicks: 0,
    sizeLots: lots,
    timeInForce: how === 'rest' ? 'gtc' : 'ioc',
    postOnly: false,
    reduceOnly: isPerpetual && isClosing,
    tag: wanted.key,
  });
  append(board.orders, { key: wanted.key, id, lots: wanted.lots, isReplacing: false });
  return true;
}

/** What can still be offered: never more than the bot has, whatever the strategy believes, and never more than the strategy may sell. */
function freeLots(context: Context, board: OrderBoard, side: Side, heldLots: number): number {
  let free = heldLots;
  for (const live of board.orders) {
    const order = context.order(live.id);
    if (order?.side === side) free -= order.sizeLots - order.filledLots;
  }
  return Math.min(free, wholeLots(context.freeBaseGrains()));
}

/** The venue has the order: what was refused before is forgotten. */
export function onBoardAccepted(board: OrderBoard, order: Readonly<Order>): void {
  if (order.timeInForce === 'gtc') endWait(board, order.tag);
  board.holdFailures = 0;
}

/** Forgets an order that is filled whole; one that trades on stays. */
export function onBoardFilled(board: OrderBoard, order: Readonly<Order>): void {
  endWait(board, order.tag);
  if (order.state === 'filled') endOrder(board, order.tag, order.clientOrderId);
}

/** Why an order is over without being filled whole. */
export type BoardEnd = 'withdrawn' | 'parked' | 'failed' | 'halted';

/** Notes the end of an order; what is left of its purpose is placed again at once, after a wait, or not at all. */
export function onBoardClosed(context: Context, board: OrderBoard, order: Readonly<Order>, code: string): BoardEnd {
  const wasReplacing = liveOrder(board, order.tag)?.isReplacing === true;
  endOrder(board, order.tag, order.clientOrderId);
  if (!context.isTrading) return 'halted';
  if (code === 'cancelled' && order.cancelRequested) {
    if (wasReplacing) return 'withdrawn';
    board.parked.push(order.tag);
    const text = `The ${order.side} order ${order.tag} was cancelled by hand. It rests until the bot is paused and resumed.`;
    context.report('strategy_note', text, { order: order.tag, side: order.side });
    return 'parked';
  }
  fail(context, board, order.tag, order.side, order.sizeLots - order.filledLots, code);
  return 'failed';
}

/** The order goes on under another id. */
export function onBoardReplaced(board: OrderBoard, order: Readonly<Order>, former: Readonly<Order>): void {
  const live = liveOrder(board, former.tag);
  if (live?.id !== former.clientOrderId) return;
  live.id = order.clientOrderId;
  // What was filled of the former counts as before: the new order is for its rest alone.
  live.lots -= former.filledLots;
}

function fail(context: Context, board: OrderBoard, key: string, side: Side, lots: number, code: string): void {
  if (WHOLE_BOT_CODES.has(code)) return hold(context, board, code);
  const before = waitOf(board, key);
  const isNews = before?.code !== code;
  const failures = isNews ? 1 : before.failures + 1;
  const waitMs = retryWait(failures);
  setWait(board, { key, failures, code, retryAt: context.at + waitMs });
  setBoardTimer(context, board);
  // The same refusal is told again only while the wait grows, so that it stays readable.
  if (waitMs >= LONGEST_RETRY_MS && !isNews) return;
  const text = `The ${side} order ${key} of ${context.scale.size(lots)} could not be placed or kept: ${code}. Next try in ${waitMs / 1_000} s.`;
  context.report('strategy_note', text, { order: key, side, code, attempt: failures, retry_in_ms: waitMs });
}

function hold(context: Context, board: OrderBoard, code: string): void {
  if (context.at < board.holdUntil) return;
  board.holdFailures += 1;
  const waitMs = retryWait(board.holdFailures);
  board.holdUntil = context.at + waitMs;
  setBoardTimer(context, board);
  context.report('strategy_note', `No order can be placed at present: ${code}. Next try in ${waitMs / 1_000} s.`, {
    code,
    attempt: board.holdFailures,
    retry_in_ms: waitMs,
  });
}

/** One timer for everything that waits, set to the earliest. */
function setBoardTimer(context: Context, board: OrderBoard): void {
  let at = board.holdUntil > context.at ? board.holdUntil : Number.POSITIVE_INFINITY;
  for (const { retryAt } of board.waits) if (retryAt > context.at) at = Math.min(at, Math.max(retryAt, board.holdUntil));
  if (!Number.isFinite(at) || at === board.timerAt) return;
  board.timerAt = at;
  context.setTimer(BOARD_TIMER, at);
}

/** The retry timer has fired: the next one may be set. */
export function onBoardTimer(board: OrderBoard): void {
  board.timerAt = 0;
}

/** After a pause or a halt everything is tried again, also what was cancelled by hand. */
export function resetBoard(context: Context, board: OrderBoard): void {
  adoptBoard(board);
  // An order that a halt has cancelled may not be over yet; it is placed again when it is.
  for (const live of board.orders) live.isReplacing = context.order(live.id)?.cancelRequested === true;
  if (board.waits.length > 0) board.waits = [];
  if (board.parked.length > 0) board.parked = [];
  board.holdUntil = 0;
  board.holdFailures = 0;
  board.timerAt = 0;
}

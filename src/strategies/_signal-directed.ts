/**
 * Strategies of signals on a perpetual: one position at a time, long or short, held by the executor of a position. A signal that turns
 * closes the one and, where the user trades both ways, enters the other when that is over.
 */
import { isTradable, openingPrice } from '#core/executors/amounts.ts';
import { against, type Directed, openingTicks, tighter } from '#core/executors/directions.ts';
import { averageTicks, netTicks } from '#core/executors/net-prices.ts';
import { CLOSED_OUTSIDE, leavePosition, positionExecutor } from '#core/executors/position.ts';
import type { PositionIntent } from '#core/executors/position-state.ts';
import type { StrategyEvent } from '#core/strategy.ts';
import { costOfSize, withMargin } from './_dca/ladder.ts';
import { entryAtoms } from './_signal-plan.ts';
import { ENTER, ENTER_SHORT, LEAVE, LEAVE_SHORT, type Run } from './_signal-run.ts';
import type { DirectedTrade } from './_signal-state.ts';

type Direction = Directed['direction'];

export function onDirected(run: Run, event: StrategyEvent, isMirrored: boolean): void {
  const { context, state } = run;
  const directed = (state.directed ??= { trade: null, next: null, earnedAtoms: 0, fundingAtoms: 0 });
  const held = directed.trade?.position;
  // A fill that closes it has been counted in the position, but not told yet.
  if (held !== undefined && held.heldGrains > 0 && context.position.baseGrains === 0 && event.type !== 'orderFilled') leavePosition(held, CLOSED_OUTSIDE);
  if (event.type === 'barTurned') onTurn(run, directed, isMirrored ? mirrored(event.turn) : event.turn, event.isHistory);
  if (event.type === 'userCommand') closeByHand(run, directed);
  // What was to be entered before is not entered late.
  if (event.type === 'paused' || event.type === 'resumed') directed.next = null;
  const { trade } = directed;
  if (trade !== null) {
    positionExecutor.on(context, trade.position, event, trade.intent);
    // Once more, where what was filled has moved stop and profit.
    if (aim(run, trade))
      positionExecutor.on(context, trade.position, { type: 'quoteChanged', bidTicks: context.bidTicks, askTicks: context.askTicks }, trade.intent);
    if (positionExecutor.isDone(trade.position)) endTrade(run, directed, trade);
  }
  if (directed.trade === null && directed.next !== null && context.isTrading) enter(run, directed, directed.next);
  note(run, directed);
}

/** What ends a long begins a short, and the other way round. */
function mirrored(turn: number): number {
  return ((turn & ENTER) !== 0 ? ENTER | LEAVE_SHORT : 0) | ((turn & LEAVE) !== 0 ? LEAVE | ENTER_SHORT : 0);
}

/** A signal to leave is followed whenever it came, one to enter only when it is fresh. */
function onTurn(run: Run, directed: DirectedTrade, turn: number, isHistory: boolean): void {
  const held = directed.trade?.intent.direction ?? null;
  if (directed.trade !== null && (turn & (held === 'short' ? LEAVE_SHORT : LEAVE)) !== 0) {
    leavePosition(directed.trade.position, 'signal');
    directed.next = null;
  }
  const wanted = wantedBy(turn, run.params.direction);
  if (isHistory || wanted === null || !run.context.isTrading) return;
  if (held === null || (wanted !== held && directed.trade?.position.stage === 'leaving')) directed.next = wanted;
}

function wantedBy(turn: number, direction: 'long' | 'short' | 'both'): Direction | null {
  if ((turn & ENTER) !== 0 && direction !== 'short') return 'long';
  return (turn & ENTER_SHORT) !== 0 && direction !== 'long' ? 'short' : null;
}

function closeByHand({ context }: Run, directed: DirectedTrade): void {
  directed.next = null;
  if (directed.trade === null) context.report('strategy_note', 'The command close_position was not carried out: nothing is held.', {});
  else leavePosition(directed.trade.position, 'closed by hand');
}

function enter(run: Run, directed: DirectedTrade, direction: Direction): void {
  const { context, params } = run;
  directed.next = null;
  const lots = entryLots(run);
  if (lots === 0) {
    const free = context.scale.quote(Math.max(0, context.freeQuoteAtoms()));
    context.report('strategy_note', `A signal to enter was not followed: ${free} ${context.scale.instrument.quote} are too little for an order.`, {});
    return;
  }
  const intent: PositionIntent = {
    direction,
    entries: [{ ticks: 0, lots }],
    // Its price follows from what is filled.
    targets: params.take_profit_percent === null ? [] : [{ ticks: NOWHERE[direction], share: '100' }],
    stopTicks: params.stop_loss_percent === null ? 0 : against({ direction }, openingTicks({ direction }, context), params.stop_loss_percent),
    trailingPercent: params.trailing_stop_percent,
    breakEvenAfter: null,
    isMissedAtTarget: false,
    entryUntil: null,
    endsAt: null,
  };
  directed.earnedAtoms = context.position.realisedAtoms;
  directed.trade = { intent, position: positionExecutor.start(context, intent) };
}

/** Where a target stands before anything is filled. */
const NOWHERE: Readonly<Record<Direction, number>> = { long: Number.MAX_SAFE_INTEGER, short: 1 };

/** As many lots as the money pays for at the dearest price the entry may have, its margin and fee counted; 0 where that is no order. */
function entryLots({ context, params }: Run): number {
  const { scale, feeAsset, askTicks } = context;
  const most = Math.floor((context.freeQuoteAtoms() * 0.999_999) / (costOfSize(withMargin(1_000_000), scale, feeAsset, params.leverage) / 1_000_000));
  const atoms = params.sizing === 'compound' ? most : Math.min(most, entryAtoms(params, scale, feeAsset));
  const lots = Math.min(Math.floor(atoms / askTicks), Math.floor(withMargin(atoms) / openingPrice(askTicks)), scale.maxLots);
  return isTradable(context, lots, context.bidTicks) ? lots : 0;
}

/** Puts stop and profit where what has been filled so far wants them; `true` when that is elsewhere than before. */
function aim({ context, params }: Run, trade: NonNullable<DirectedTrade['trade']>): boolean {
  const { position } = trade;
  const { direction } = trade.intent;
  if (position.stage !== 'working' || position.opened.lots === 0) return false;
  const profit = params.take_profit_percent === null ? 0 : netTicks(position.opened, params.take_profit_percent, context.scale.makerFee, { direction });
  const fixed = params.stop_loss_percent === null ? 0 : against({ direction }, averageTicks(position.opened), params.stop_loss_percent);
  const stop = params.trailing_stop_percent === null ? fixed : tighter({ direction }, position.stopTicks, fixed);
  const isMoved = stop !== position.stopTicks || (trade.intent.targets[0]?.ticks ?? 0) !== profit;
  position.stopTicks = stop;
  if (profit > 0) trade.intent = { ...trade.intent, targets: [{ ticks: Math.max(1, profit), share: '100' }] };
  return isMoved;
}

function endTrade({ context, state }: Run, directed: DirectedTrade, { position, intent }: NonNullable<DirectedTrade['trade']>): void {
  const { scale } = context;
  directed.trade = null;
  if (position.opened.lots === 0) return;
  const earned = context.position.realisedAtoms - directed.earnedAtoms;
  if (earned > 0) state.tradesWon += 1;
  else state.tradesLost += 1;
  const reason = position.reason === 'targets reached' ? 'take profit' : position.reason;
  const profit = scale.quote(earned);
  // What is left of the run is told and ended.
  if (position.reason === CLOSED_OUTSIDE) return context.finish(CLOSED_OUTSIDE, 'keep');
  context.report('target_reached', `The ${intent.direction} position was closed (${reason}) with ${profit} ${scale.instrument.quote}.`, { reason, profit });
}

/** The figures of people: what counts is the position, with funding. */
function note({ context, state }: Run, directed: DirectedTrade): void {
  const position = directed.trade?.position ?? null;
  state.stage = position === null ? 'flat' : position.stage === 'leaving' ? 'leaving' : position.isEntering ? 'entering' : 'holding';
  state.profitAtoms = context.position.realisedAtoms;
  directed.fundingAtoms = context.position.fundingAtoms ?? 0;
}

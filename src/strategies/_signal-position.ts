/**
 * One position at a time, bought on a signal and sold on another, at a stop or at a profit: what every strategy has in
 * common that decides at the closes of bars. A strategy adds its rule. A signal to leave that came while nobody could
 * act on it is followed as soon as one can; a missed signal to enter is not.
 */
import type { BarRule } from '#core/bars/bar-rule.ts';
import { isTradable, openingPrice, wholeLots } from '#core/executors/amounts.ts';
import { ticksBelow } from '#core/executors/directions.ts';
import { netTicks } from '#core/executors/net-prices.ts';
import { failuresOf, isIdle, liveOrder } from '#core/executors/order-board.ts';
import {
  BOARD_TIMER,
  onBoardAccepted,
  onBoardClosed,
  onBoardFilled,
  onBoardTimer,
  resetBoard,
  settleOrders,
  type WantedOrder,
} from '#core/executors/wanted-orders.ts';
import type { Operand } from '#core/indicator-operand.ts';
import type { Issue, ParamsOf, ParamsSpec } from '#core/params.ts';
import { type Context, defineStrategy, type PlanInput, type Strategy, type StrategyEvent } from '#core/strategy.ts';
import { barsOf } from './_bars.ts';
import { costOfSize, withMargin } from './_dca/ladder.ts';
import { onDirected } from './_signal-directed.ts';
import { SIGNAL_PARAMS, type SignalParamsSpec } from './_signal-params.ts';
import { entryAtoms, planSignals, type SharedParams } from './_signal-plan.ts';
import { ENTER, LEAVE, type Run, type Sided } from './_signal-run.ts';
import { book, newSignalState, type SignalState, signalFigures } from './_signal-state.ts';

/** When to buy and when to sell, from figures in ticks. Its memory is plain data. */
export interface SignalRule<Spec extends ParamsSpec, Memory> {
  readonly name: string;
  readonly title: Strategy['title'];
  readonly summary: Strategy['summary'];
  /** Settings of its own, beside the shared ones. */
  readonly params: Spec;
  /** Whether {@link LEAVE} says of a short what {@link ENTER} says of a long, and the other way round; where not, it says so itself. */
  readonly isMirrored: boolean;
  /** Bars until it can say anything. */
  warmUp(params: ParamsOf<Spec>): number;
  /** What it looks at. */
  figures(params: ParamsOf<Spec> & Sided): readonly Operand[];
  start(params: ParamsOf<Spec>): Memory;
  /** Takes the figures at a close in, NaN for those that warm up, changing the memory in place: {@link ENTER}, {@link LEAVE} or {@link STAY}. */
  turn(memory: Memory, figures: Float64Array, params: ParamsOf<Spec> & Sided): number;
  /** As of {@link BarRule}. */
  quiet?(memory: Memory, columns: readonly Float64Array[], from: number, to: number): number;
  /** What is wrong between its settings. */
  issues?(params: ParamsOf<Spec>): readonly Issue[];
}

const NO_ORDERS: readonly WantedOrder[] = [];
const ENTRY_KEY = 'entry';
const PROFIT_KEY = 'profit';
const EXIT_KEY = 'exit';
/** Tries of an entry that finds no seller before the bot goes on with what it has. */
const MAX_ENTRY_TRIES = 3;
/** The highest price is followed in steps of this share of the trailing distance, not tick by tick. */
const PEAK_STEP_SHARE = 0.02;

/** A strategy of the shared parts and a rule. */
export function signalStrategy<const Spec extends ParamsSpec, Memory>(rule: SignalRule<Spec, Memory>): Strategy<SignalParamsSpec & Spec, SignalState> {
  type All = ParamsOf<SignalParamsSpec & Spec>;
  // The merged settings hold both; the compiler cannot see that through the mapped type.
  const own = (params: All) => params as unknown as ParamsOf<Spec>;
  const shared = (params: All) => params as unknown as SharedParams;
  return defineStrategy<SignalParamsSpec & Spec, SignalState>({
    name: rule.name,
    version: 3,
    title: rule.title,
    summary: rule.summary,
    params: { ...rule.params, ...SIGNAL_PARAMS },
    markets: ['spot', 'perpetual'],
    wants: { bars: true, quotes: false },
    bars: (params) => [barsOf(shared(params).timeframe, rule.warmUp(own(params)))],
    rule: {
      prices: 'ticks',
      figures: rule.figures,
      start: rule.start,
      turn: rule.turn,
      ...(rule.quiet === undefined ? {} : { quiet: rule.quiet }),
    } as unknown as BarRule<SignalParamsSpec & Spec>,
    commands: {
      close_position: {
        title: { en: 'Close the position', ru: 'Закрыть позицию' },
        help: {
          en: 'Sells what the bot holds at market; the next signal to enter is followed.',
          ru: 'Продаёт купленное по рынку; следующий сигнал на вход исполняется.',
        },
        params: {},
      },
    },
    plan: (input) => planSignals(input as unknown as PlanInput<SignalParamsSpec>, rule.warmUp(own(input.params)), rule.issues?.(own(input.params)) ?? []),
    start: newSignalState,
    on(context, state, event, params): void {
      const run: Run = { context, state, params: shared(params) };
      if (context.scale.isPerpetual) return onDirected(run, event, rule.isMirrored);
      if (event.type === 'barTurned') onSignal(run, event.turn, event.isHistory);
      else react(run, event);
      // What trades at once is about to be told as filled or over.
      if (event.type !== 'orderAccepted' || event.order.timeInForce === 'gtc') settle(run);
    },
    figures: signalFigures,
  });
}

function onSignal(run: Run, turn: number, isHistory: boolean): void {
  const { state, context } = run;
  if ((turn & LEAVE) !== 0 && (state.stage === 'holding' || state.stage === 'entering')) leave(run, 'signal');
  else if ((turn & ENTER) !== 0 && state.stage === 'flat' && !isHistory && context.isTrading) enter(run);
}

function enter({ context, state, params }: Run): void {
  const { scale, feeAsset } = context;
  const free = context.freeQuoteAtoms();
  // The margin of the price and the fee come out of the amount, so that the order always fits.
  const most = Math.floor((free * 0.999_999) / (costOfSize(withMargin(1_000_000), scale, feeAsset) / 1_000_000));
  const wanted = params.sizing === 'compound' ? most : Math.min(most, entryAtoms(params, scale, feeAsset));
  state.toSpendAtoms = wanted;
  if (entryLots(context, state) === 0) {
    state.toSpendAtoms = 0;
    context.report(
      'strategy_note',
      `A signal to enter was not followed: ${scale.quote(Math.max(0, free))} ${scale.instrument.quote} are too little for an order.`,
      {},
    );
    return;
  }
  state.stage = 'entering';
  state.bought = { grains: state.heldGrains, costAtoms: state.heldCostAtoms, lots: 0, valueAtoms: 0 };
  state.tradeAtoms = 0;
  state.peakTicks = context.askTicks;
}

/** What is still to be bought; 0 where that is too little for an order. */
function entryLots(context: Context, state: SignalState): number {
  const lots = Math.min(Math.floor(state.toSpendAtoms / context.askTicks), Math.floor(withMargin(state.toSpendAtoms) / openingPrice(context.askTicks)));
  return isTradable(context, lots, context.bidTicks) ? lots : 0;
}

function leave({ state }: Run, reason: string): void {
  state.stage = 'leaving';
  state.reason = reason;
  state.toSpendAtoms = 0;
}

function react(run: Run, event: StrategyEvent): void {
  const { context, state } = run;
  switch (event.type) {
    case 'orderAccepted':
      return onBoardAccepted(state.board, event.order);
    case 'orderFilled':
      onBoardFilled(state.board, event.order);
      return book(state, event.fill);
    case 'orderClosed':
      onBoardClosed(context, state.board, event.order, event.code);
      if (event.order.tag === ENTRY_KEY && state.stage === 'entering' && isEntryGivenUp(state)) state.toSpendAtoms = 0;
      return;
    case 'timerFired':
      return event.name === BOARD_TIMER ? onBoardTimer(state.board) : undefined;
    case 'resumed':
      return resetBoard(context, state.board);
    case 'userCommand':
      if (state.stage === 'holding' || state.stage === 'entering') leave(run, 'closed by hand');
      else context.report('strategy_note', 'The command close_position was not carried out: nothing is held.', {});
      return;
    default:
      return;
  }
}

function isEntryGivenUp({ board }: SignalState): boolean {
  return board.parked.includes(ENTRY_KEY) || failuresOf(board, ENTRY_KEY) >= MAX_ENTRY_TRIES;
}

/** After every event: looks at the stops, moves on, and brings the orders in line. */
function settle(run: Run): void {
  const { context, state } = run;
  if (context.isTrading) {
    lookAtStops(run);
    advance(run);
  }
  if (state.stage !== 'flat' || !isIdle(state.board)) settleOrders(context, state.board, wantedOrders(run), wholeLots(state.heldGrains));
  watch(run);
}

function advance(run: Run): void {
  const { context, state } = run;
  if (state.stage === 'entering' && liveOrder(state.board, ENTRY_KEY) === undefined && entryLots(context, state) === 0) {
    state.stage = 'holding';
    state.toSpendAtoms = 0;
    resetBoard(context, state.board);
  }
  if ((state.stage !== 'holding' && state.stage !== 'leaving') || !isIdle(state.board)) return;
  const ticks = state.stage === 'holding' ? (profitPrice(run) ?? context.bidTicks) : context.bidTicks;
  if (!canSell(run, ticks)) endTrade(run);
}

function endTrade({ context, state }: Run): void {
  const { scale } = context;
  const hasTraded = state.bought.lots > 0;
  state.stage = 'flat';
  resetBoard(context, state.board);
  if (!hasTraded) return;
  if (state.tradeAtoms > 0) state.tradesWon += 1;
  else state.tradesLost += 1;
  const reason = state.reason === '' ? 'take profit' : state.reason;
  state.reason = '';
  const { tradeAtoms } = state;
  context.report('target_reached', () => {
    const profit = scale.quote(tradeAtoms);
    return { text: `The position was closed (${reason}) with ${profit} ${scale.instrument.quote}.`, data: { reason, profit } };
  });
}

function canSell({ context, state }: Run, ticks: number): boolean {
  return isTradable(context, wholeLots(state.heldGrains), ticks);
}

function wantedOrders(run: Run): readonly WantedOrder[] {
  const { context, state } = run;
  if (state.stage === 'entering') {
    const lots = entryLots(context, state);
    return lots === 0 ? NO_ORDERS : [{ key: ENTRY_KEY, side: 'buy', how: 'take', ticks: openingPrice(context.askTicks), lots }];
  }
  if (state.stage === 'holding') {
    const ticks = profitPrice(run);
    return ticks === null ? NO_ORDERS : [{ key: PROFIT_KEY, side: 'sell', how: 'rest', ticks, lots: wholeLots(state.heldGrains) }];
  }
  const isAlone = isIdle(state.board) || liveOrder(state.board, EXIT_KEY) !== undefined;
  return state.stage === 'leaving' && isAlone ? [{ key: EXIT_KEY, side: 'sell', how: 'market', ticks: 0, lots: wholeLots(state.heldGrains) }] : NO_ORDERS;
}

function profitPrice({ context, state, params }: Run): number | null {
  if (params.take_profit_percent === null || state.bought.lots === 0) return null;
  return netTicks(state.bought, params.take_profit_percent, context.scale.makerFee);
}

/** The higher of the two stops, in ticks; 0 without one. */
function stopPrice({ state, params }: Run): number {
  if (state.bought.lots === 0) return 0;
  const fixed = params.stop_loss_percent === null ? 0 : ticksBelow(state.bought.valueAtoms / state.bought.lots, params.stop_loss_percent);
  const trailing = params.trailing_stop_percent === null ? 0 : ticksBelow(state.peakTicks, params.trailing_stop_percent);
  return Math.max(fixed, trailing);
}

function lookAtStops(run: Run): void {
  const { context, state } = run;
  if (state.stage !== 'holding') return;
  state.peakTicks = Math.max(state.peakTicks, context.askTicks);
  const stop = stopPrice(run);
  if (stop > 0 && context.bidTicks <= stop) leave(run, `stop at ${context.scale.price(stop)}`);
}

function watch(run: Run): void {
  const { context, state, params } = run;
  const isHolding = state.stage === 'holding';
  const distance = params.trailing_stop_percent === null ? 0 : state.peakTicks - ticksBelow(state.peakTicks, params.trailing_stop_percent);
  const above = isHolding && distance > 0 ? state.peakTicks + Math.max(1, Math.floor(distance * PEAK_STEP_SHARE)) : Number.POSITIVE_INFINITY;
  context.watchPrice(isHolding ? stopPrice(run) : 0, above);
}

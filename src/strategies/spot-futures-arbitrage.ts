/**
 * Cash and carry: buys a coin and sells the perpetual on it when the perpetual is dear enough after all fees, holds both so that the
 * price does not matter, and closes both when the spread is gone. In between it earns the funding.
 */
import { type Context, defineStrategy, type StrategyEvent } from '#core/strategy.ts';
import { COVER_TAG, coverEndsAt, FORCE_TAG, keepCovered, type PairRun } from './_pair-cover.ts';
import { deltaOf, pairOf } from './_pair-market.ts';
import { PAIR_PARAMS, type PairParams } from './_pair-params.ts';
import { planPair } from './_pair-plan.ts';
import { advance, count, leave, watch } from './_pair-stages.ts';
import { forgetOrder, newPairState, type PairState } from './_pair-state.ts';

const TIMER = 'pair';
const HOUR_MS = 3_600_000;

export const spotFuturesArbitrage = defineStrategy({
  name: 'spot_futures_arbitrage',
  version: 1,
  title: { en: 'Spot-futures arbitrage', ru: 'Арбитраж спот — фьючерс' },
  summary: {
    en: 'Buys a coin and sells the perpetual on it while the perpetual is dearer, and closes both when the spread is gone.',
    ru: 'Покупает монету и продаёт бессрочный контракт на неё, пока он дороже, и закрывает обе ноги, когда спред сошёлся.',
  },
  params: PAIR_PARAMS,
  legName: 'spot',
  otherLegs: (params, symbol) => [{ name: 'perpetual', symbol: params.perpetual_symbol ?? `${symbol}:${symbol.split('/')[1] ?? ''}`, kind: 'perpetual' }],
  wants: { bars: false, quotes: false },
  commands: {
    close_pair: {
      title: { en: 'Close both legs', ru: 'Закрыть обе ноги' },
      help: { en: 'Leaves at once, whatever the spread is.', ru: 'Выходит сразу при любом спреде.' },
      params: {},
    },
  },
  plan: planPair,

  start(context, params): PairState {
    const state = newPairState();
    work(context, state, params);
    return state;
  },

  on(context, state, event, params): void {
    react(context, state, event, params);
    work(context, state, params);
  },

  figures: (state) => ({
    stage: state.stage,
    rounds: state.rounds,
    legs_undone: state.undone,
    entry_spread_percent: state.stage === 'holding' || state.stage === 'leaving' ? (state.entrySpread * 100).toFixed(3) : null,
    profit_with_funding: state.profit,
    funding: state.funding,
    is_covered: state.breach === null,
  }),
});

function react(context: Context, state: PairState, event: StrategyEvent, params: PairParams): void {
  switch (event.type) {
    case 'orderFilled':
      if (event.order.state === 'filled') forgetOrder(state, event.order.clientOrderId);
      if (event.order.tag === FORCE_TAG && state.breach !== null) state.breach.failures = Math.min(state.breach.failures, 1);
      // The second leg follows at once, not at the next try.
      if (event.order.tag !== COVER_TAG && event.order.tag !== FORCE_TAG && state.breach !== null) state.breach.nextAt = context.at;
      return;
    case 'orderClosed':
      return forgetOrder(state, event.order.clientOrderId);
    case 'timerFired':
      state.timerAt = 0;
      return;
    case 'userCommand':
      return leave(runOf(context, state, params), 'hand', 0);
    case 'paused':
      return tellUncovered(context, state, params);
    default:
      return;
  }
}

function runOf(context: Context, state: PairState, params: PairParams): PairRun {
  return { context, pair: pairOf(context), state, params };
}

function work(context: Context, state: PairState, params: PairParams): void {
  const run = runOf(context, state, params);
  count(run);
  if (!context.isTrading) return;
  if (!keepCovered(run)) advance(run);
  watch(run);
  setTimer(run);
}

function tellUncovered(context: Context, state: PairState, params: PairParams): void {
  if (state.breach === null) return;
  const { pair } = runOf(context, state, params);
  const text = `The bot is paused while ${deltaOf(pair).toPrecision(6)} ${pair.spot.scale.instrument.base} of one leg are uncovered by the other.`;
  context.report('strategy_note', text, { delta: deltaOf(pair) });
}

/** One timer, at the next moment at which something is due. */
function setTimer({ context, state, params }: PairRun): void {
  const { breach } = state;
  const due = [
    ...(breach === null ? [] : [breach.nextAt, coverEndsAt({ params }, breach)]),
    state.leadAt,
    ...(state.stage === 'holding' && params.max_hours !== null ? [state.enteredAt + Number(params.max_hours) * HOUR_MS] : []),
  ].filter((at) => at > context.at);
  const next = due.length === 0 ? 0 : Math.min(...due);
  if (next === state.timerAt) return;
  state.timerAt = next;
  if (next === 0) context.clearTimer(TIMER);
  else context.setTimer(TIMER, next);
}

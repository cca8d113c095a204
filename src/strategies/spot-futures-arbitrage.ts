/**
 * Cash and carry: buys a coin and sells the perpetual on it when the perpetual is dear enough after all fees, holds both so that the
 * price does not matter, and closes both when the spread is gone. In between it earns the funding.
 */
import { deltaOf } from '#core/executors/pair/pair-market.ts';
import { onPairEvent } from '#core/executors/pair/pair-state.ts';
import { GATE_COMMAND, hearScanner, SCANNER_SIGNAL, type ScannerSignal } from '#core/signals/scanner-gate.ts';
import { type Context, defineStrategy, type StrategyEvent } from '#core/strategy.ts';
import { PAIR_PARAMS, type PairParams } from './_pair-params.ts';
import { planPair } from './_pair-plan.ts';
import { advance, count, leave, runOf, watch } from './_pair-stages.ts';
import { type ArbitrageState, adoptState, newArbitrageState } from './_pair-state.ts';

const TIMER = 'pair';
const HOUR_MS = 3_600_000;

export const spotFuturesArbitrage = defineStrategy({
  name: 'spot_futures_arbitrage',
  version: 2,
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
    [GATE_COMMAND]: SCANNER_SIGNAL,
  },
  plan: planPair,

  start(context, params): ArbitrageState {
    const state = newArbitrageState();
    work(context, state, params);
    return state;
  },

  on(context, state, event, params): void {
    adoptState(state);
    react(context, state, event, params);
    work(context, state, params);
  },

  figures: (state) => ({
    stage: state.stage,
    rounds: state.rounds,
    legs_undone: state.pair.undone,
    entry_spread_percent: state.stage === 'holding' || state.stage === 'leaving' ? (state.entrySpread * 100).toFixed(3) : null,
    profit_with_funding: state.profit,
    funding: state.funding,
    is_covered: state.pair.breach === null,
    last_signal: state.gate.id === '' ? null : state.gate.id,
  }),
});

function react(context: Context, state: ArbitrageState, event: StrategyEvent, params: PairParams): void {
  onPairEvent(context, state.pair, event);
  if (event.type === 'timerFired' && event.name === TIMER) state.timerAt = 0;
  else if (event.type === 'userCommand' && event.name === GATE_COMMAND) hearGate(context, state, event.params as unknown as ScannerSignal, params);
  else if (event.type === 'userCommand') leave(runOf(context, state, params), 'hand', 0);
  else if (event.type === 'paused') tellUncovered(context, state, params);
}

/** Signals of a bot that waits for none change nothing. */
function hearGate(context: Context, state: ArbitrageState, said: ScannerSignal, { start_signal: scanner, start_signal_min_percent: least }: PairParams): void {
  if ((scanner ?? null) === null) return;
  const wasLetIn = context.at < state.gate.until;
  hearScanner(state.gate, said, least, context.at);
  const isLetIn = context.at < state.gate.until;
  if (wasLetIn === isLetIn) return;
  const text = isLetIn
    ? `Signal ${said.id} of ${scanner} is open with ${said.net_percent} % net: entries are allowed.`
    : `Signal ${said.id} of ${scanner} does not hold any more: no new entries.`;
  context.report('strategy_note', text, { signal: said.id, net_percent: said.net_percent });
}

function work(context: Context, state: ArbitrageState, params: PairParams): void {
  const run = runOf(context, state, params);
  count(run);
  if (!context.isTrading) return;
  advance(run);
  watch(run);
  setTimer(context, state, params);
}

function tellUncovered(context: Context, state: ArbitrageState, params: PairParams): void {
  if (state.pair.breach === null) return;
  const { pair } = runOf(context, state, params).legs;
  const text = `The bot is paused while ${deltaOf(pair).toPrecision(6)} ${pair.long.scale.instrument.base} of one leg are uncovered by the other.`;
  context.report('strategy_note', text, { delta: deltaOf(pair) });
}

/** The longest time of a pair that is held, and the end of a signal by which one is being entered; the executor has a timer of its own. */
function setTimer(context: Context, state: ArbitrageState, { max_hours: hours, start_signal: scanner }: PairParams): void {
  const signalEndsAt = state.stage === 'entering' && (scanner ?? null) !== null ? state.gate.until : 0;
  const endsAt = state.stage === 'holding' && hours !== null ? state.enteredAt + Number(hours) * HOUR_MS : signalEndsAt;
  const next = endsAt > context.at ? endsAt : 0;
  if (next === state.timerAt) return;
  state.timerAt = next;
  if (next === 0) context.clearTimer(TIMER);
  else context.setTimer(TIMER, next);
}

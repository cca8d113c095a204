/**
 * Follows signals that are sent to it: opens a position with the entries, targets and stop of the signal, one at a time,
 * and holds it to its barriers. Who sends the signals, and why, it does not know.
 */
import { closingTicks, isAsGood, isShort } from '#core/executors/directions.ts';
import { endEntries, leavePosition, positionExecutor, stopAtBreakEven } from '#core/executors/position.ts';
import { breakEvenOf, type PositionIntent, type PositionState } from '#core/executors/position-state.ts';
import type { Scale } from '#core/instrument.ts';
import type { Issue } from '#core/params.ts';
import { type SignalCall, signalCallIssues } from '#core/signal-call.ts';
import { type Context, defineStrategy, type Plan, type PlanInput, type StrategyEvent } from '#core/strategy.ts';
import { FOLLOW_COMMANDS, FOLLOW_PARAMS, type FollowParams } from './_follow-params.ts';
import { readSignal } from './_follow-signal.ts';
import { leverageIssues } from './_perpetuals.ts';
import { leastInvestment } from './_position-size.ts';

/** The signal in hand. */
interface Followed {
  readonly id: string;
  readonly intent: PositionIntent;
  readonly position: PositionState;
}

export interface FollowState {
  current: Followed | null;
  /** What the signal in hand has become, to be entered once its orders are withdrawn. */
  changed?: SignalCall | null;
  /** Ids of signals that were received, the newest last. */
  seenIds: string[];
  followed: number;
  refused: number;
  won: number;
  lost: number;
  profitAtoms: number;
  lastRefusal: string;
}

/** Signals remembered, so that one sent again is not followed again. */
export const MAX_SEEN_IDS = 500;

export const signalFollower = defineStrategy({
  name: 'signal_follower',
  version: 1,
  title: { en: 'Signal follower', ru: 'Исполнение сигналов' },
  summary: {
    en: 'Waits for signals with entries, targets and a stop, and carries each out as a position with barriers.',
    ru: 'Ждёт сигналов со входами, целями и стопом и исполняет каждый как позицию с барьерами.',
  },
  params: FOLLOW_PARAMS,
  markets: ['spot', 'perpetual'],
  wants: { bars: false, quotes: false },
  commands: FOLLOW_COMMANDS,
  plan,

  start(): FollowState {
    return { current: null, seenIds: [], followed: 0, refused: 0, won: 0, lost: 0, profitAtoms: 0, lastRefusal: '' };
  },

  on(context, state, event, params): void {
    if (event.type === 'userCommand') onCommand(context, state, event, params);
    else if (state.current !== null) positionExecutor.on(context, state.current.position, event, state.current.intent);
    endIfDone(context, state, params);
  },

  figures: followFigures,
});

function onCommand(context: Context, state: FollowState, event: Extract<StrategyEvent, { readonly type: 'userCommand' }>, params: FollowParams): void {
  const { name } = event;
  if (name === 'signal') return receive(context, state, event.params as unknown as SignalCall, params);
  const isUnknown = name === 'change_signal' && !state.seenIds.includes((event.params as unknown as SignalCall).id);
  if (isUnknown) return receive(context, state, event.params as unknown as SignalCall, params);
  const refusal = update(context, state, name, event.params as unknown as { readonly id: string | null; readonly price?: string });
  if (refusal !== null) context.report('strategy_note', `The command ${name} was not carried out: ${refusal}.`, { command: name, reason: refusal });
  else if (state.current !== null) positionExecutor.on(context, state.current.position, event, state.current.intent);
}

function receive(context: Context, state: FollowState, call: SignalCall, params: FollowParams): void {
  if (state.seenIds.includes(call.id)) return refuse(context, state, call, 'it was received before');
  state.seenIds.push(call.id);
  if (state.seenIds.length > MAX_SEEN_IDS) state.seenIds.shift();
  if (state.current !== null) return refuse(context, state, call, `the signal ${state.current.id} is being followed`);
  follow(context, state, call, params);
}

function follow(context: Context, state: FollowState, call: SignalCall, params: FollowParams): void {
  const reading = readSignal(context, call, params);
  if ('refusal' in reading) return refuse(context, state, call, reading.refusal);
  const { intent } = reading;
  state.followed += 1;
  context.report('strategy_note', `Signal ${call.id} is being followed: ${call.side}.`, { signal: call.id, side: call.side });
  state.current = { id: call.id, intent, position: positionExecutor.start(context, intent) };
}

function refuse(context: Context, state: FollowState, call: SignalCall, reason: string): void {
  state.refused += 1;
  state.lastRefusal = reason;
  context.report('strategy_note', `Signal ${call.id} was not followed: ${reason}.`, { signal: call.id, reason });
}

/** Does with the signal in hand as told, or says why not. */
function update(context: Context, state: FollowState, name: string, told: { readonly id: string | null; readonly price?: string }): string | null {
  const { id, price } = told;
  const { current } = state;
  if (current === null) return 'no signal is being followed';
  if (id !== null && id !== current.id) return `the signal in hand is ${current.id}`;
  const { position, intent } = current;
  if (position.stage !== 'working') return 'the position is being closed';
  if (name === 'close_signal') leavePosition(position, 'closed by command');
  else if (name === 'cancel_entries') withdraw(state, position);
  else if (name === 'change_signal') return change(context, state, current, told as unknown as SignalCall);
  else if (name === 'break_even') return breakEven(context, current);
  else if (price !== undefined) position.stopTicks = context.scale.ticks(price, isShort(intent) ? 'up' : 'down');
  return null;
}

/** A stop that the market has passed would close at a loss what was to be kept from one: then the stop stays. */
function breakEven(context: Context, { intent, position }: Followed): string | null {
  if (position.opened.lots === 0) return 'nothing was entered yet';
  const ticks = breakEvenOf(position, context.scale, intent);
  if (isAsGood(intent, ticks, closingTicks(intent, context))) return `the market is not beyond ${context.scale.price(ticks)} yet`;
  stopAtBreakEven(position, context.scale, intent);
  return null;
}

/** What the signal had become is not entered either. */
function withdraw(state: FollowState, position: PositionState): void {
  state.changed = null;
  endEntries(position);
}

/** Nothing entered: the signal begins anew when its orders are gone. Otherwise what is open gets the new stop, and new prices for its targets. */
function change(context: Context, state: FollowState, { id, intent, position }: Followed, call: SignalCall): string | null {
  const [issue] = signalCallIssues(call);
  if (issue !== undefined) return `${issue.field} ${issue.message}`;
  if (call.side !== intent.direction && position.opened.lots > 0) return `a ${intent.direction} is open`;
  endEntries(position);
  if (position.opened.lots === 0) {
    state.changed = call;
    return null;
  }
  const { scale } = context;
  if (call.stop !== null) position.stopTicks = scale.ticks(call.stop, isShort(intent) ? 'up' : 'down');
  const areTargetsOpen = position.targetLots.every((lots) => lots === 0) && call.targets.length === intent.targets.length;
  if (!areTargetsOpen) return null;
  const targets = intent.targets.map((target, index) => ({
    ...target,
    ticks: scale.ticks(call.targets[index]?.price ?? '0', isShort(intent) ? 'up' : 'down'),
  }));
  state.current = { id, position, intent: { ...intent, targets } };
  return null;
}

function endIfDone(context: Context, state: FollowState, params: FollowParams): void {
  const { current, changed = null } = state;
  if (current === null || !positionExecutor.isDone(current.position)) return;
  const { profitAtoms, opened, reason } = current.position;
  state.current = null;
  state.changed = null;
  state.profitAtoms += profitAtoms;
  if (opened.lots === 0 && changed !== null) return follow(context, state, changed, params);
  if (opened.lots === 0) {
    context.report('strategy_note', `Signal ${current.id} is over: ${reason}; nothing was entered.`, { signal: current.id, reason });
    return;
  }
  if (profitAtoms > 0) state.won += 1;
  else state.lost += 1;
  const profit = context.scale.quote(profitAtoms);
  const text = `Signal ${current.id} is over (${reason}) with ${profit} ${context.scale.instrument.quote}.`;
  context.report('target_reached', text, { signal: current.id, reason, profit });
}

function followFigures(state: FollowState, scale: Scale) {
  const { current } = state;
  return {
    signal: current?.id ?? null,
    ...(current === null ? {} : positionExecutor.figures(current.position, scale, current.intent)),
    profit: scale.quote(state.profitAtoms + (current?.position.profitAtoms ?? 0)),
    signals_followed: state.followed,
    signals_refused: state.refused,
    signals_won: state.won,
    signals_lost: state.lost,
    last_refusal: state.lastRefusal === '' ? null : state.lastRefusal,
  };
}

function plan({ params, scale, feeAsset, bidTicks, askTicks }: PlanInput<typeof FOLLOW_PARAMS>): Plan {
  const issues: Issue[] = [...leverageIssues(params, scale)];
  const quoteAtoms = scale.atoms(params.investment, 'down');
  const { quote } = scale.instrument;
  const least = leastInvestment(params.leverage, { scale, feeAsset, askTicks }, bidTicks);
  if (askTicks <= 0) issues.push({ field: 'investment', message: 'cannot be planned: no market price is known; try again when the market answers' });
  else if (quoteAtoms < least) issues.push({ field: 'investment', message: `is too little for one order; use at least ${scale.quote(least)} ${quote}` });
  if (issues.length > 0) return { ok: false, issues };
  const { makerFeeRate, takerFeeRate } = scale.instrument;
  const margin = scale.isPerpetual ? { leverage: params.leverage, marginMode: params.margin_mode } : {};
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    ...margin,
    preview: {
      quote,
      needed_quote: scale.quote(quoteAtoms),
      sizing: params.sizing,
      smallest_investment: scale.quote(least),
      fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}

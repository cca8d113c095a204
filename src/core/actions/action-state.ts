/**
 * What an automatic action is made of, what it remembers between events, and the prices that follow from both. All of it is
 * plain data, stored with the order it belongs to.
 */
import type { Instrument } from '../instrument.ts';
import { Decimal, type DecimalString, decimal, roundTo } from '../money.ts';
import type { OrderRequest, Side } from '../order.ts';

/** The rules as their user gave them, in decimals; `null` where there is none. */
export interface ActionRules {
  readonly opposite: { readonly kind: 'step'; readonly step: DecimalString } | { readonly kind: 'percent'; readonly percent: DecimalString } | null;
  readonly placeAgainTimes: number | null;
  readonly cancelRestAfterSeconds: number | null;
  readonly takeProfit: RuleLevel | null;
  readonly stopLoss: RuleLevel | null;
}
export type RuleLevel = { readonly kind: 'price'; readonly price: DecimalString } | { readonly kind: 'percent'; readonly percent: DecimalString };

/** How far from the entry's average price: in ticks, or as a share in millionths. */
export type Distance = { readonly kind: 'ticks'; readonly ticks: number } | { readonly kind: 'share'; readonly millionths: number };
/** A price of its own, or a share of the entry's average price away from it. */
export type Level = { readonly kind: 'price'; readonly ticks: number } | { readonly kind: 'share'; readonly millionths: number };

/** The rules of one entry in the engine's integers, and what the venue can do; never changes. */
export interface ActionPlan {
  readonly instrument: Instrument;
  /** The order the rules belong to. */
  readonly entry: Omit<OrderRequest, 'tag'>;
  /** How often the rest is placed again after the venue has cancelled it; 0 for never. */
  readonly placeAgainTimes: number;
  /** How long after the first execution the rest is cancelled. */
  readonly cancelRestAfterMs: number | null;
  readonly opposite: Distance | null;
  readonly takeProfit: Level | null;
  readonly stopLoss: Level | null;
  /** How a stop loss can rest at the venue; `null` where it cannot and the price is watched from here. */
  readonly stopType: 'stopMarket' | 'stopLimit' | null;
  readonly minLots: number;
  readonly minAtoms: number;
  readonly minTicks: number;
  readonly maxTicks: number;
}

/** `entry` opens; the others close what it has opened. */
export type LegPurpose = 'entry' | 'opposite' | 'takeProfit' | 'stopLoss';

/** An order of the action that is not over. */
export interface ActionLeg {
  /** 0 is the order the rules came with; part of each further order's ClientOrderId. */
  readonly index: number;
  readonly purpose: LegPurpose;
  /** Whether it waits at the venue for a trigger price. */
  readonly isResting: boolean;
  readonly sizeLots: number;
  filledLots: number;
  /** Who wants it cancelled. */
  cancel: 'none' | 'user' | 'rule';
}

export interface ActionState {
  status: 'active' | 'finished' | 'calledOff' | 'failed';
  /** The kill switch is on: nothing is placed. */
  isHalted: boolean;
  legs: ActionLeg[];
  nextIndex: number;
  enteredLots: number;
  /** Sum of price times size over the entry's executions. */
  enteredAtoms: number;
  /** What the entry has opened and nothing has closed yet, less fees taken from it, in grains of base. */
  openGrains: number;
  /** Nothing more of the entry is wanted. */
  isEntryDone: boolean;
  isAgainWanted: boolean;
  placedAgain: number;
  restCancelAt: number | null;
  /** `protect`: what guards stands or rests. `profit`: stops go off the book for the take profit. `out`: everything goes at the market. */
  exitMode: 'protect' | 'profit' | 'out';
  isStopWatched: boolean;
  exitFailures: number;
  retryAt: number | null;
  profitPausedUntil: number | null;
}

export type ActionEvent =
  | {
      readonly type: 'legFilled';
      readonly at: number;
      readonly index: number;
      readonly purpose: LegPurpose;
      readonly lots: number;
      readonly priceTicks: number;
      /** Of the fee, what was taken in base. */
      readonly feeGrains: number;
    }
  | {
      readonly type: 'legOver';
      readonly at: number;
      readonly index: number;
      readonly end: 'filled' | 'cancelled' | 'expired' | 'rejected';
      readonly code: string;
    }
  | { readonly type: 'legCancelRequested'; readonly at: number; readonly index: number }
  | { readonly type: 'quoteChanged'; readonly at: number; readonly bidTicks: number; readonly askTicks: number }
  | { readonly type: 'timeReached'; readonly at: number }
  | { readonly type: 'tradingStateChanged'; readonly at: number; readonly isHalted: boolean }
  | { readonly type: 'calledOff'; readonly at: number };

/** The state in which the entry is about to be sent. */
export function newActionState(plan: ActionPlan): ActionState {
  return {
    status: 'active',
    isHalted: false,
    legs: [{ index: 0, purpose: 'entry', isResting: false, sizeLots: plan.entry.sizeLots, filledLots: 0, cancel: 'none' }],
    nextIndex: 1,
    enteredLots: 0,
    enteredAtoms: 0,
    openGrains: 0,
    isEntryDone: false,
    isAgainWanted: false,
    placedAgain: 0,
    restCancelAt: null,
    exitMode: 'protect',
    isStopWatched: plan.stopLoss !== null && plan.stopType === null,
    exitFailures: 0,
    retryAt: null,
    profitPausedUntil: null,
  };
}

export function isExit(leg: ActionLeg): boolean {
  return leg.purpose !== 'entry';
}

export function exitSide({ entry }: ActionPlan): Side {
  return entry.side === 'buy' ? 'sell' : 'buy';
}

/** Price of the opposite order, one step from the entry's average to the side that gains. */
export function oppositeTicks(plan: ActionPlan, state: ActionState): number {
  if (plan.opposite === null || plan.opposite.kind === 'share') return shareAway(plan, state, plan.opposite?.millionths ?? 0, 'gain');
  const average = averageTicks(state);
  return rounded(plan, plan.entry.side === 'buy' ? average.plus(plan.opposite.ticks) : average.minus(plan.opposite.ticks));
}

/** `null` without a take profit or before the first execution. */
export function profitTicks(plan: ActionPlan, state: ActionState): number | null {
  return levelTicks(plan, state, plan.takeProfit, 'gain');
}

/** The stop's trigger; `null` without a stop loss or before the first execution. */
export function stopTicks(plan: ActionPlan, state: ActionState): number | null {
  return levelTicks(plan, state, plan.stopLoss, 'lose');
}

/** How far beyond its trigger the price of a `stopLimit` lies, as a part of the trigger. */
const STOP_SLACK_MILLIONTHS = 10_000;

/** The worst price at which a `stopLimit` with this trigger may trade. */
export function stopLimitTicks(plan: ActionPlan, triggerTicks: number): number {
  const slack = decimal(triggerTicks).times(STOP_SLACK_MILLIONTHS).div(MILLION);
  const worst = plan.entry.side === 'buy' ? decimal(triggerTicks).minus(slack) : decimal(triggerTicks).plus(slack);
  return roundTo(worst, ONE, plan.entry.side === 'buy' ? 'down' : 'up').toNumber();
}

/** Whether the market has reached a stop that is watched from here, or has run past one that rests at the venue with a limit. */
export function hasStopHit(plan: ActionPlan, state: ActionState, bidTicks: number, askTicks: number): boolean {
  const trigger = stopTicks(plan, state);
  if (trigger === null || state.openGrains <= 0) return false;
  if (!state.isStopWatched && plan.stopType !== 'stopLimit') return false;
  const isPast = !state.isStopWatched;
  const limit = isPast ? stopLimitTicks(plan, trigger) : trigger;
  if (plan.entry.side === 'buy') return isPast ? bidTicks < limit : bidTicks <= limit;
  return isPast ? askTicks > limit : askTicks >= limit;
}

/** Bids that an action on a purchase waits for: its stop at or below the one, its take profit at or above the other. */
export interface WatchedBids {
  readonly belowTicks: number;
  readonly aboveTicks: number;
}

const WATCHES_NOTHING: WatchedBids = { belowTicks: 0, aboveTicks: Number.POSITIVE_INFINITY };

/** The bids at which {@link hasStopHit} and {@link hasProfitHit} of an action on a purchase come true. */
export function watchedBids(plan: ActionPlan, state: ActionState): WatchedBids {
  if (state.openGrains <= 0) return WATCHES_NOTHING;
  const trigger = stopTicks(plan, state);
  const profit = plan.stopLoss === null || state.isStopWatched ? null : profitTicks(plan, state);
  const hasLimit = !state.isStopWatched && plan.stopType === 'stopLimit';
  const stop = trigger === null || !(state.isStopWatched || hasLimit) ? null : hasLimit ? stopLimitTicks(plan, trigger) - 1 : trigger;
  return { belowTicks: stop ?? WATCHES_NOTHING.belowTicks, aboveTicks: profit ?? WATCHES_NOTHING.aboveTicks };
}

/** Whether the market has reached a take profit that cannot rest because the stop holds what it would sell. */
export function hasProfitHit(plan: ActionPlan, state: ActionState, bidTicks: number, askTicks: number, at: number): boolean {
  const profit = profitTicks(plan, state);
  if (profit === null || plan.stopLoss === null || state.isStopWatched || state.openGrains <= 0) return false;
  if (state.profitPausedUntil !== null && at < state.profitPausedUntil) return false;
  return plan.entry.side === 'buy' ? bidTicks >= profit : askTicks <= profit;
}

function levelTicks(plan: ActionPlan, state: ActionState, level: Level | null, direction: 'gain' | 'lose'): number | null {
  if (level === null) return null;
  if (level.kind === 'price') return level.ticks;
  return state.enteredLots === 0 ? null : shareAway(plan, state, level.millionths, direction);
}

function shareAway(plan: ActionPlan, state: ActionState, millionths: number, direction: 'gain' | 'lose'): number {
  const isUp = (plan.entry.side === 'buy') === (direction === 'gain');
  return rounded(
    plan,
    averageTicks(state)
      .times(isUp ? MILLION + millionths : MILLION - millionths)
      .div(MILLION),
  );
}

function averageTicks(state: ActionState): Decimal {
  return new Decimal(state.enteredAtoms).div(Math.max(1, state.enteredLots));
}

/** Sales are rounded up, purchases down: a step is never less than was asked for, and a stop never later. */
function rounded(plan: ActionPlan, ticks: Decimal): number {
  return roundTo(ticks, ONE, exitSide(plan) === 'sell' ? 'up' : 'down').toNumber();
}

const MILLION = 1_000_000;
const ONE = new Decimal(1);

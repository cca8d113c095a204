/** What the executor of a pair is asked for and remembers: plain data. */
import type { Context, StrategyEvent } from '../../strategy.ts';
import { PAIR_SIDES, type Pair, type PairNames, type PairSide } from './pair-market.ts';

/** How a pair is traded, as long as it lives. */
export interface PairTerms {
  readonly names: PairNames;
  /** The leg that is ordered first; `auto` takes the one with the wider gap between bid and ask. */
  readonly first: 'auto' | PairSide;
  /** `take`: at once, what is not traded is over. `make`: rests at the best price of its own side while that pays, and the other leg takes. */
  readonly how: 'take' | 'make';
  /** What one leg has traded the other must follow within this, in milliseconds; then it is closed at market. */
  readonly coverMs: number;
  /** How much worse than seen before the first leg the second may be priced, and either where the spread does not matter; as a share. */
  readonly maxSlippage: number;
}

/** What the pair should become. */
export interface PairWish {
  readonly kind: 'open' | 'close';
  /** Base that the larger leg shall hold in the end. */
  readonly base: number;
  /** Opening: the short leg is at least so far above the long one; closing: at most; as a share before fees. `null`: at any spread. */
  readonly spread: number | null;
  /** Most base that the first leg may be ahead of the second, up to a smallest order more; `null` without a limit. */
  readonly most: number | null;
}

/** Something uncovered that is being put right. */
export interface Breach {
  since: number;
  /** Orders with a limit that were tried. */
  tries: number;
  /** Time of the next. */
  nextAt: number;
  /** What is uncovered is being closed at market. */
  isForced: boolean;
  /** Market orders in a row that traded nothing. */
  failures: number;
}

export interface PairState {
  wish: PairWish | null;
  /** The order that is under way in each leg. */
  readonly orders: Record<PairSide, string | null>;
  /** The leg whose order rests on the book. */
  resting: PairSide | null;
  /** Prices of both legs when the first leg was last ordered, in ticks of each. */
  readonly seen: Record<PairSide, { bidTicks: number; askTicks: number }>;
  breach: Breach | null;
  /** No first leg before it: the last one came to nothing, or a pair was undone. */
  leadAt: number;
  /** How often a leg was left alone and closed at market. */
  undone: number;
  timerAt: number;
}

/** One pair as the functions of its executor pass it around. */
export interface PairRun {
  readonly context: Context;
  readonly pair: Pair;
  readonly state: PairState;
  readonly terms: PairTerms;
}

export const PAIR_TIMER = 'legs';
export const LEAD_TAG = 'lead';
export const COVER_TAG = 'cover';
export const FORCE_TAG = 'force';

export function newPairState(): PairState {
  return {
    wish: null,
    orders: { long: null, short: null },
    resting: null,
    seen: { long: { bidTicks: 0, askTicks: 0 }, short: { bidTicks: 0, askTicks: 0 } },
    breach: null,
    leadAt: 0,
    undone: 0,
    timerAt: 0,
  };
}

/** From now on the pair should become this; what closes begins at once, what opens keeps the pause after an attempt that came to nothing. */
export function setWish(state: PairState, at: number, wish: PairWish | null): void {
  state.wish = wish;
  if (wish?.kind === 'close') state.leadAt = at;
}

export function isIdle({ orders }: PairState): boolean {
  return orders.long === null && orders.short === null;
}

/** Takes in what an event says of the pair's orders; to be called before anything is decided. */
export function onPairEvent(context: Context, state: PairState, event: StrategyEvent): void {
  if (event.type === 'timerFired' && event.name === PAIR_TIMER) state.timerAt = 0;
  if (event.type === 'orderClosed') return forgetOrder(state, event.order.clientOrderId);
  if (event.type !== 'orderFilled') return;
  const { order } = event;
  if (order.state === 'filled') forgetOrder(state, order.clientOrderId);
  if (state.breach === null) return;
  if (order.tag === FORCE_TAG) state.breach.failures = Math.min(state.breach.failures, 1);
  // The second leg follows at once, not at the next try.
  if (order.tag === LEAD_TAG) state.breach.nextAt = context.at;
}

/** What was under way in a leg is over. */
function forgetOrder(state: PairState, clientOrderId: string): void {
  for (const leg of PAIR_SIDES) {
    if (state.orders[leg] !== clientOrderId) continue;
    state.orders[leg] = null;
    if (state.resting === leg) state.resting = null;
  }
}

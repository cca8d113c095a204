/**
 * Brings two legs to a wanted size and keeps them covered: one leg is ordered first, at a price at which the spread to the other still
 * pays, and the other follows what has traded. It is asked after every event, with the wish of that moment; nothing of it rests on
 * the book but the first leg's order, where its terms say so.
 */
import type { SpreadWatch } from '../../legs/leg-state.ts';
import { coverEndsAt, keepCovered, submit } from './pair-cover.ts';
import { entrySpread, exitSpread, lessLiquid, otherOf, PAIR_SIDES, type PairSide, pairBase, type Trade, takerRate, tickRatio, tradeOf } from './pair-market.ts';
import { isIdle, LEAD_TAG, PAIR_TIMER, type PairRun, type PairWish } from './pair-state.ts';

/** A first leg that came to nothing is tried again after this, and one that rests is priced anew. */
const LEAD_PAUSE_MS = 1_000;

/**
 * `still`: nothing is wished. `covering`: a leg is uncovered and being put right. `working`: an order is under way. `pausing`: the next
 * comes later. `unpaid`: the spread does not pay, or nothing may be opened. `done`: the wish is fulfilled, as far as the venue's
 * smallest orders allow. `stuck`: a leg can be neither covered nor closed; the run should end.
 */
export type PairStatus = 'still' | 'covering' | 'working' | 'pausing' | 'unpaid' | 'done' | 'stuck';

/** One decision; to be called after every event while the run trades. */
export function workPair(run: PairRun): PairStatus {
  const status = step(run);
  setTimer(run);
  return status;
}

function step(run: PairRun): PairStatus {
  const { state } = run;
  const covered = keepCovered(run);
  if (covered === 'covered' && state.wish !== null) {
    if (state.resting !== null) return keepResting(run, state.wish, state.resting);
    return isIdle(state) ? lead(run, state.wish) : 'working';
  }
  // Of what rests nothing more may trade before the other leg has followed.
  withdraw(run);
  return covered === 'covered' ? 'still' : covered;
}

function withdraw({ context, state }: PairRun): void {
  const id = state.resting === null ? null : state.orders[state.resting];
  if (id !== null && context.order(id)?.cancelRequested === false) context.cancel(id);
}

function lead(run: PairRun, wish: PairWish): PairStatus {
  const { context, pair, state, terms } = run;
  const trade = leadTrade(run, wish);
  if (trade === null) return 'done';
  if (!isPaid(run, wish, trade)) return 'unpaid';
  if (context.at < state.leadAt) return 'pausing';
  noteSeen(run);
  state.leadAt = context.at + LEAD_PAUSE_MS;
  if (rests(run, wish)) submit(run, trade, restingTicks(run, wish, trade), LEAD_TAG, true);
  else submit(run, trade, affordable(pair[trade.leg], trade, worstTicks(run, wish, trade.leg, terms.maxSlippage)), LEAD_TAG);
  return 'working';
}

function noteSeen({ pair, state }: PairRun): void {
  for (const leg of PAIR_SIDES) state.seen[leg] = { bidTicks: pair[leg].bidTicks, askTicks: pair[leg].askTicks };
}

/** The resting order stays while it pays and stands at the best price of its side; looked at once in a while, or at {@link restingEdges}. */
function keepResting(run: PairRun, wish: PairWish, leg: PairSide): PairStatus {
  const { context, state } = run;
  const order = context.order(state.orders[leg] ?? '');
  if (order === undefined || order.cancelRequested) return 'working';
  const trade = leadTrade(run, wish);
  const isWanted = trade !== null && trade.side === order.side && rests(run, wish) && isPaid(run, wish, trade) && isPaidAt(run, wish, leg, order.priceTicks);
  if (!isWanted || (context.at >= state.leadAt && restingTicks(run, wish, trade) !== order.priceTicks)) withdraw(run);
  else noteSeen(run);
  return 'working';
}

/** The first leg's part of what is missing or too much, as far as both legs can trade it; `null` when that is less than either takes. */
function leadTrade({ pair, terms, state }: PairRun, { kind, base, most }: PairWish): Trade | null {
  const missing = kind === 'open' ? base - pairBase(pair) : pairBase(pair) - base;
  if (missing <= 0) return null;
  const leg = state.resting ?? (terms.first === 'auto' ? lessLiquid(pair) : terms.first);
  const isTradable = (amount: number) => PAIR_SIDES.every((each) => tradeOf(pair, each, kind, amount) !== null);
  if (!isTradable(missing)) return null;
  // A rest that neither leg takes alone goes with the part before it.
  const part = most !== null && missing > most && isTradable(most) && isTradable(missing - most) ? most : missing;
  return tradeOf(pair, leg, kind, part);
}

/** The spread at which the pair could be opened or closed now, as a share before fees: what the first leg does not pay for its own gap counts. */
export function spreadNow(run: Pick<PairRun, 'pair' | 'terms'>, kind: PairWish['kind']): number {
  const { long, short } = run.pair;
  return kind === 'open' ? (1 + entrySpread(long, short)) * ownGap(run) - 1 : (1 + exitSpread(long, short)) / ownGap(run) - 1;
}

/** What to ask {@link Context.watchSpread} for, so that it tells of these spreads; `null` of none. */
export function spreadWatch(run: Pick<PairRun, 'pair' | 'terms'>, opensAbove: number | null, closesBelow: number | null): SpreadWatch | null {
  const { pair, terms } = run;
  if (opensAbove === null && closesBelow === null) return null;
  const ratio = tickRatio(pair.long, pair.short);
  const above = opensAbove === null ? null : ((1 + opensAbove) * ratio) / ownGap(run);
  const below = closesBelow === null ? null : (1 + closesBelow) * ratio * ownGap(run);
  return { ...terms.names, above, below };
}

/** Ask over bid of a first leg that waits on its own side of the book. */
function ownGap({ pair, terms }: Pick<PairRun, 'pair' | 'terms'>): number {
  if (terms.how === 'take') return 1;
  const { bidTicks, askTicks } = pair[terms.first === 'auto' ? lessLiquid(pair) : terms.first];
  return askTicks / bidTicks;
}

/** Whether the first leg's order waits on the book; where the spread does not matter nothing waits. */
function rests({ terms }: Pick<PairRun, 'terms'>, { spread }: PairWish): boolean {
  return terms.how === 'make' && spread !== null;
}

/** The worst price of the first leg at which the spread to the present price of the other pays, or as much worse than the market as may be. */
function worstTicks({ pair }: Pick<PairRun, 'pair'>, { kind, spread }: PairWish, leg: PairSide, slippage: number): number {
  const { long, short } = pair;
  const isBuying = (kind === 'open') === (leg === 'long');
  if (spread === null) return isBuying ? Math.floor(pair[leg].askTicks * (1 + slippage)) : Math.max(1, Math.ceil(pair[leg].bidTicks * (1 - slippage)));
  const ratio = tickRatio(long, short) * (1 + spread);
  const other = pair[otherOf(leg)];
  // The other leg trades on the other side at the same moment.
  const seen = isBuying ? other.bidTicks : other.askTicks;
  const ticks = leg === 'long' ? seen / ratio : seen * ratio;
  return isBuying ? Math.floor(ticks) : Math.max(1, Math.ceil(ticks));
}

/** The best price of the own side at which an order that rests still pays. */
function restingTicks(run: PairRun, wish: PairWish, { leg, side }: Trade): number {
  const worst = worstTicks(run, wish, leg, 0);
  return side === 'buy' ? Math.min(worst, run.pair[leg].bidTicks) : Math.max(worst, run.pair[leg].askTicks);
}

function isPaid(run: PairRun, wish: PairWish, { leg, side }: Trade): boolean {
  const { context, pair } = run;
  if (wish.kind === 'open' && !context.canOpen) return false;
  if (wish.spread === null) return true;
  const { bidTicks, askTicks } = pair[leg];
  return isPaidAt(run, wish, leg, (side === 'buy') === rests(run, wish) ? bidTicks : askTicks);
}

function isPaidAt(run: PairRun, wish: PairWish, leg: PairSide, ticks: number): boolean {
  const isBuying = (wish.kind === 'open') === (leg === 'long');
  const worst = worstTicks(run, wish, leg, 0);
  return isBuying ? ticks <= worst : ticks >= worst;
}

/** A coin is offered no more for than the free money can pay, however wide the spread is. */
function affordable(leg: PairRun['pair'][PairSide], { side, isOpening, lots }: Trade, ticks: number): number {
  if (!isOpening || side === 'sell' || leg.scale.isPerpetual) return ticks;
  return Math.max(1, Math.min(ticks, Math.floor(leg.freeQuoteAtoms() / (lots * (1 + takerRate(leg))))));
}

/** The prices of a leg, in ticks, at which what rests in the other does not pay any more; 0 and Infinity where there are none. */
export function restingEdges({ context, pair, state }: PairRun, leg: PairSide): { readonly below: number; readonly above: number } {
  const first = otherOf(leg);
  const order = state.resting === first ? context.order(state.orders[first] ?? '') : undefined;
  const spread = state.wish?.spread ?? null;
  if (order === undefined || spread === null) return { below: 0, above: Number.POSITIVE_INFINITY };
  const ratio = tickRatio(pair.long, pair.short) * (1 + spread);
  const ticks = first === 'long' ? order.priceTicks * ratio : order.priceTicks / ratio;
  // The first leg buys: the other is sold, and must not become cheaper.
  if (order.side === 'buy') return { below: Math.ceil(ticks) - 1, above: Number.POSITIVE_INFINITY };
  return { below: 0, above: Math.floor(ticks) + 1 };
}

/** One timer, at the next moment at which something is due. */
function setTimer(run: PairRun): void {
  const { context, state } = run;
  const { breach } = state;
  const due = [...(breach === null ? [] : [breach.nextAt, coverEndsAt(run, breach)]), state.leadAt].filter((at) => at > context.at);
  if (due.length === 0 && state.resting !== null) due.push(state.timerAt > context.at ? state.timerAt : context.at + LEAD_PAUSE_MS);
  const next = due.length === 0 ? 0 : Math.min(...due);
  if (next === state.timerAt) return;
  state.timerAt = next;
  if (next === 0) context.clearTimer(PAIR_TIMER);
  else context.setTimer(PAIR_TIMER, next);
}

/**
 * Keeps a pair covered: whatever one leg has traded the other follows, at once and at most as much worse than seen before as its
 * user allows, a step worse with every try. What does not follow in time is closed at market, and what cannot be closed ends the run.
 */
import type { OrderRequest, Side } from '#core/order.ts';
import type { Context } from '#core/strategy.ts';
import { closingTrade, coveringTrade, deltaOf, type Pair, type Trade } from './_pair-market.ts';
import type { PairParams } from './_pair-params.ts';
import { type Breach, isIdle, type PairState } from './_pair-state.ts';

/** Limit orders with which the second leg is tried, spread over its time. */
const COVER_TRIES = 4;
/** Market orders in a row that may trade nothing before the run gives up. */
const MAX_FORCED_FAILURES = 6;
/** Between two of them. */
const FORCE_PAUSE_MS = 1_000;
/** After a leg had to be undone nothing is entered for a while. */
const UNDONE_PAUSE_MS = 60_000;

export const COVER_TAG = 'cover';
export const FORCE_TAG = 'force';

/** One run as the functions of the strategy pass it around. */
export interface PairRun {
  readonly context: Context;
  readonly pair: Pair;
  readonly state: PairState;
  readonly params: PairParams;
}

/** `true` while something is uncovered and being put right, so that nothing else is begun. */
export function keepCovered(run: PairRun): boolean {
  const { context, pair, state } = run;
  const delta = deltaOf(pair);
  const closing = closingTrade(pair, delta);
  const covering = state.stage === 'entering' ? coveringTrade(pair, delta) : closing;
  if (closing === null && covering === null) {
    state.breach = null;
    return false;
  }
  const breach = (state.breach ??= { since: context.at, tries: 0, nextAt: 0, isForced: false, failures: 0 });
  if (!breach.isForced && isCoveringOver(run, breach, covering)) {
    breach.isForced = true;
    breach.nextAt = context.at;
  }
  if (breach.isForced) return force(run, breach, closing);
  return cover(run, breach, covering);
}

/** When what covers something is to be covered no more. */
export function coverEndsAt({ params }: Pick<PairRun, 'params'>, { since }: Breach): number {
  return since + params.leg_timeout_seconds * 1_000;
}

function isCoveringOver(run: PairRun, breach: Breach, trade: Trade | null): boolean {
  const { context, state } = run;
  if (state.stage === 'holding' || state.stage === 'waiting' || context.at >= coverEndsAt(run, breach)) return true;
  const opens = trade !== null && !trade.reduceOnly && !(trade.leg === 'spot' && trade.side === 'sell');
  return (opens && !context.canOpen) || (breach.tries >= COVER_TRIES && context.at >= breach.nextAt);
}

/** One more order of the second leg, when it is time for one; `false` where what is uncovered is less than that leg takes: the first may go on. */
function cover(run: PairRun, breach: Breach, trade: Trade | null): boolean {
  const { context, state, params } = run;
  if (trade === null) return false;
  if (state.orders[trade.leg] !== null || context.at < breach.nextAt) return true;
  breach.tries += 1;
  breach.nextAt = context.at + Math.ceil((params.leg_timeout_seconds * 1_000) / COVER_TRIES);
  submit(run, trade, limitTicks(run, trade, (Number(params.max_slippage_percent) / 100) * (breach.tries / COVER_TRIES)), COVER_TAG);
  return true;
}

/** Closes at market what no other leg covers. */
function force(run: PairRun, breach: Breach, trade: Trade | null): boolean {
  const { context, state } = run;
  // What is in doubt may cover it: closing would then uncover the other leg.
  if (!isIdle(state) || context.at < breach.nextAt) return true;
  if (trade === null) {
    // Less than the exchange takes is left.
    state.breach = null;
    return false;
  }
  if (breach.failures >= MAX_FORCED_FAILURES) {
    const text = `${describe(run, trade)} stays uncovered: ${breach.failures} market orders have not closed it. The run ends.`;
    context.report('strategy_note', text, { leg: trade.leg, size: sizeOf(run, trade) });
    context.finish('a leg could be neither covered nor closed', 'toQuote');
    return true;
  }
  if (breach.failures === 0) tellUndone(run, trade);
  breach.failures += 1;
  breach.nextAt = context.at + FORCE_PAUSE_MS;
  submit(run, trade, 0, FORCE_TAG);
  return true;
}

function tellUndone(run: PairRun, trade: Trade): void {
  const { context, state } = run;
  state.undone += 1;
  state.leadAt = Math.max(state.leadAt, context.at + UNDONE_PAUSE_MS);
  const text =
    state.stage === 'entering'
      ? `The other leg did not follow in time: ${describe(run, trade)} is closed at market again.`
      : `${describe(run, trade)} is not covered by the other leg any more and is closed at market.`;
  context.report('strategy_note', text, { leg: trade.leg, size: sizeOf(run, trade) });
}

/** The price of the second leg: as seen when the first was ordered, worse by a share. */
function limitTicks({ state, pair }: PairRun, { leg, side }: Trade, share: number): number {
  const seen = state.seen[leg].askTicks > 0 ? state.seen[leg] : pair[leg];
  return side === 'buy' ? Math.floor(seen.askTicks * (1 + share)) : Math.ceil(seen.bidTicks * (1 - share));
}

/** Orders of a pair never rest: what is not traded at once is over. A price of 0 is the market's. */
export function submit({ pair, state }: PairRun, trade: Trade, priceTicks: number, tag: string): void {
  const request: OrderRequest = {
    side: trade.side,
    type: priceTicks > 0 ? 'limit' : 'market',
    priceTicks,
    triggerTicks: 0,
    sizeLots: trade.lots,
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: trade.reduceOnly,
    tag,
  };
  state.orders[trade.leg] = pair[trade.leg].submit(request);
}

function sizeOf({ pair }: Pick<PairRun, 'pair'>, { leg, lots }: Pick<Trade, 'leg' | 'lots'>): string {
  return pair[leg].scale.size(lots);
}

function describe(run: PairRun, trade: Trade): string {
  const { instrument } = run.pair[trade.leg].scale;
  const held: Readonly<Record<Side, string>> = { sell: 'held', buy: 'sold short' };
  return `${sizeOf(run, trade)} ${instrument.base} ${held[trade.side]} in ${instrument.symbol}`;
}

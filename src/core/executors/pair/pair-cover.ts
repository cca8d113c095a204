/**
 * Keeps a pair covered: whatever one leg has traded the other follows, at once and at most as much worse than seen before as its
 * terms allow, a step worse with every try. What does not follow in time is closed at market.
 */
import type { OrderRequest, Side } from '../../order.ts';
import { closingTrade, coveringTrade, deltaOf, type Trade } from './pair-market.ts';
import { type Breach, COVER_TAG, FORCE_TAG, isIdle, type PairRun } from './pair-state.ts';

/** Limit orders with which the second leg is tried, spread over its time. */
const COVER_TRIES = 4;
/** Market orders in a row that may trade nothing before the pair is stuck. */
const MAX_FORCED_FAILURES = 6;
/** Between two of them. */
const FORCE_PAUSE_MS = 1_000;
/** After a leg had to be undone no first leg is ordered for a while. */
const UNDONE_PAUSE_MS = 60_000;

/** `covering`: something is uncovered and being put right, nothing else may be begun. `stuck`: it could not be put right. */
export function keepCovered(run: PairRun): 'covered' | 'covering' | 'stuck' {
  const { context, pair, state } = run;
  const delta = deltaOf(pair);
  const closing = closingTrade(pair, delta);
  const covering = state.wish?.kind === 'open' ? coveringTrade(pair, delta) : closing;
  if (closing === null && covering === null) {
    state.breach = null;
    return 'covered';
  }
  const breach = (state.breach ??= { since: context.at, tries: 0, nextAt: 0, isForced: false, failures: 0 });
  if (!breach.isForced && isCoveringOver(run, breach, covering)) {
    breach.isForced = true;
    breach.nextAt = context.at;
  }
  return breach.isForced ? force(run, breach, closing) : cover(run, breach, covering);
}

/** When what covers something is to be covered no more. */
export function coverEndsAt({ terms }: Pick<PairRun, 'terms'>, { since }: Breach): number {
  return since + terms.coverMs;
}

function isCoveringOver(run: PairRun, breach: Breach, trade: Trade | null): boolean {
  const { context, state } = run;
  if (state.wish === null || context.at >= coverEndsAt(run, breach)) return true;
  return (trade?.isOpening === true && !context.canOpen) || (breach.tries >= COVER_TRIES && context.at >= breach.nextAt);
}

/** One more order of the second leg, when it is time for one; where what is uncovered is less than that leg takes, the first may go on. */
function cover(run: PairRun, breach: Breach, trade: Trade | null): 'covered' | 'covering' {
  const { context, state, terms } = run;
  if (trade === null) return 'covered';
  if (state.orders[trade.leg] !== null || context.at < breach.nextAt) return 'covering';
  breach.tries += 1;
  breach.nextAt = context.at + Math.ceil(terms.coverMs / COVER_TRIES);
  submit(run, trade, limitTicks(run, trade, terms.maxSlippage * (breach.tries / COVER_TRIES)), COVER_TAG);
  return 'covering';
}

/** Closes at market what no other leg covers. */
function force(run: PairRun, breach: Breach, trade: Trade | null): 'covered' | 'covering' | 'stuck' {
  const { context, state } = run;
  // What is in doubt may cover it: closing would then uncover the other leg.
  if (!isIdle(state) || context.at < breach.nextAt) return 'covering';
  if (trade === null) {
    // Less than the venue takes is left.
    state.breach = null;
    return 'covered';
  }
  if (breach.failures >= MAX_FORCED_FAILURES) {
    const text = `${describe(run, trade)} stays uncovered: ${breach.failures} market orders have not closed it. The run ends.`;
    context.report('strategy_note', text, { leg: run.terms.names[trade.leg], size: sizeOf(run, trade) });
    return 'stuck';
  }
  if (breach.failures === 0) tellUndone(run, trade);
  breach.failures += 1;
  breach.nextAt = context.at + FORCE_PAUSE_MS;
  submit(run, trade, 0, FORCE_TAG);
  return 'covering';
}

function tellUndone(run: PairRun, trade: Trade): void {
  const { context, state, terms } = run;
  state.undone += 1;
  state.leadAt = Math.max(state.leadAt, context.at + UNDONE_PAUSE_MS);
  const text =
    state.wish?.kind === 'open'
      ? `The other leg did not follow in time: ${describe(run, trade)} is closed at market again.`
      : `${describe(run, trade)} is not covered by the other leg any more and is closed at market.`;
  context.report('strategy_note', text, { leg: terms.names[trade.leg], size: sizeOf(run, trade) });
}

/** The price of the second leg: as seen when the first was ordered, worse by a share. */
function limitTicks({ state, pair }: PairRun, { leg, side }: Trade, share: number): number {
  const seen = state.seen[leg].askTicks > 0 ? state.seen[leg] : pair[leg];
  return side === 'buy' ? Math.floor(seen.askTicks * (1 + share)) : Math.ceil(seen.bidTicks * (1 - share));
}

/** An order that is over at once, or of the first leg one that rests. A price of 0 is the market's. */
export function submit({ pair, state }: PairRun, trade: Trade, priceTicks: number, tag: string, isResting = false): void {
  const request: OrderRequest = {
    side: trade.side,
    type: priceTicks > 0 ? 'limit' : 'market',
    priceTicks,
    triggerTicks: 0,
    sizeLots: trade.lots,
    timeInForce: isResting ? 'gtc' : 'ioc',
    postOnly: isResting,
    reduceOnly: pair[trade.leg].scale.isPerpetual && !trade.isOpening,
    tag,
  };
  state.orders[trade.leg] = pair[trade.leg].submit(request);
  if (isResting) state.resting = trade.leg;
}

function sizeOf({ pair }: Pick<PairRun, 'pair'>, { leg, lots }: Pick<Trade, 'leg' | 'lots'>): string {
  return pair[leg].scale.size(lots);
}

function describe(run: PairRun, trade: Trade): string {
  const { instrument } = run.pair[trade.leg].scale;
  const held: Readonly<Record<Side, string>> = { sell: 'held', buy: 'sold short' };
  return `${sizeOf(run, trade)} ${instrument.base} ${held[trade.side]} in ${instrument.symbol}`;
}

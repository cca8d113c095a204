/** What a covered pair does next: enters when the spread is wide enough, holds, and leaves when it has closed or something else demands it. */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import { liquidationTicks } from '#core/perpetual-position.ts';
import { floatingAtoms } from '#core/position.ts';
import type { LegContext } from '#core/strategy.ts';
import { type PairRun, submit } from './_pair-cover.ts';
import {
  baseOf,
  entrySpread,
  exitSpread,
  type LegName,
  lessLiquid,
  lotSize,
  roundTripFees,
  type Trade,
  takerRate,
  tickRatio,
  tradeOf,
} from './_pair-market.ts';
import { isIdle, type LeaveReason } from './_pair-state.ts';

/** A first leg that came to nothing is tried again after this. */
const LEAD_PAUSE_MS = 1_000;
const LEAD_TAG = 'lead';
/** Where the money for one lot is missing it is counted again after this. */
const POOR_PAUSE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Where a venue does not tell its maintenance margin rate. */
const DEFAULT_MAINTENANCE_RATE = 0.005;
/** Of the money that is free, this share is kept for prices that move between both legs. */
const SIZE_RESERVE = 0.01;

/** The spread before fees from which entering pays, as a share. */
function entryAbove({ params, pair }: PairRun): number {
  return Number(params.entry_percent) / 100 + roundTripFees(pair.spot, pair.perpetual);
}

function leavesBelow({ params }: Pick<PairRun, 'params'>): number {
  return Number(params.exit_percent) / 100;
}

/** One decision of a pair that is covered and has nothing under way. */
export function advance(run: PairRun): void {
  const { state, pair } = run;
  if (!isIdle(state)) return;
  if (state.stage === 'waiting') lookForEntry(run);
  // A pair that is not complete yet may have to be left as well.
  if (state.stage === 'holding' || (state.stage === 'entering' && baseOf(pair.perpetual) < 0)) lookForExit(run);
  if (state.stage === 'entering') goOnEntering(run);
  else if (state.stage === 'leaving') goOnLeaving(run);
}

function isEntryWanted(run: PairRun): boolean {
  const { context, pair, state } = run;
  return context.canOpen && context.at >= state.leadAt && entrySpread(pair.spot, pair.perpetual) >= entryAbove(run);
}

function lookForEntry(run: PairRun): void {
  const { context, pair, state } = run;
  if (!isEntryWanted(run)) return;
  const base = affordableBase(run);
  if (base <= 0) {
    state.leadAt = context.at + POOR_PAUSE_MS;
    return;
  }
  state.targetBase = baseOf(pair.spot) + base;
  state.stage = 'entering';
  state.enteredAt = context.at;
  state.isHalved = false;
}

/** Base that the free money of both legs pays for, in whole lots of both. */
function affordableBase({ pair: { spot, perpetual }, params }: PairRun): number {
  const ofSpot = spot.freeQuoteAtoms() / (spot.askTicks * (1 + takerRate(spot)));
  const ofPerpetual = perpetual.freeQuoteAtoms() / (perpetual.askTicks * (1 / params.leverage + takerRate(perpetual)));
  const base = Math.min(ofSpot * lotSize(spot), ofPerpetual * lotSize(perpetual)) * (1 - SIZE_RESERVE);
  const step = Math.max(lotSize(spot), lotSize(perpetual));
  return Math.max(0, Math.floor(base / step + 1e-6) * step);
}

function goOnEntering(run: PairRun): void {
  const { context, pair, state } = run;
  const missing = state.targetBase - Math.max(baseOf(pair.spot), -baseOf(pair.perpetual));
  const trade = leadTrade(run, missing, 'entering');
  if (trade !== null && isEntryWanted(run)) return lead(run, trade, entryTicks(run, trade));
  const held = -baseOf(pair.perpetual);
  if (held <= 0) {
    state.stage = 'waiting';
    return;
  }
  // What is missing may still come while the spread is there.
  if (trade !== null && context.canOpen && entrySpread(pair.spot, pair.perpetual) >= entryAbove(run)) return;
  state.stage = 'holding';
  state.entrySpread = paidSpread(run);
  const percent = (state.entrySpread * 100).toFixed(3);
  context.report(
    'strategy_note',
    `Holds ${pair.perpetual.scale.size(Math.round(held / lotSize(pair.perpetual)))} in both legs, entered at a spread of ${percent} %.`,
    {
      spread_percent: percent,
    },
  );
}

/** What the short was sold for above what the coin has cost, as a share, at the average prices of what is held; the fee of the coin is in its cost. */
function paidSpread({ pair: { spot, perpetual } }: PairRun): number {
  const price = ({ position }: LegContext): number => position.costAtoms / (position.baseGrains / GRAINS_PER_LOT);
  return price(perpetual) / (price(spot) * tickRatio(spot, perpetual)) - 1;
}

function lookForExit(run: PairRun): void {
  const { context, pair, params, state } = run;
  const nearness = liquidationNearness(run);
  if (nearness !== null && nearness <= guardOf(run)) {
    const isLast = state.isHalved || nearness <= guardOf(run) / 2;
    state.isHalved = true;
    return leave(run, 'margin', isLast ? 0 : -baseOf(pair.perpetual) / 2);
  }
  if (baseOf(pair.perpetual) >= 0) return leave(run, 'uncovered', 0);
  if (params.max_hours !== null && context.at >= state.enteredAt + Number(params.max_hours) * HOUR_MS) return leave(run, 'time', 0);
  if (exitSpread(pair.spot, pair.perpetual) <= leavesBelow(run)) leave(run, 'spread', 0);
}

/** How near the liquidation price something is closed next, as a share. */
function guardOf({ params, state }: PairRun): number {
  return Number(params.margin_guard_percent) / (state.isHalved ? 200 : 100);
}

/** Begins to close down to `keepBase`. */
export function leave(run: PairRun, reason: LeaveReason, keepBase: number): void {
  const { context, state, pair } = run;
  if (state.stage === 'waiting' || (state.stage === 'leaving' && state.targetBase <= keepBase)) return;
  state.stage = 'leaving';
  state.leaveReason = reason;
  state.targetBase = keepBase;
  state.leadAt = context.at;
  if (reason !== 'margin') return;
  const text = `The perpetual nears its liquidation price; ${keepBase > 0 ? 'half of both legs' : 'both legs'} will be closed.`;
  context.report('strategy_note', text, { ask: pair.perpetual.scale.price(pair.perpetual.askTicks) });
}

function goOnLeaving(run: PairRun): void {
  const { context, pair, state } = run;
  const isBySpread = state.leaveReason === 'spread';
  const excess = Math.max(baseOf(pair.spot), -baseOf(pair.perpetual)) - state.targetBase;
  const trade = leadTrade(run, excess, 'leaving');
  if (trade === null) return finishLeaving(run);
  if (isBySpread && exitSpread(pair.spot, pair.perpetual) > leavesBelow(run)) {
    state.stage = 'holding';
    return;
  }
  if (context.at >= state.leadAt) lead(run, trade, exitTicks(run, trade));
}

function finishLeaving(run: PairRun): void {
  const { context, params, state } = run;
  if (state.targetBase > 0) {
    state.stage = 'holding';
    return;
  }
  state.stage = 'waiting';
  state.rounds += 1;
  const { quote } = run.pair.spot.scale.instrument;
  context.report(
    'strategy_note',
    `Both legs are closed (${REASONS[state.leaveReason]}); the profit so far is ${state.profit} ${quote}, ${state.funding} of it funding.`,
    {
      reason: state.leaveReason,
      profit: state.profit,
      funding: state.funding,
    },
  );
  if (params.rounds !== null && state.rounds >= params.rounds) context.finish('all rounds are done', 'keep');
}

const REASONS: Readonly<Record<LeaveReason, string>> = {
  spread: 'the spread has closed',
  time: 'the longest time is over',
  margin: 'the liquidation price was near',
  hand: 'by hand',
  uncovered: 'a leg was lost',
};

/** The order of the first leg for so much base, as far as both legs can trade it; `null` when that is less than either takes. */
function leadTrade(run: PairRun, base: number, stage: 'entering' | 'leaving'): Trade | null {
  const { pair, params, state } = run;
  if (base <= 0) return null;
  const sides = stage === 'entering' ? ({ spot: 'buy', perpetual: 'sell' } as const) : ({ spot: 'sell', perpetual: 'buy' } as const);
  state.lead = params.first_leg === 'auto' ? lessLiquid(pair) : params.first_leg;
  const other: LegName = state.lead === 'spot' ? 'perpetual' : 'spot';
  if (tradeOf(pair, other, sides[other], base) === null) return null;
  return tradeOf(pair, state.lead, sides[state.lead], base);
}

function lead(run: PairRun, trade: Trade, priceTicks: number): void {
  const { context, pair, state } = run;
  for (const leg of ['spot', 'perpetual'] as const) state.seen[leg] = { bidTicks: pair[leg].bidTicks, askTicks: pair[leg].askTicks };
  state.leadAt = context.at + LEAD_PAUSE_MS;
  submit(run, trade, priceTicks, LEAD_TAG);
}

/**
 * The worst price of the first leg at which the spread to the present price of the other still pays: so much as there is of it is bought.
 * A coin is offered no more for than the free money can pay, however wide the spread is.
 */
function entryTicks(run: PairRun, { leg, lots }: Trade): number {
  const { spot, perpetual } = run.pair;
  const ratio = tickRatio(spot, perpetual) * (1 + entryAbove(run));
  if (leg === 'perpetual') return Math.ceil(spot.askTicks * ratio);
  return Math.min(Math.floor(perpetual.bidTicks / ratio), Math.floor(spot.freeQuoteAtoms() / (lots * (1 + takerRate(spot)))));
}

/** The same for leaving by the spread; for any other reason as much worse than the market as may be. */
function exitTicks(run: PairRun, { leg }: Trade): number {
  const { pair, params, state } = run;
  const { spot, perpetual } = pair;
  const slippage = Number(params.max_slippage_percent) / 100;
  const ratio = tickRatio(spot, perpetual) * (1 + leavesBelow(run));
  const isBySpread = state.leaveReason === 'spread';
  if (leg === 'spot') return Math.max(1, Math.ceil(isBySpread ? perpetual.askTicks / ratio : spot.bidTicks * (1 - slippage)));
  return Math.floor(isBySpread ? spot.bidTicks * ratio : perpetual.askTicks * (1 + slippage));
}

/** How far below its liquidation price the perpetual stands, as a share; `null` where it cannot be liquidated. */
function liquidationNearness(run: PairRun): number | null {
  const ticks = liquidationOf(run);
  return ticks === null ? null : ticks / run.pair.perpetual.askTicks - 1;
}

function liquidationOf({ pair: { perpetual }, params }: PairRun): number | null {
  const { position, scale } = perpetual;
  if (position.baseGrains >= 0) return null;
  const rate = Number(scale.instrument.perpetual?.maintenanceMarginRate ?? DEFAULT_MAINTENANCE_RATE);
  return liquidationTicks(position, Math.abs(position.costAtoms) / params.leverage, rate);
}

/** Asks to be told of what the next decision waits for. */
export function watch(run: PairRun): void {
  const { context, pair, state } = run;
  const { stage, leadAt, leaveReason } = state;
  const ratio = tickRatio(pair.spot, pair.perpetual);
  // During a pause the timer asks, not every price.
  const isPausing = context.at < leadAt;
  const entersBy = (stage === 'waiting' || stage === 'entering') && context.canOpen && !isPausing;
  const leavesBy = stage === 'holding' || (stage === 'leaving' && leaveReason === 'spread' && !isPausing);
  const above = entersBy ? (1 + entryAbove(run)) * ratio : null;
  const below = leavesBy ? (1 + leavesBelow(run)) * ratio : null;
  context.watchSpread(above === null && below === null ? null : { long: 'spot', short: 'perpetual', above, below });
  const liquidation = stage === 'holding' || stage === 'entering' ? liquidationOf(run) : null;
  pair.perpetual.watchPrice(0, liquidation === null ? Number.POSITIVE_INFINITY : Math.floor(liquidation / (1 + guardOf(run))));
}

/** Notes what both legs have earned: realised, and at the present price what is still held. */
export function count({ pair, state }: PairRun): void {
  const worth = ({ position, scale, bidTicks, askTicks }: LegContext) =>
    decimal(scale.quote(position.realisedAtoms + floatingAtoms(position, position.baseGrains < 0 ? askTicks : bidTicks)));
  state.profit = plain(worth(pair.spot).plus(worth(pair.perpetual)));
  state.funding = pair.perpetual.scale.quote(pair.perpetual.position.fundingAtoms ?? 0);
}

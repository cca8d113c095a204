/** What a covered pair does next: enters when the spread is wide enough, holds, and leaves when it has closed or something else demands it. */
import { type PairStatus, restingEdges, spreadNow, spreadWatch, workPair } from '#core/executors/pair/pair.ts';
import { baseOf, lotSize, pairBase, pairOf, takerRate, tickRatio } from '#core/executors/pair/pair-market.ts';
import { type PairRun, type PairTerms, type PairWish, setWish } from '#core/executors/pair/pair-state.ts';
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import { DEFAULT_MAINTENANCE_RATE, liquidationTicks } from '#core/perpetual-position.ts';
import { floatingAtoms } from '#core/position.ts';
import type { Context, LegContext, PlanLeg } from '#core/strategy.ts';
import type { PairParams } from './_pair-params.ts';
import { type ArbitrageState, type LeaveReason, NEVER } from './_pair-state.ts';

/** Where the money for one lot is missing it is counted again after this. */
const POOR_PAUSE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Of the money that is free, this share is kept for prices that move between both legs. */
const SIZE_RESERVE = 0.01;
/** Stages a pair can go through within one event. */
const MAX_ROUNDS = 4;

/** One run as the functions of the strategy pass it around. */
export interface ArbitrageRun {
  readonly context: Context;
  readonly state: ArbitrageState;
  readonly params: PairParams;
  readonly legs: PairRun;
}

const FIRST = { auto: 'auto', spot: 'long', perpetual: 'short' } as const;

export function runOf(context: Context, state: ArbitrageState, params: PairParams): ArbitrageRun {
  const names = { long: 'spot', short: 'perpetual' };
  const terms: PairTerms = {
    names,
    first: FIRST[params.first_leg],
    how: params.first_leg_order,
    coverMs: params.leg_timeout_seconds * 1_000,
    maxSlippage: Number(params.max_slippage_percent) / 100,
  };
  return { context, state, params, legs: { context, pair: pairOf(context, names), state: state.pair, terms } };
}

/** What entering and leaving cost at worst, as a share of the value. */
export function roundTripFees(spot: Pick<PlanLeg, 'scale'>, perpetual: Pick<PlanLeg, 'scale'>): number {
  return (2 * (spot.scale.takerFee + perpetual.scale.takerFee)) / FEE_RATE_UNITS;
}

/** The spread before fees from which entering pays, as a share. */
function entryAbove({ params, legs: { pair } }: ArbitrageRun): number {
  return Number(params.entry_percent) / 100 + roundTripFees(pair.long, pair.short);
}

function leavesBelow({ params }: Pick<ArbitrageRun, 'params'>): number {
  return Number(params.exit_percent) / 100;
}

/** Whether the scanner that the bot waits for, if it waits for one, lets it in now. */
function isLetIn({ context, params, state }: ArbitrageRun): boolean {
  return (params.start_signal ?? null) === null || context.at < state.gate.until;
}

/** Lets the pair work, and decides what follows from how far it has come. */
export function advance(run: ArbitrageRun): void {
  const { context, state, legs } = run;
  // What has traded is still covered; nothing more is begun.
  if (state.stage === 'entering' && legs.state.wish !== null && !isLetIn(run)) setWish(legs.state, context.at, { ...legs.state.wish, spread: NEVER.open });
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const status = workPair(run.legs);
    if (status === 'stuck') return context.finish('a leg could be neither covered nor closed', 'toQuote');
    if (!move(run, status)) return;
  }
}

/** `true` when something else is wished now. */
function move(run: ArbitrageRun, status: PairStatus): boolean {
  const { state, legs } = run;
  if (status === 'covering' || (status === 'working' && legs.state.resting === null)) return false;
  if (state.stage === 'waiting') return lookForEntry(run);
  // A pair that is not complete yet, or waits for its price to leave, may have to be left as well.
  if ((state.stage !== 'entering' || baseOf(legs.pair.short) < 0) && lookForExit(run)) return true;
  if (state.stage === 'entering') goOnEntering(run, status);
  else if (state.stage === 'leaving') goOnLeaving(run, status);
  return false;
}

function lookForEntry(run: ArbitrageRun): boolean {
  const { context, state, params, legs } = run;
  if (!context.canOpen || !isLetIn(run) || context.at < legs.state.leadAt || spreadNow(legs, 'open') < entryAbove(run)) return false;
  const base = affordableBase(run);
  if (base <= 0) {
    legs.state.leadAt = context.at + POOR_PAUSE_MS;
    return false;
  }
  const held = baseOf(legs.pair.long);
  setWish(legs.state, context.at, { kind: 'open', base: held + base, spread: entryAbove(run), most: partOf(params, base) });
  state.stage = 'entering';
  state.enteredAt = context.at;
  state.isHalved = false;
  return true;
}

function partOf({ part_percent: percent }: PairParams, base: number): number | null {
  return percent === null ? null : (base * Number(percent)) / 100;
}

/** Base that the free money of both legs pays for, in whole lots of both. */
function affordableBase({ legs: { pair }, params }: ArbitrageRun): number {
  const { long: spot, short: perpetual } = pair;
  const ofSpot = spot.freeQuoteAtoms() / (spot.askTicks * (1 + takerRate(spot)));
  const ofPerpetual = perpetual.freeQuoteAtoms() / (perpetual.askTicks * (1 / params.leverage + takerRate(perpetual)));
  const base = Math.min(ofSpot * lotSize(spot), ofPerpetual * lotSize(perpetual)) * (1 - SIZE_RESERVE);
  const step = Math.max(lotSize(spot), lotSize(perpetual));
  return Math.max(0, Math.floor(base / step + 1e-6) * step);
}

function goOnEntering(run: ArbitrageRun, status: PairStatus): void {
  const { context, state, legs } = run;
  if (status === 'working') return;
  const held = -baseOf(legs.pair.short);
  // What is missing may still come while the spread is there.
  if (held > 0 && status === 'pausing') return;
  legs.state.wish = null;
  state.stage = held > 0 ? 'holding' : 'waiting';
  if (held <= 0) return;
  state.entrySpread = paidSpread(run);
  const percent = (state.entrySpread * 100).toFixed(3);
  const { short } = legs.pair;
  context.report('strategy_note', `Holds ${short.scale.size(Math.round(held / lotSize(short)))} in both legs, entered at a spread of ${percent} %.`, {
    spread_percent: percent,
  });
}

/** What the short was sold for above what the coin has cost, as a share, at the average prices of what is held; the fee of the coin is in its cost. */
function paidSpread({ legs: { pair } }: ArbitrageRun): number {
  const price = ({ position }: LegContext): number => position.costAtoms / (position.baseGrains / GRAINS_PER_LOT);
  return price(pair.short) / (price(pair.long) * tickRatio(pair.long, pair.short)) - 1;
}

function lookForExit(run: ArbitrageRun): boolean {
  const { context, legs, params, state } = run;
  const { short } = legs.pair;
  const nearness = liquidationNearness(run);
  if (nearness !== null && nearness <= guardOf(run)) {
    const isLast = state.isHalved || nearness <= guardOf(run) / 2;
    state.isHalved = true;
    return leave(run, 'margin', isLast ? 0 : -baseOf(short) / 2);
  }
  if (state.stage === 'leaving') return false;
  if (baseOf(short) >= 0) return leave(run, 'uncovered', 0);
  if (params.max_hours !== null && context.at >= state.enteredAt + Number(params.max_hours) * HOUR_MS) return leave(run, 'time', 0);
  return spreadNow(legs, 'close') <= leavesBelow(run) && leave(run, 'spread', 0);
}

/** How near the liquidation price something is closed next, as a share. */
function guardOf({ params, state }: ArbitrageRun): number {
  return Number(params.margin_guard_percent) / (state.isHalved ? 200 : 100);
}

/** Begins to close down to `keepBase`; `false` where that much is being closed already, as urgently. */
export function leave(run: ArbitrageRun, reason: LeaveReason, keepBase: number): boolean {
  const { context, state, legs, params } = run;
  const isBySpread = reason === 'spread';
  if (state.stage === 'waiting' || (state.stage === 'leaving' && isAlready(legs.state.wish, keepBase, isBySpread))) return false;
  state.stage = 'leaving';
  state.leaveReason = reason;
  const part = isBySpread ? partOf(params, pairBase(legs.pair)) : null;
  setWish(legs.state, context.at, { kind: 'close', base: keepBase, spread: isBySpread ? leavesBelow(run) : null, most: part });
  if (reason !== 'margin') return true;
  const text = `The perpetual nears its liquidation price; ${keepBase > 0 ? 'half of both legs' : 'both legs'} will be closed.`;
  context.report('strategy_note', text, { ask: legs.pair.short.scale.price(legs.pair.short.askTicks) });
  return true;
}

function isAlready(wish: PairWish | null, keepBase: number, isBySpread: boolean): boolean {
  return wish?.kind === 'close' && wish.base <= keepBase && (wish.spread === null || isBySpread);
}

function goOnLeaving(run: ArbitrageRun, status: PairStatus): void {
  const { legs, state } = run;
  if (status === 'done') return finishLeaving(run);
  if (status !== 'unpaid') return;
  state.stage = 'holding';
  legs.state.wish = null;
}

function finishLeaving(run: ArbitrageRun): void {
  const { context, params, state, legs } = run;
  const isAll = legs.state.wish?.base === 0;
  legs.state.wish = null;
  state.stage = isAll ? 'waiting' : 'holding';
  if (!isAll) return;
  state.rounds += 1;
  const { quote } = legs.pair.long.scale.instrument;
  context.report(
    'strategy_note',
    `Both legs are closed (${REASONS[state.leaveReason]}); the profit so far is ${state.profit} ${quote}, ${state.funding} of it funding.`,
    { reason: state.leaveReason, profit: state.profit, funding: state.funding },
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

/** How far below its liquidation price the perpetual stands, as a share; `null` where it cannot be liquidated. */
function liquidationNearness(run: ArbitrageRun): number | null {
  const ticks = liquidationOf(run);
  return ticks === null ? null : ticks / run.legs.pair.short.askTicks - 1;
}

function liquidationOf({ legs, params }: ArbitrageRun): number | null {
  const { position, scale } = legs.pair.short;
  if (position.baseGrains >= 0) return null;
  const rate = Number(scale.instrument.perpetual?.maintenanceMarginRate ?? DEFAULT_MAINTENANCE_RATE);
  return liquidationTicks(position, Math.abs(position.costAtoms) / params.leverage, rate);
}

/** Asks to be told of what the next decision waits for. */
export function watch(run: ArbitrageRun): void {
  const { context, legs, state } = run;
  const { stage, leaveReason } = state;
  // During a pause the timer asks, not every price; while the first leg rests, its own edges do.
  const isPausing = context.at < legs.state.leadAt || legs.state.resting !== null;
  const entersBy = (stage === 'waiting' || stage === 'entering') && context.canOpen && isLetIn(run) && !isPausing;
  const leavesBy = stage === 'holding' || (stage === 'leaving' && leaveReason === 'spread' && !isPausing);
  context.watchSpread(spreadWatch(legs, entersBy ? entryAbove(run) : null, leavesBy ? leavesBelow(run) : null));
  const liquidation = stage === 'waiting' ? null : liquidationOf(run);
  const guard = liquidation === null ? Number.POSITIVE_INFINITY : Math.floor(liquidation / (1 + guardOf(run)));
  const long = restingEdges(legs, 'long');
  const short = restingEdges(legs, 'short');
  legs.pair.long.watchPrice(long.below, long.above);
  legs.pair.short.watchPrice(short.below, Math.min(guard, short.above));
}

/** Notes what both legs have earned: realised, and at the present price what is still held. */
export function count({ legs: { pair }, state }: ArbitrageRun): void {
  const worth = ({ position, scale, bidTicks, askTicks }: LegContext) =>
    decimal(scale.quote(position.realisedAtoms + floatingAtoms(position, position.baseGrains < 0 ? askTicks : bidTicks)));
  state.profit = plain(worth(pair.long).plus(worth(pair.short)));
  state.funding = pair.short.scale.quote(pair.short.position.fundingAtoms ?? 0);
}

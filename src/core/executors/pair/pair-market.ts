/**
 * The arithmetic of two legs that cover each other: how much of each is held, what is uncovered, how far their prices are apart,
 * and what can be traded of either. Amounts are base coin, as the increments of both differ. The long leg is a coin or a perpetual,
 * the short one a perpetual.
 */
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '../../instrument.ts';
import type { Side } from '../../order.ts';
import type { Context, LegContext, PlanLeg } from '../../strategy.ts';

export type PairSide = 'long' | 'short';

export const PAIR_SIDES = ['long', 'short'] as const;

/** The strategy's names of both legs. */
export type PairNames = Readonly<Record<PairSide, string>>;

export type Pair = Readonly<Record<PairSide, LegContext>>;

export function pairOf(context: Context, { long, short }: PairNames): Pair {
  return { long: context.leg(long), short: context.leg(short) };
}

/** What can be traded of a leg to come nearer to a wanted amount. */
export interface Trade {
  readonly leg: PairSide;
  readonly side: Side;
  readonly lots: number;
  /** It enlarges what the leg holds. */
  readonly isOpening: boolean;
}

/** Amounts are sums of whole grains; what is this much below a whole lot is one. */
const NOISE = 1e-6;

export function lotSize({ scale }: Pick<PlanLeg, 'scale'>): number {
  return Number(scale.instrument.sizeIncrement);
}

/** Share of a trade that its taker pays. */
export function takerRate({ scale }: Pick<PlanLeg, 'scale'>): number {
  return scale.takerFee / FEE_RATE_UNITS;
}

/** Base held, negative for a short. */
export function baseOf(leg: LegContext): number {
  return (leg.position.baseGrains / GRAINS_PER_LOT) * lotSize(leg);
}

/** Base that rises and falls with the price: 0 when both legs cover each other. */
export function deltaOf({ long, short }: Pair): number {
  return baseOf(long) + baseOf(short);
}

/** Base of the larger leg. */
export function pairBase({ long, short }: Pair): number {
  return Math.max(baseOf(long), -baseOf(short));
}

/** Ticks of the short leg per tick of the long one at the same price. */
export function tickRatio(long: Pick<PlanLeg, 'scale'>, short: Pick<PlanLeg, 'scale'>): number {
  return Number(long.scale.instrument.priceIncrement) / Number(short.scale.instrument.priceIncrement);
}

/** How far above the long leg the short one can be sold now, as a share, before fees. */
export function entrySpread(long: PlanLeg, short: PlanLeg): number {
  return short.bidTicks / (long.askTicks * tickRatio(long, short)) - 1;
}

/** How far above the long leg the short one must be bought back now. */
export function exitSpread(long: PlanLeg, short: PlanLeg): number {
  return short.askTicks / (long.bidTicks * tickRatio(long, short)) - 1;
}

/** The leg with the wider gap between bid and ask: less of it stands in the book, so it decides how much is traded. */
export function lessLiquid({ long, short }: Pair): PairSide {
  const gap = ({ bidTicks, askTicks }: LegContext): number => (askTicks - bidTicks) / askTicks;
  return gap(long) >= gap(short) ? 'long' : 'short';
}

export function otherOf(leg: PairSide): PairSide {
  return leg === 'long' ? 'short' : 'long';
}

/** Closes what is uncovered: sells what no short covers, or buys back the short that nothing covers. */
export function closingTrade(pair: Pair, delta: number): Trade | null {
  return delta < 0 ? tradeOf(pair, 'short', 'close', -delta) : tradeOf(pair, 'long', 'close', delta);
}

/** Covers what is uncovered: sells the short leg against the long one, or buys the long leg for the short one. */
export function coveringTrade(pair: Pair, delta: number): Trade | null {
  return delta > 0 ? tradeOf(pair, 'short', 'open', delta) : tradeOf(pair, 'long', 'open', -delta);
}

/** A trade of so much base in one leg, or `null` where that is less than the venue takes. */
export function tradeOf(pair: Pair, leg: PairSide, how: 'open' | 'close', base: number): Trade | null {
  const isOpening = how === 'open';
  const side = isOpening === (leg === 'long') ? 'buy' : 'sell';
  const { minLots, maxLots, minAtoms, isPerpetual } = pair[leg].scale;
  const lots = isPerpetual ? perpetualLots(pair[leg], leg, isOpening, base) : spotLots(pair[leg], isOpening, base);
  const isEnough = lots >= minLots && ((isPerpetual && !isOpening) || lots * pair[leg].bidTicks >= minAtoms);
  return isEnough ? { leg, side, lots: Math.min(lots, maxLots), isOpening } : null;
}

function spotLots(leg: LegContext, isOpening: boolean, base: number): number {
  // What an order under way offers counts too: until that has traded it is uncovered like the rest.
  const held = Math.floor(leg.position.baseGrains / GRAINS_PER_LOT);
  // The fee comes out of what is bought, so more is bought.
  const gross = leg.feeAsset === 'received' ? base / (1 - takerRate(leg)) : base;
  return isOpening ? Math.ceil(gross / lotSize(leg) - NOISE) : Math.min(held, Math.floor(base / lotSize(leg) + NOISE));
}

function perpetualLots(leg: LegContext, side: PairSide, isOpening: boolean, base: number): number {
  const held = Math.round(leg.position.baseGrains / GRAINS_PER_LOT) * (side === 'long' ? 1 : -1);
  // To the nearest lot: what is left of the coin's dust is less than half of one.
  const wanted = Math.floor(base / lotSize(leg) + 0.5 - NOISE);
  return isOpening ? wanted : Math.min(wanted, Math.max(0, held));
}

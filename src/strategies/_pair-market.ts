/**
 * The arithmetic of a coin and the perpetual on it: how much of each is held, what is uncovered, how far their prices are apart,
 * and what can be traded to cover it. Amounts are base coin, as the increments of both differ.
 */
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Side } from '#core/order.ts';
import type { Context, LegContext, PlanLeg } from '#core/strategy.ts';

export type LegName = 'spot' | 'perpetual';

export interface Pair {
  readonly spot: LegContext;
  readonly perpetual: LegContext;
}

export function pairOf(context: Context): Pair {
  return { spot: context.leg('spot'), perpetual: context.leg('perpetual') };
}

/** What can be traded of a leg to come nearer to a wanted amount. */
export interface Trade {
  readonly leg: LegName;
  readonly side: Side;
  readonly lots: number;
  readonly reduceOnly: boolean;
}

/** Amounts are sums of whole grains; what is this much below a whole lot is one. */
const NOISE = 1e-6;

export function lotSize({ scale }: Pick<PlanLeg, 'scale'>): number {
  return Number(scale.instrument.sizeIncrement);
}

export function tickSize({ scale }: Pick<PlanLeg, 'scale'>): number {
  return Number(scale.instrument.priceIncrement);
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
export function deltaOf({ spot, perpetual }: Pair): number {
  return baseOf(spot) + baseOf(perpetual);
}

/** Ticks of the perpetual per tick of the coin at the same price. */
export function tickRatio(spot: Pick<PlanLeg, 'scale'>, perpetual: Pick<PlanLeg, 'scale'>): number {
  return tickSize(spot) / tickSize(perpetual);
}

/** How far above the coin the perpetual can be sold now, as a share, before fees. */
export function entrySpread(spot: PlanLeg, perpetual: PlanLeg): number {
  return perpetual.bidTicks / (spot.askTicks * tickRatio(spot, perpetual)) - 1;
}

/** How far above the coin the perpetual must be bought back now. */
export function exitSpread(spot: PlanLeg, perpetual: PlanLeg): number {
  return perpetual.askTicks / (spot.bidTicks * tickRatio(spot, perpetual)) - 1;
}

/** What entering and leaving cost at worst, as a share of the value. */
export function roundTripFees(spot: Pick<PlanLeg, 'scale'>, perpetual: Pick<PlanLeg, 'scale'>): number {
  return 2 * takerRate(spot) + 2 * takerRate(perpetual);
}

/** The leg with the wider gap between bid and ask: less of it stands in the book, so it decides how much is traded. */
export function lessLiquid({ spot, perpetual }: Pair): LegName {
  const gap = ({ bidTicks, askTicks }: LegContext): number => (askTicks - bidTicks) / askTicks;
  return gap(spot) >= gap(perpetual) ? 'spot' : 'perpetual';
}

/** Closes what is uncovered: sells the coin that no short covers, or buys back the short that no coin covers. */
export function closingTrade(pair: Pair, delta: number): Trade | null {
  if (delta < 0) return perpetualTrade(pair.perpetual, 'buy', -delta, true);
  return spotTrade(pair.spot, 'sell', delta);
}

/** Covers what is uncovered: sells the perpetual against the coin, or buys the coin for the short. */
export function coveringTrade(pair: Pair, delta: number): Trade | null {
  return delta > 0 ? perpetualTrade(pair.perpetual, 'sell', delta, false) : spotTrade(pair.spot, 'buy', -delta);
}

/** A trade of so much base in one leg, or `null` where that is less than the exchange takes. */
export function tradeOf(pair: Pair, leg: LegName, side: Side, base: number): Trade | null {
  return leg === 'spot' ? spotTrade(pair.spot, side, base) : perpetualTrade(pair.perpetual, side, base, side === 'buy');
}

function spotTrade(leg: LegContext, side: Side, base: number): Trade | null {
  const { maxLots } = leg.scale;
  // What an order under way offers counts too: until that has traded it is uncovered like the rest.
  const held = Math.floor(leg.position.baseGrains / GRAINS_PER_LOT);
  // The fee comes out of what is bought, so more is bought.
  const gross = leg.feeAsset === 'received' ? base / (1 - takerRate(leg)) : base;
  const lots = side === 'buy' ? Math.ceil(gross / lotSize(leg) - NOISE) : Math.min(held, Math.floor(base / lotSize(leg) + NOISE));
  const isEnough = lots >= leg.scale.minLots && lots * leg.bidTicks >= leg.scale.minAtoms;
  return isEnough ? { leg: 'spot', side, lots: Math.min(lots, maxLots), reduceOnly: false } : null;
}

function perpetualTrade(leg: LegContext, side: Side, base: number, reduceOnly: boolean): Trade | null {
  const { minLots, maxLots, minAtoms } = leg.scale;
  const held = Math.round(leg.position.baseGrains / GRAINS_PER_LOT);
  // To the nearest lot: what is left of the coin's dust is less than half of one.
  const wanted = Math.floor(base / lotSize(leg) + 0.5 - NOISE);
  const lots = reduceOnly ? Math.min(wanted, Math.max(0, -held)) : wanted;
  const isEnough = lots >= minLots && (reduceOnly || lots * leg.bidTicks >= minAtoms);
  return isEnough ? { leg: 'perpetual', side, lots: Math.min(lots, maxLots), reduceOnly } : null;
}

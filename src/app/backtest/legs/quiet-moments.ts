/**
 * Which moments of a timeline change nothing for whoever waits for certain prices: found along the columns, without a word to anybody.
 * A moment that is not quiet may still turn out to be; one that is quiet changes nothing.
 */
import type { Timeline, TimelineLeg } from './timeline.ts';

/** Prices of one leg between which nothing happens, in ticks. */
export interface PriceRange {
  downTicks: number;
  upTicks: number;
}

/** A distance of two legs, by their places: see {@link SpreadWatch} of the engine, with half the distance between bid and ask. */
export interface WatchedSpread {
  readonly long: number;
  readonly short: number;
  readonly above: number | null;
  readonly below: number | null;
  readonly halfTicks: number;
}

/** Moments that are looked at before those of the next leg are: the first time, and at most. */
const FEWEST_AT_ONCE = 16;
const MOST_AT_ONCE = 2_048;

/** The first moment of these, which end before `end`, in which something may happen; `end` where there is none. */
export function nextRestless({ legs }: Timeline, from: number, end: number, ranges: readonly PriceRange[], spread: WatchedSpread | null): number {
  let index = from;
  for (let atOnce = FEWEST_AT_ONCE; index < end; atOnce = Math.min(MOST_AT_ONCE, atOnce * 2)) {
    const until = Math.min(end, index + atOnce);
    let stop = until;
    for (let leg = 0; leg < legs.length; leg += 1) stop = firstOutside(legs[leg] as TimelineLeg, index, stop, ranges[leg] as PriceRange);
    if (spread !== null) stop = firstSpread(legs[spread.long] as TimelineLeg, legs[spread.short] as TimelineLeg, index, stop, spread);
    if (stop < until) return stop;
    index = until;
  }
  return end;
}

/** Open, the extreme that comes first, the other, and the close: the price at a third of a moment. */
export function priceAt(leg: TimelineLeg, moment: number, third: number): number {
  if (third === 0) return leg.openTicks[moment] as number;
  if (third === 3) return leg.closeTicks[moment] as number;
  const isLowFirst = (leg.closeTicks[moment] as number) >= (leg.openTicks[moment] as number);
  return (isLowFirst === (third === 1) ? leg.lowTicks[moment] : leg.highTicks[moment]) as number;
}

function firstOutside({ lowTicks, highTicks }: TimelineLeg, from: number, to: number, { downTicks, upTicks }: PriceRange): number {
  let index = from;
  if (downTicks > 0 && upTicks < Number.POSITIVE_INFINITY)
    while (index < to && (lowTicks[index] as number) > downTicks && (highTicks[index] as number) < upTicks) index += 1;
  else if (upTicks < Number.POSITIVE_INFINITY) while (index < to && (highTicks[index] as number) < upTicks) index += 1;
  else if (downTicks > 0) while (index < to && (lowTicks[index] as number) > downTicks) index += 1;
  else return to;
  return index;
}

/** Whether both legs are as far apart at a third of a moment as is waited for. */
export function isReachedAt(long: TimelineLeg, short: TimelineLeg, moment: number, third: number, { above, below, halfTicks }: WatchedSpread): boolean {
  const longTicks = priceAt(long, moment, third);
  const shortTicks = priceAt(short, moment, third);
  if (above !== null && shortTicks - halfTicks >= above * (longTicks + halfTicks)) return true;
  return below !== null && shortTicks + halfTicks <= below * (longTicks - halfTicks);
}

function firstSpread(long: TimelineLeg, short: TimelineLeg, from: number, to: number, spread: WatchedSpread): number {
  // Multiplied by infinity nothing is as far apart.
  const over = spread.above ?? Number.POSITIVE_INFINITY;
  const under = spread.below ?? Number.NEGATIVE_INFINITY;
  const { halfTicks } = spread;
  const { lowTicks: longLow, highTicks: longHigh } = long;
  const { lowTicks: shortLow, highTicks: shortHigh } = short;
  for (let index = from; index < to; index += 1) {
    // The ends of both bars are as far apart as anything within them can be.
    const mayBeAbove = (shortHigh[index] as number) - halfTicks >= over * ((longLow[index] as number) + halfTicks);
    const mayBeBelow = (shortLow[index] as number) + halfTicks <= under * ((longHigh[index] as number) - halfTicks);
    if (!mayBeAbove && !mayBeBelow) continue;
    for (let third = 0; third <= 3; third += 1) if (isReachedAt(long, short, index, third, spread)) return index;
  }
  return to;
}

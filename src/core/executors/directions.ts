/**
 * What differs between a position that is bought first and one that is sold first: which way prices run against it, and
 * which price it opens and closes at. Everything else is said once, in these words.
 */

import { Decimal } from '../money.ts';
import type { Side } from '../order.ts';
import type { Context } from '../strategy.ts';
import { lowestSale, openingPrice } from './amounts.ts';

export interface Directed {
  readonly direction: 'long' | 'short';
}

/** Where nothing else is said. */
export const LONG: Directed = { direction: 'long' };

export function isShort({ direction }: Directed): boolean {
  return direction === 'short';
}

/** The side of the orders that open it; those that close it are on the other. */
export function openingSideOf(params: Directed): Side {
  return isShort(params) ? 'sell' : 'buy';
}

export function closingSideOf(params: Directed): Side {
  return isShort(params) ? 'buy' : 'sell';
}

/** The price so many per cent below another, down to the whole tick. `ticks` may be an average between two of them. */
export function ticksBelow(ticks: number | Decimal, percent: Decimal | string): number {
  return new Decimal(ticks).times(new Decimal(100).minus(percent)).div(100).floor().toNumber();
}

/** The price so many per cent above another, up to the whole tick. */
function ticksAbove(ticks: number | Decimal, percent: Decimal | string): number {
  return new Decimal(ticks).times(new Decimal(100).plus(percent)).div(100).ceil().toNumber();
}

/** The price so many per cent against it, to the whole tick beyond. */
export function against(params: Directed, ticks: number | Decimal, percent: Decimal | string): number {
  return isShort(params) ? ticksAbove(ticks, percent) : ticksBelow(ticks, percent);
}

/** The price so many per cent in favour of it, to the whole tick beyond. */
export function inFavour(params: Directed, ticks: number | Decimal, percent: Decimal | string): number {
  return isShort(params) ? ticksBelow(ticks, percent) : ticksAbove(ticks, percent);
}

/** Whether a price is further in favour of it than another, or the same. */
export function isAsGood(params: Directed, ticks: number, other: number): boolean {
  return isShort(params) ? ticks <= other : ticks >= other;
}

/** The stop that acts first; 0 stands for none. */
export function tighter(params: Directed, stop: number, other: number): number {
  if (stop === 0 || other === 0) return Math.max(stop, other);
  return isAsGood(params, stop, other) ? stop : other;
}

/** The price at which it could be opened now. */
export function openingTicks(params: Directed, { bidTicks, askTicks }: Pick<Context, 'bidTicks' | 'askTicks'>): number {
  return isShort(params) ? bidTicks : askTicks;
}

/** The price at which it could be closed now. */
export function closingTicks(params: Directed, { bidTicks, askTicks }: Pick<Context, 'bidTicks' | 'askTicks'>): number {
  return isShort(params) ? askTicks : bidTicks;
}

/** The worst price of an order that must open now. */
export function hurriedTicks(params: Directed, { bidTicks, askTicks }: Pick<Context, 'bidTicks' | 'askTicks'>): number {
  return isShort(params) ? lowestSale(bidTicks) : openingPrice(askTicks);
}

/** The prices of the last minutes, as far as the greatest move among them needs: few points, whatever the market sends. */
import type { Decimal } from '../money.ts';

/** Points kept of a window. */
export const POINTS = 240;

interface Range {
  readonly low: Decimal;
  readonly high: Decimal;
}
type Point = Range & { readonly at: number };

export class PriceWindow {
  readonly #lengthMs: number;
  #points: Point[] = [];
  /** Of all points. */
  #range: Range | null = null;

  constructor(minutes: number) {
    this.#lengthMs = minutes * 60_000;
  }

  /** How many points there are. */
  get size(): number {
    return this.#points.length;
  }

  /** Adds a price and gives the greatest move to it from within the window, signed, in per cent: up from the lowest or down from the highest. */
  move(price: Decimal, at: number): Decimal {
    this.#forget(at - this.#lengthMs);
    const last = this.#points.at(-1);
    const only = { low: price, high: price };
    if (last === undefined || at - last.at >= this.#lengthMs / POINTS) this.#points.push({ at, ...only });
    else this.#points[this.#points.length - 1] = { at: last.at, ...joined(last, only) };
    const { low, high } = this.#range === null ? only : joined(this.#range, only);
    this.#range = { low, high };
    const [rise, fall] = [price.minus(low).div(low), price.minus(high).div(high)];
    return (rise.gte(fall.abs()) ? rise : fall).times(100);
  }

  /** Begins anew: a move that was told is not told again. */
  clear(): void {
    this.#points = [];
    this.#range = null;
  }

  /** Whole points that began before then. */
  #forget(before: number): void {
    if ((this.#points[0]?.at ?? before) >= before) return;
    this.#points = this.#points.filter((point) => point.at >= before);
    this.#range = this.#points.reduce<Range | null>((range, point) => (range === null ? point : joined(range, point)), null);
  }
}

function joined(one: Range, other: Range): Range {
  return { low: one.low.lte(other.low) ? one.low : other.low, high: one.high.gte(other.high) ? one.high : other.high };
}

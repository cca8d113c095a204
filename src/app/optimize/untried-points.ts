/** Points that nobody has tried yet, picked by chance. */
import { pick, type Random } from './seeded-random.ts';
import { type Axis, type Point, pointAt, sizeOf } from './space.ts';

/** Tries to hit an untried point before the space is gone through: enough unless most of it is tried. */
const MAX_MISSES = 64;

export class UntriedPoints {
  readonly #axes: readonly Axis[];
  readonly #random: Random;
  readonly #tried: Set<string>;

  constructor(axes: readonly Axis[], random: Random, tried: readonly Point[]) {
    this.#axes = axes;
    this.#random = random;
    this.#tried = new Set(tried.map(String));
  }

  /** Whether it is new; from now on it counts as tried. */
  take(point: Point): boolean {
    const key = String(point);
    if (this.#tried.has(key)) return false;
    this.#tried.add(key);
    return true;
  }

  /** Throws where the whole space has been tried. */
  any(): Point {
    for (let miss = 0; miss < MAX_MISSES; miss += 1) {
      const point = this.#axes.map(({ values }) => pick(this.#random, values.length));
      if (this.take(point)) return point;
    }
    const size = sizeOf(this.#axes);
    const start = pick(this.#random, size);
    for (let step = 0; step < size; step += 1) {
      const point = pointAt(this.#axes, (start + step) % size);
      if (this.take(point)) return point;
    }
    throw new Error('every set of values has been tried');
  }
}

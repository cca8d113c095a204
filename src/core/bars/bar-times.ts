/**
 * When the bars of a history open, and which is the first to open at a time. Where none is missing both are computed: who passes over
 * most bars would wait for memory at each of the others.
 */
import { type Bars, firstBarAt, nextGap } from './bars.ts';

export class BarTimes {
  readonly #bars: Bars;
  readonly #isGapless: boolean;
  readonly #beginAt: number;

  private constructor(bars: Bars) {
    this.#bars = bars;
    this.#isGapless = bars.length > 0 && nextGap(bars, 1) === bars.length;
    this.#beginAt = bars.startAt[0] ?? 0;
  }

  /** Those of a history, which is looked through once however many runs go over it. */
  static of(bars: Bars): BarTimes {
    const known = knownTimes.get(bars);
    if (known !== undefined) return known;
    const times = new BarTimes(bars);
    knownTimes.set(bars, times);
    return times;
  }

  /** Whether every bar begins on a whole multiple of its length, as venues' do. */
  get areAligned(): boolean {
    const { startAt, intervalMs, length } = this.#bars;
    if (this.#isGapless) return this.#beginAt % intervalMs === 0;
    // Bars that follow each other without a gap are aligned if the first of them is.
    for (let index = 0; index < length; index = nextGap(this.#bars, index + 1)) if ((startAt[index] as number) % intervalMs !== 0) return false;
    return true;
  }

  /** When a bar that there is opens, in milliseconds since 1970. */
  opensAt(index: number): number {
    return this.#isGapless ? this.#beginAt + index * this.#bars.intervalMs : (this.#bars.startAt[index] as number);
  }

  /** Index of the first bar that opens at or after `at`, from `from` on; the number of bars when there is none. */
  firstFrom(at: number, from: number): number {
    if (!this.#isGapless) return firstBarAt(this.#bars, at, from);
    return Math.min(this.#bars.length, Math.max(from, Math.ceil((at - this.#beginAt) / this.#bars.intervalMs)));
  }
}

const knownTimes = new WeakMap<Bars, BarTimes>();

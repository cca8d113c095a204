/**
 * Makes longer bars of shorter ones, as a venue would: a bar is over when its time is, whatever its parts. A first bar
 * whose beginning is not in the history is left out; one without any part does not exist.
 */
import type { Bars } from './bars.ts';

export interface MadeBar {
  closedAt: number;
  openTicks: number;
  highTicks: number;
  lowTicks: number;
  closeTicks: number;
  volumeLots: number;
}

export class BarMaker {
  readonly intervalMs: number;
  /** Opening time of the bar under way; -1 while there is none. */
  #startAt = -1;
  readonly #bar: MadeBar = { closedAt: 0, openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 };

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** The bar that is over by `at` though its last parts are missing, or `null`. The one object is used again. */
  takeOverdue(at: number): MadeBar | null {
    if (this.#startAt < 0 || at < this.#bar.closedAt) return null;
    this.#startAt = -1;
    return this.#bar;
  }

  /** Takes in the next part; the bar that is complete with it, or `null`. The one object is used again. */
  add(parts: Bars, index: number): MadeBar | null {
    const startAt = parts.startAt[index] ?? 0;
    const begin = Math.floor(startAt / this.intervalMs) * this.intervalMs;
    if (this.#startAt < 0) {
      // A history that begins in the middle of a bar does not know how that bar opened.
      if (index === 0 && startAt !== begin) this.#headlessAt = begin;
      if (begin === this.#headlessAt) return null;
      this.#open(parts, index, begin);
    } else {
      this.#extend(parts, index);
    }
    return startAt + parts.intervalMs >= this.#bar.closedAt ? this.takeOverdue(this.#bar.closedAt) : null;
  }

  /** Opening time of the bar whose beginning nobody saw. */
  #headlessAt = -1;

  #open(parts: Bars, index: number, begin: number): void {
    const bar = this.#bar;
    this.#startAt = begin;
    bar.closedAt = begin + this.intervalMs;
    bar.openTicks = parts.openTicks[index] ?? 0;
    bar.highTicks = parts.highTicks[index] ?? 0;
    bar.lowTicks = parts.lowTicks[index] ?? 0;
    bar.closeTicks = parts.closeTicks[index] ?? 0;
    bar.volumeLots = parts.volumeLots[index] ?? 0;
  }

  #extend(parts: Bars, index: number): void {
    const bar = this.#bar;
    bar.highTicks = Math.max(bar.highTicks, parts.highTicks[index] ?? 0);
    bar.lowTicks = Math.min(bar.lowTicks, parts.lowTicks[index] ?? bar.lowTicks);
    bar.closeTicks = parts.closeTicks[index] ?? bar.closeTicks;
    bar.volumeLots += parts.volumeLots[index] ?? 0;
  }
}

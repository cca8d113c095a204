/** The highest and lowest price between two times of a history, without looking at each bar: extremes of blocks are kept beside those of bars. */
import { type Bars, firstBarAt } from '#core/bars/bars.ts';

const BLOCK = 512;

export interface PriceRange {
  readonly lowTicks: number;
  readonly highTicks: number;
}

export class PriceRanges {
  readonly #bars: Bars;
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;

  constructor(bars: Bars) {
    const blocks = Math.floor(bars.length / BLOCK);
    this.#bars = bars;
    this.#lows = new Float64Array(blocks);
    this.#highs = new Float64Array(blocks);
    for (let block = 0; block < blocks; block += 1) {
      const range = this.#look(block * BLOCK, (block + 1) * BLOCK);
      this.#lows[block] = range.lowTicks;
      this.#highs[block] = range.highTicks;
    }
  }

  /** Of the bars that lie wholly between two times; `null` when none does. */
  between(from: number, to: number): PriceRange | null {
    const first = firstBarAt(this.#bars, from);
    const end = firstBarAt(this.#bars, to - this.#bars.intervalMs + 1, first);
    if (end <= first) return null;
    const firstBlock = Math.ceil(first / BLOCK);
    const endBlock = Math.floor(end / BLOCK);
    if (endBlock <= firstBlock) return this.#look(first, end);
    const before = this.#look(first, firstBlock * BLOCK);
    const after = this.#look(endBlock * BLOCK, end);
    let lowTicks = Math.min(before.lowTicks, after.lowTicks);
    let highTicks = Math.max(before.highTicks, after.highTicks);
    for (let block = firstBlock; block < endBlock; block += 1) {
      lowTicks = Math.min(lowTicks, this.#lows[block] as number);
      highTicks = Math.max(highTicks, this.#highs[block] as number);
    }
    return { lowTicks, highTicks };
  }

  #look(first: number, end: number): PriceRange {
    let lowTicks = Number.POSITIVE_INFINITY;
    let highTicks = 0;
    for (let index = first; index < end; index += 1) {
      lowTicks = Math.min(lowTicks, this.#bars.lowTicks[index] as number);
      highTicks = Math.max(highTicks, this.#bars.highTicks[index] as number);
    }
    return { lowTicks, highTicks };
  }
}

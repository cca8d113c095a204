/** Made-up history for benchmarks: a random walk from a seed, the same on every machine. */
import { type Bars, newBars } from '#core/bars.ts';

/** Numbers in [0, 1) that follow from the seed. @see https://en.wikipedia.org/wiki/Xorshift */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

export interface WalkOptions {
  readonly seed: number;
  readonly length: number;
  readonly startTicks: number;
  /** Largest move within a bar, in ticks. */
  readonly swingTicks: number;
  /** The walk turns back at these prices. */
  readonly lowestTicks: number;
  readonly highestTicks: number;
}

/** Minute bars of a walk that stays between two prices. */
export function randomWalk(options: WalkOptions): Bars {
  const { length, swingTicks, lowestTicks, highestTicks } = options;
  const random = seededRandom(options.seed);
  const bars = newBars(length, 60_000);
  const clamp = (ticks: number) => Math.min(highestTicks, Math.max(lowestTicks, ticks));
  let price = options.startTicks;
  for (let index = 0; index < length; index += 1) {
    const open = price;
    const close = clamp(open + Math.round((random() - 0.5) * 2 * swingTicks));
    bars.startAt[index] = 1_700_000_000_000 + index * 60_000;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = clamp(Math.max(open, close) + Math.round(random() * swingTicks * 0.5));
    bars.lowTicks[index] = clamp(Math.min(open, close) - Math.round(random() * swingTicks * 0.5));
    bars.volumeLots[index] = 1_000 + Math.round(random() * 1_000);
    price = close;
  }
  return bars;
}

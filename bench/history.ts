/** Made-up history for benchmarks: a random walk from a seed, the same on every machine. */
import { type Bars, newBars } from '#core/bars/bars.ts';

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

/** A whole minute, as venues' bars begin. */
const BEGIN_AT = 1_699_999_980_000;

export interface WalkOptions {
  readonly seed: number;
  readonly length: number;
  readonly startTicks: number;
  /** Largest move within a bar, in ticks; with momentum that which is added to the move before. */
  readonly swingTicks: number;
  /** Share of a move that the next bar goes on with: 0. */
  readonly momentum?: number;
  /** The walk turns back at these prices. */
  readonly lowestTicks: number;
  readonly highestTicks: number;
}

/** Minute bars of a walk that stays between two prices. */
export function randomWalk(options: WalkOptions): Bars {
  const { length, swingTicks, momentum = 0, lowestTicks, highestTicks } = options;
  const random = seededRandom(options.seed);
  const bars = newBars(length, 60_000);
  const clamp = (ticks: number) => Math.min(highestTicks, Math.max(lowestTicks, ticks));
  let price = options.startTicks;
  let move = 0;
  for (let index = 0; index < length; index += 1) {
    const open = price;
    move = move * momentum + (random() - 0.5) * 2 * swingTicks;
    const close = clamp(open + Math.round(move));
    if (close === lowestTicks || close === highestTicks) move = 0;
    bars.startAt[index] = BEGIN_AT + index * 60_000;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = clamp(Math.max(open, close) + Math.round(random() * swingTicks * 0.5));
    bars.lowTicks[index] = clamp(Math.min(open, close) - Math.round(random() * swingTicks * 0.5));
    bars.volumeLots[index] = 1_000 + Math.round(random() * 1_000);
    price = close;
  }
  return bars;
}

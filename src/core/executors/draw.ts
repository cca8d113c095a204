/** Random numbers of an executor: they come from a seed that its state keeps, so a tape replays and a restart goes on. */

export interface Drawing {
  /** A whole number from 1 to {@link LARGEST_SEED}. */
  seed: number;
}

/** Largest seed: the modulus less one. */
export const LARGEST_SEED = 2_147_483_646;

/** The next number from 0 to below 1. @see Park and Miller, "Random number generators: good ones are hard to find", with the multiplier of their later note. */
export function draw(state: Drawing): number {
  state.seed = (state.seed * 48_271) % (LARGEST_SEED + 1);
  return (state.seed - 1) / LARGEST_SEED;
}

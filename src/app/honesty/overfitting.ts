/**
 * How often the best of one half of the history is among the worse half of all in the other: the probability that choosing the
 * best chooses luck. Halves are all ways to part the blocks of daily returns, so each trial need be run only once.
 * @see Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting", 2015 (combinatorially symmetric cross-validation)
 */
import { BLOCKS, type ReturnMoments } from './return-moments.ts';

/** Of fewer returns in a half nothing can be said. */
export const LEAST_HALF = 10;
/** Of fewer trials there is nothing to choose. */
export const LEAST_TRIALS = 10;

/** Share of the ways to part the history, 0 to 1; `null` where there is too little of it or too few trials. */
export function overfittingProbability(trials: readonly ReturnMoments[]): number | null {
  const count = trials[0]?.count ?? 0;
  // What ended early, or began later, cannot be laid beside the others.
  const comparable = trials.filter((trial) => trial.count === count);
  if (comparable.length < LEAST_TRIALS || count < 2 * LEAST_HALF) return null;
  const halves = halvesOf(BLOCKS);
  let worse = 0;
  for (const half of halves) {
    const inside = comparable.map((trial) => sharpeOver(trial, half, true));
    const best = inside.reduce((place, value, index) => (value > (inside[place] ?? 0) ? index : place), 0);
    const outside = comparable.map((trial) => sharpeOver(trial, half, false));
    const chosen = outside[best] ?? 0;
    const below = outside.filter((value) => value < chosen).length;
    const same = outside.filter((value) => value === chosen).length;
    // Equals share their places, so that trials that are all alike come out in the middle.
    const rank = (below + (same + 1) / 2) / (outside.length + 1);
    if (rank <= 0.5) worse += 1;
  }
  return worse / halves.length;
}

/** Every choice of half of the blocks. */
function halvesOf(blocks: number): readonly (readonly boolean[])[] {
  return Array.from({ length: 2 ** blocks }, (_, bits) => Array.from({ length: blocks }, (__, block) => ((bits >> block) & 1) === 1)).filter(
    (half) => half.filter(Boolean).length === blocks / 2,
  );
}

function sharpeOver({ count, blocks }: ReturnMoments, half: readonly boolean[], isInside: boolean): number {
  let [returns, sum, squares] = [0, 0, 0];
  for (const [block, [blockSum, blockSquares]] of blocks.entries()) {
    if (half[block] !== isInside) continue;
    returns += Math.floor(((block + 1) * count) / BLOCKS) - Math.floor((block * count) / BLOCKS);
    sum += blockSum;
    squares += blockSquares;
  }
  const mean = sum / returns;
  const variance = squares / returns - mean * mean;
  // What never moved is worth nothing; rounding may leave a trace of a variance there.
  return variance > 1e-18 ? mean / Math.sqrt(variance) : 0;
}

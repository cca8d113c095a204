/**
 * What the same trades might have done to an account in another order, or had chance dealt them anew: percentiles of the deepest fall
 * and of the end. Trades count as independent of each other, which those of one trend are not, so the truth may be worse.
 */
import { pick, seededRandom, shuffled } from '../optimize/seeded-random.ts';

/** Orders that are tried. */
export const SAMPLES = 2_000;
/** Of fewer trades nothing can be said. */
export const LEAST_MIXED_TRADES = 10;
export const PERCENTILES = [5, 25, 50, 75, 95] as const;

/** Values by the percentiles of {@link PERCENTILES}, in their sequence: a share of so many percent of the samples lies below each. */
export type Percentiles = readonly number[];

export interface MonteCarloReport {
  readonly trades: number;
  readonly samples: number;
  readonly seed: number;
  /** As it was: the deepest fall at the ends of trades, and the profit of all, as shares. */
  readonly drawdown: number;
  readonly profit: number;
  /** The same trades in another order end at the same profit. */
  readonly shuffledDrawdown: Percentiles;
  /** As many trades, each picked anew among all, so that some come twice and others never. */
  readonly resampledDrawdown: Percentiles;
  readonly resampledProfit: Percentiles;
  /** Share of the resampled that lost money. */
  readonly lossProbability: number;
}

/** `profits` are those of closed trades in their sequence, as shares of the capital. `null` for fewer than {@link LEAST_MIXED_TRADES}. */
export function monteCarlo(profits: readonly number[], seed: number): MonteCarloReport | null {
  if (profits.length < LEAST_MIXED_TRADES) return null;
  const random = seededRandom(seed);
  const shuffledFalls = Array.from({ length: SAMPLES }, () => deepestFall(shuffled(profits, random)));
  const resampled = Array.from({ length: SAMPLES }, () => profits.map(() => profits[pick(random, profits.length)] as number));
  const ends = resampled.map(sum);
  return {
    trades: profits.length,
    samples: SAMPLES,
    seed,
    drawdown: deepestFall(profits),
    profit: sum(profits),
    shuffledDrawdown: percentilesOf(shuffledFalls),
    resampledDrawdown: percentilesOf(resampled.map(deepestFall)),
    resampledProfit: percentilesOf(ends),
    lossProbability: ends.filter((end) => end < 0).length / SAMPLES,
  };
}

/** As a share of the highest equity before it; 1 is all. */
function deepestFall(profits: readonly number[]): number {
  let equity = 1;
  let peak = 1;
  let deepest = 0;
  for (const profit of profits) {
    equity += profit;
    peak = Math.max(peak, equity);
    deepest = Math.max(deepest, (peak - equity) / peak);
  }
  return deepest;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((one, other) => one - other);
  return PERCENTILES.map((percent) => sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

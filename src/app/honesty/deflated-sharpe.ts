/**
 * How far a Sharpe ratio can be believed that is the best of many: the best of many that are worth nothing looks good, too. All
 * ratios are of one period (a day), not scaled to a year.
 * @see Bailey and López de Prado, "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting and Non-Normality", 2014
 */
import { normalQuantile, normalShare } from './normal-distribution.ts';
import type { ReturnMoments } from './return-moments.ts';

const EULER_MASCHERONI = 0.577_215_664_901_532_9;

/** What the best of so many trials is to be expected to show where none is worth anything; `variance` is that of their ratios. */
export function expectedBestSharpe(trials: number, variance: number): number {
  if (trials < 2) return 0;
  const mostly = normalQuantile(1 - 1 / trials);
  const beyond = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * mostly + EULER_MASCHERONI * beyond);
}

/** Probability that the true ratio is above `against`, given so many returns and how they lean. `null` for fewer than two. */
export function probabilisticSharpe({ count, sharpe, skewness, kurtosis }: Omit<ReturnMoments, 'blocks'>, against: number): number | null {
  const spread = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2;
  return count < 2 || spread <= 0 ? null : normalShare(((sharpe - against) * Math.sqrt(count - 1)) / Math.sqrt(spread));
}

/** Probability that the true ratio of the best of several trials is above zero and more than chance. */
export interface DeflatedSharpe {
  /** All that were tried, those that were given up among them. */
  readonly trials: number;
  /** What chance alone would show. */
  readonly expectedBest: number;
  readonly observed: number;
  readonly probability: number | null;
}

/**
 * `sharpes` are those of the trials that have one, the chosen one's among them. Trials are taken as independent; as neighbours are
 * alike, it is rather too strict.
 */
export function deflatedSharpe(chosen: Omit<ReturnMoments, 'blocks'>, sharpes: readonly number[], trials = sharpes.length): DeflatedSharpe {
  const expectedBest = expectedBestSharpe(trials, varianceOf(sharpes));
  return { trials, expectedBest, observed: chosen.sharpe, probability: probabilisticSharpe(chosen, expectedBest) };
}

function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1);
}

/**
 * Figures people judge a run by, computed from its equity. These are statistics, not money: plain numbers, never traded on.
 */

const YEAR_MS = 365.25 * 86_400_000;
/** Fewer returns than this say nothing about their spread. */
export const LEAST_RETURNS = 10;

/** The deepest fall of equity from its highest point so far. */
export interface Drawdown {
  /** Share of the peak that was lost, 0 to 1 (more than 1 only where equity fell below zero). */
  readonly share: number;
  /** The same fall as an amount. */
  readonly amount: number;
}

/** Returns from each sample to the next. Samples at or below zero have no return after them. */
export function returnsOf(samples: readonly number[]): number[] {
  const returns: number[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const before = samples[index - 1] ?? 0;
    if (before > 0) returns.push((samples[index] ?? 0) / before - 1);
  }
  return returns;
}

/**
 * Mean return over its standard deviation, scaled to a year, without a risk-free rate.
 * `null` for fewer than {@link LEAST_RETURNS} returns or when they do not differ.
 * @see William F. Sharpe, "The Sharpe Ratio", 1994
 */
export function sharpeRatio(returns: readonly number[], returnsPerYear: number): number | null {
  if (returns.length < LEAST_RETURNS) return null;
  const mean = meanOf(returns);
  const variance = returns.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (returns.length - 1);
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(returnsPerYear) : null;
}

/** As {@link sharpeRatio}, counting only falls as risk; `null` also when nothing fell. */
export function sortinoRatio(returns: readonly number[], returnsPerYear: number): number | null {
  if (returns.length < LEAST_RETURNS) return null;
  const downside = returns.reduce((sum, each) => sum + Math.min(0, each) ** 2, 0) / returns.length;
  return downside > 0 ? (meanOf(returns) / Math.sqrt(downside)) * Math.sqrt(returnsPerYear) : null;
}

/** Total return compounded to a year; `null` for less than 30 days, where it would say more than is known. */
export function annualReturn(totalReturn: number, durationMs: number): number | null {
  if (durationMs < 30 * 86_400_000 || totalReturn <= -1) return null;
  return (1 + totalReturn) ** (YEAR_MS / durationMs) - 1;
}

/** Yearly return over the deepest fall; `null` where either is not known or nothing fell. @see Terry W. Young, "Calmar Ratio: A Smoother Tool", Futures, 1991 */
export function calmarRatio(yearly: number | null, drawdownShare: number): number | null {
  return yearly === null || drawdownShare <= 0 ? null : yearly / drawdownShare;
}

/** How many periods of this length make a year. */
export function periodsPerYear(periodMs: number): number {
  return YEAR_MS / periodMs;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

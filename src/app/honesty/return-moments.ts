/** What must be known of a row of returns to judge its Sharpe ratio: how many, how they spread and lean, and their sums by block. */

/** Stretches of equal length that returns are parted into; even, so that half of them can stand against the other half. */
export const BLOCKS = 10;

export interface ReturnMoments {
  readonly count: number;
  /** Mean over deviation of one period, not scaled to a year; 0 where they do not differ. */
  readonly sharpe: number;
  readonly skewness: number;
  /** 3 for the normal distribution. */
  readonly kurtosis: number;
  /** Of each block the sum and the sum of squares. */
  readonly blocks: readonly (readonly [sum: number, squares: number])[];
}

export function momentsOf(returns: readonly number[]): ReturnMoments {
  const count = returns.length;
  const mean = count === 0 ? 0 : returns.reduce((sum, each) => sum + each, 0) / count;
  const central = (power: number) => (count === 0 ? 0 : returns.reduce((sum, each) => sum + (each - mean) ** power, 0) / count);
  const variance = central(2);
  const spreads = variance > 0 && count > 1;
  return {
    count,
    sharpe: spreads ? mean / Math.sqrt((variance * count) / (count - 1)) : 0,
    skewness: spreads ? central(3) / variance ** 1.5 : 0,
    kurtosis: spreads ? central(4) / variance ** 2 : 3,
    blocks: Array.from({ length: BLOCKS }, (_, block) => {
      const part = returns.slice(Math.floor((block * count) / BLOCKS), Math.floor(((block + 1) * count) / BLOCKS));
      return [part.reduce((sum, each) => sum + each, 0), part.reduce((sum, each) => sum + each * each, 0)];
    }),
  };
}

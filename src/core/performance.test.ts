import { describe, expect, it } from 'vitest';
import { annualReturn, LEAST_RETURNS, periodsPerYear, returnsOf, sharpeRatio, sortinoRatio } from './performance.ts';

const DAY_MS = 86_400_000;

describe('returns', () => {
  it('go from each sample to the next, and end where equity is gone', () => {
    expect(returnsOf([100, 110, 99])).toEqual([0.10000000000000009, -0.09999999999999998]);
    expect(returnsOf([100, 0, 50])).toEqual([-1]);
    expect(returnsOf([100])).toEqual([]);
  });
});

describe('the sharpe ratio', () => {
  it('is mean over sample deviation, scaled to a year', () => {
    const returns = [0.01, 0.03, 0.01, 0.03, 0.01, 0.03, 0.01, 0.03, 0.01, 0.03];
    // Mean 0.02, variance 10 × 0.01² / 9.
    expect(sharpeRatio(returns, 365.25)).toBeCloseTo((0.02 / Math.sqrt(0.001 / 9)) * Math.sqrt(365.25), 10);
  });

  it('is not made up from too few returns, or from returns that do not differ', () => {
    expect(
      sharpeRatio(
        new Array(LEAST_RETURNS - 1).fill(0).map((_, index) => index / 100),
        365,
      ),
    ).toBeNull();
    expect(sharpeRatio(new Array<number>(20).fill(0), 365)).toBeNull();
  });
});

describe('the sortino ratio', () => {
  it('counts falls only', () => {
    const returns = [0.02, -0.01, 0.02, -0.01, 0.02, -0.01, 0.02, -0.01, 0.02, -0.01];
    expect(sortinoRatio(returns, 1)).toBeCloseTo(0.005 / Math.sqrt(0.0005 / 10), 10);
    expect(sortinoRatio(returns.map(Math.abs), 1)).toBeNull();
  });
});

describe('the annual return', () => {
  it('compounds, and says nothing about less than thirty days or after a total loss', () => {
    expect(annualReturn(0.1, 365.25 * DAY_MS)).toBeCloseTo(0.1, 12);
    expect(annualReturn(0.1, (365.25 / 2) * DAY_MS)).toBeCloseTo(0.21, 12);
    expect(annualReturn(0.1, 29 * DAY_MS)).toBeNull();
    expect(annualReturn(-1, 400 * DAY_MS)).toBeNull();
    expect(periodsPerYear(DAY_MS)).toBe(365.25);
  });
});

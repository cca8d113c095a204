import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LEAST_MIXED_TRADES, monteCarlo, SAMPLES } from './monte-carlo.ts';

const winsAndLosses = Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? -0.05 : 0.02));

it('gives the same for the same seed, and tells it', () => {
  const one = monteCarlo(winsAndLosses, 3);
  expect(one).toEqual(monteCarlo(winsAndLosses, 3));
  expect(one?.resampledProfit).not.toEqual(monteCarlo(winsAndLosses, 4)?.resampledProfit);
  expect(one).toMatchObject({ seed: 3, trades: 40, samples: SAMPLES });
});

it('knows the run as it was: losses in a row fall deepest', () => {
  const inARow = winsAndLosses.toSorted((one, other) => one - other);
  const report = monteCarlo(inARow, 1);
  expect(report?.drawdown).toBeCloseTo(0.5, 12);
  expect(report?.profit).toBeCloseTo(0.1, 12);
  // No other order falls deeper than that.
  for (const fall of report?.shuffledDrawdown ?? []) expect(fall).toBeLessThan(0.5);
});

it('keeps every law of percentiles whatever the trades', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: LEAST_MIXED_TRADES, maxLength: 30 }), fc.nat(), (profits, seed) => {
      const report = monteCarlo(profits, seed);
      if (report === null) throw new Error('there are enough trades');
      for (const row of [report.shuffledDrawdown, report.resampledDrawdown, report.resampledProfit])
        expect(row).toEqual([...row].sort((one, other) => one - other));
      const losses = profits.reduce((sum, each) => sum + Math.min(0, each), 0);
      expect(report.shuffledDrawdown.at(-1)).toBeLessThanOrEqual(-losses + 1e-9);
      expect(report.lossProbability).toBeGreaterThanOrEqual(0);
      expect(report.lossProbability).toBeLessThanOrEqual(1);
    }),
    { numRuns: 10 },
  );
});

it('centres on the mean, and loses in about half where the mean is nothing', () => {
  const even = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 0.01 : -0.01));
  const report = monteCarlo(even, 8);
  expect(report?.resampledProfit[2]).toBeCloseTo(0, 1);
  expect(report?.lossProbability).toBeGreaterThan(0.4);
  expect(report?.lossProbability).toBeLessThan(0.55);
});

it('says nothing of few trades', () => {
  expect(monteCarlo(winsAndLosses.slice(0, LEAST_MIXED_TRADES - 1), 1)).toBeNull();
});

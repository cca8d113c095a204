import { describe, expect, it } from 'vitest';
import { EquityFigures, MAX_REPORT_POINTS } from './equity-figures.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const JANUARY = Date.UTC(2026, 0, 1);

/** Values at the given days after the first of January. */
function followed(values: readonly (readonly [day: number, equity: number, lots?: number])[]): EquityFigures {
  const figures = new EquityFigures(1_000, JANUARY, JANUARY + 100 * DAY);
  for (const [day, equity, lots = 0] of values) figures.add(JANUARY + day * DAY, equity, 10, lots);
  figures.end();
  return figures;
}

describe('equity', () => {
  it('tells the deepest fall, from which peak to which trough, and how long the longest lasted', () => {
    const { falls } = followed([
      [1, 1_200],
      [2, 900],
      [5, 1_200],
      [6, 1_100],
      [20, 1_150],
    ]);
    expect(falls.deepest).toEqual({ share: 0.25, amountAtoms: 300, peakAt: JANUARY + DAY, troughAt: JANUARY + 2 * DAY });
    // Never back at the peak of the fifth day.
    expect(falls.longestMs).toBe(15 * DAY);
  });

  it('cuts months in UTC; the profits of the months are the profit of the run', () => {
    const { months } = followed([
      [10, 1_100],
      [31, 1_200],
      [40, 900],
      [59, 1_080],
      [60, 1_000],
    ]);
    expect(months).toEqual([
      { month: '2026-01', profitAtoms: 200, share: 0.2 },
      { month: '2026-02', profitAtoms: -120, share: -0.1 },
      { month: '2026-03', profitAtoms: -80, share: -80 / 1_080 },
    ]);
  });

  it('counts a month without values with the one after the gap', () => {
    const { months } = followed([
      [10, 1_100],
      [70, 1_210],
    ]);
    expect(months).toEqual([
      { month: '2026-01', profitAtoms: 100, share: 0.1 },
      { month: '2026-03', profitAtoms: 110, share: 0.1 },
    ]);
  });

  it('weighs time in the market and exposure by time; dust counts for nothing', () => {
    const figures = followed([
      [1, 1_000, 50],
      [2, 1_000, 0.5],
      [4, 1_000, -100],
    ]);
    expect(figures.timeInMarket).toBe(0.75);
    expect(figures.exposure).toBe((0.5 + 2) / 4);
  });

  it('keeps the deepest fall of each stretch in a curve of bounded length', () => {
    const figures = new EquityFigures(1_000, JANUARY, JANUARY + 6_000 * HOUR);
    for (let hour = 1; hour <= 6_000; hour += 1) figures.add(JANUARY + hour * HOUR, hour === 3_333 ? 500 : 1_000, 10, 0);
    figures.end();
    expect(figures.points).toHaveLength(MAX_REPORT_POINTS);
    expect(Math.max(...figures.points.map(({ drawdown }) => drawdown))).toBe(0.5);
    expect(figures.points.filter(({ drawdown }) => drawdown > 0)).toHaveLength(1);
  });
});

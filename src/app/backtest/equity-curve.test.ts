import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barsOf } from '#test/support/bars.ts';
import { EquityCurve, MAX_CURVE_POINTS } from './equity-curve.ts';

describe('the equity curve', () => {
  it('finds the same drawdown as looking at every pair of closes, however the bars are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (closes, cut) => {
        const bars = barsOf(closes);
        const curve = new EquityCurve(bars, 500, 500);
        for (let from = 0; from < closes.length; ) {
          const to = Math.min(closes.length, from + cut, curve.nextSample);
          curve.follow(bars.closeTicks, from, to, 0, 3);
          from = to;
        }
        const equity = [500, ...closes.map((close) => 500 + 3 * close)];
        let share = 0;
        for (const [index, peak] of equity.entries()) for (const value of equity.slice(index)) share = Math.max(share, (peak - value) / peak);
        expect(curve.drawdown.share).toBeCloseTo(share, 12);
        expect(curve.equityAtoms).toBe(equity.at(-1));
      }),
    );
  });

  it('keeps a bounded number of points, the last close always among them', () => {
    const bars = barsOf(Array.from({ length: 12_345 }, (_, index) => 1_000 + (index % 7)));
    const curve = new EquityCurve(bars, 0, 0);
    for (let from = 0; from < bars.length; ) {
      const to = Math.min(bars.length, curve.nextSample);
      curve.follow(bars.closeTicks, from, to, 0, 1);
      from = to;
    }
    curve.close(bars.length);
    expect(curve.points.length).toBeLessThanOrEqual(MAX_CURVE_POINTS + 1);
    expect(curve.points.at(-1)).toEqual({ at: (bars.startAt.at(-1) ?? 0) + bars.intervalMs, equity: 1_000 + (12_344 % 7), priceTicks: 1_000 + (12_344 % 7) });
    // The history spans eight days and a part of the ninth, after the capital of the beginning.
    expect(curve.daily).toHaveLength(10);
  });
});

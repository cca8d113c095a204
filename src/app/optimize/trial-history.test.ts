/** A history is kept and parted without losing or showing a bar, of how many instruments it may be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { barsOf } from '#test/support/bars.ts';
import { barsBetween, historyBytes, historyFrom, partsOf } from './trial-history.ts';

const MINUTE_MS = 60_000;
const allocate = (length: number) => new Float64Array(length);

/** Bars at these minutes, told apart by their prices. */
function barsAt(minutes: readonly number[], base: number): Bars {
  const bars = newBars(minutes.length, MINUTE_MS);
  for (const [index, minute] of minutes.entries()) {
    bars.startAt[index] = minute * MINUTE_MS;
    for (const column of [bars.openTicks, bars.highTicks, bars.lowTicks, bars.closeTicks, bars.volumeLots]) column[index] = base + index;
  }
  return bars;
}

const minutes = (minLength: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength, maxLength: 40 }).map((all) => all.toSorted((one, other) => one - other));
const startsOf = (bars: Bars): readonly number[] => [...bars.startAt.subarray(0, bars.length)];

describe('the history of an optimisation', () => {
  it('is the same after it was kept, parted where the search must not see further', () => {
    const bars = barsOf([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const kept = historyBytes(bars, barsOf([7, 8]));
    const history = historyFrom(kept, 0.3, allocate);
    expect(history).toEqual({ bars, before: barsOf([7, 8]), split: 7, others: [] });
    expect(historyBytes(history.bars, history.before)).toEqual(kept);
    const { inSample, screen, outOfSample } = partsOf(history);
    expect([inSample.bars.length, screen.bars.length]).toEqual([7, 2]);
    expect(outOfSample).toEqual({ bars: barsBetween(bars, 7, 10), history: inSample.bars, others: [] });
    expect(partsOf(historyFrom(historyBytes(bars, null), 0, allocate))).toMatchObject({ inSample: { history: null }, outOfSample: { bars: { length: 0 } } });
  });

  it('is read as it was kept', () => {
    fc.assert(
      fc.property(minutes(1), minutes(0), fc.array(minutes(0), { maxLength: 3 }), (first, before, others) => {
        const [bars, warmUp] = [barsAt(first, 1_000), before.length === 0 ? null : barsAt(before, 2_000)];
        const legs = others.map((each, index) => barsAt(each, 3_000 + index * 1_000));
        const read = historyFrom(historyBytes(bars, warmUp, legs), 0.3, allocate);
        expect([read.bars, read.before, read.others]).toEqual([bars, warmUp, legs]);
      }),
    );
  });

  it('is parted at one time for all instruments: each bar lies in one of both parts, and none of the sample is later than one outside', () => {
    fc.assert(
      fc.property(minutes(2), fc.array(minutes(0), { minLength: 1, maxLength: 3 }), fc.double({ min: 0, max: 0.9, noNaN: true }), (first, others, share) => {
        const legs = others.map((each) => barsAt(each, 3_000));
        const { inSample, outOfSample, screen } = partsOf(historyFrom(historyBytes(barsAt(first, 1_000), null, legs), share, allocate));
        for (const [index, leg] of legs.entries()) {
          const [inside, outside] = [inSample.others[index] ?? leg, outOfSample.others[index] ?? leg].map(startsOf);
          expect([...(inside ?? []), ...(outside ?? [])]).toEqual(startsOf(leg));
          const split = outOfSample.bars.startAt[0] ?? Number.POSITIVE_INFINITY;
          expect((inside ?? []).every((at) => at < split) && (outside ?? []).every((at) => at >= split)).toBe(true);
          const screened = startsOf(screen.others[index] ?? leg);
          expect(screened).toEqual((inside ?? []).slice(0, screened.length));
        }
      }),
    );
  });
});

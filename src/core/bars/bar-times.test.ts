/** Times of bars are those of their columns, whether bars are missing or not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarTimes } from './bar-times.ts';
import { type Bars, firstBarAt, newBars } from './bars.ts';

const MINUTE = 60_000;

function barsAt(times: readonly number[]): Bars {
  const bars = newBars(times.length, MINUTE);
  bars.startAt.set(times);
  return bars;
}

describe('the times of bars', () => {
  it('are what the columns say, with gaps and without', () => {
    const gap = fc.oneof({ weight: 20, arbitrary: fc.constant(MINUTE) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 * MINUTE }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 12 }),
        fc.array(gap, { maxLength: 30 }),
        fc.nat(),
        fc.integer({ min: -3, max: 40 }),
        (begin, gaps, from, place) => {
          const times = [begin];
          for (const each of gaps) times.push((times.at(-1) ?? 0) + each);
          const bars = barsAt(times);
          const known = BarTimes.of(bars);
          expect(times.map((_, index) => known.opensAt(index))).toEqual(times);
          const first = from % (times.length + 1);
          for (const at of [begin + place * MINUTE, begin + place * MINUTE + 1, times[first] ?? 0])
            expect(known.firstFrom(at, first)).toBe(firstBarAt(bars, at, first));
        },
      ),
    );
  });

  it('are looked up once for a history', () => {
    const bars = barsAt([0, MINUTE]);
    expect(BarTimes.of(bars)).toBe(BarTimes.of(bars));
  });

  it('say whether every bar begins on a whole multiple of its length', () => {
    const histories = [[0, MINUTE, 2 * MINUTE], [0, MINUTE, 121_000, 3 * MINUTE], [0, MINUTE, 300_000, 360_000], [7_000, 67_000], []];
    expect(histories.map((times) => BarTimes.of(barsAt(times)).areAligned)).toEqual([true, false, true, false, true]);
  });
});

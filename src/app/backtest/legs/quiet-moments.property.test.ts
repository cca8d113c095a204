/** Moments that are found quiet along the columns are those at whose thirds nothing is reached. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { isReachedAt, nextRestless, type PriceRange, priceAt, type WatchedSpread } from './quiet-moments.ts';
import { timelineOf } from './timeline.ts';

const steps = fc.array(fc.record({ moves: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 2 }), reach: fc.integer({ min: 0, max: 4 }) }), {
  minLength: 1,
  maxLength: 120,
});

function barsOf(walk: readonly { readonly moves: readonly number[]; readonly reach: number }[], leg: number): Bars {
  const bars = newBars(walk.length, 60_000);
  let close = 1_000;
  for (const [index, { moves, reach }] of walk.entries()) {
    const open = close;
    close = open + (moves[leg] ?? 0);
    bars.startAt[index] = index * 60_000;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + reach;
    bars.lowTicks[index] = Math.min(open, close) - reach;
  }
  return bars;
}

const range = fc.record({ downTicks: fc.constantFrom(0, 940, 980, 995), upTicks: fc.constantFrom(1_005, 1_020, 1_060, Number.POSITIVE_INFINITY) });
const spread = fc.record({
  long: fc.constant(0),
  short: fc.constant(1),
  above: fc.constantFrom(null, 1.005, 1.01, 1.03),
  below: fc.constantFrom(null, 0.995, 0.99, 0.97),
  halfTicks: fc.constantFrom(0, 1, 3),
});

it('finds the first moment at one of whose thirds a price or a distance is reached', () => {
  const found = { quiet: 0, restless: 0 };
  fc.assert(
    fc.property(steps, range, range, fc.option(spread), fc.integer({ min: 0, max: 20 }), (walk, first, second, watched: WatchedSpread | null, place) => {
      const from = Math.min(place, walk.length);
      const timeline = timelineOf([barsOf(walk, 0), barsOf(walk, 1)]);
      const ranges: readonly PriceRange[] = [first, second];
      const [long, short] = timeline.legs;
      if (long === undefined || short === undefined) throw new Error('there are two');
      const isRestless = (moment: number) =>
        [0, 1, 2, 3].some(
          (third) =>
            timeline.legs.some((leg, index) => {
              const ticks = priceAt(leg, moment, third);
              return ticks <= (ranges[index]?.downTicks ?? 0) || ticks >= (ranges[index]?.upTicks ?? 0);
            }) ||
            (watched !== null && isReachedAt(long, short, moment, third, watched)),
        );
      let expected = from;
      while (expected < walk.length && !isRestless(expected)) expected += 1;
      expect(nextRestless(timeline, from, walk.length, ranges, watched)).toBe(expected);
      found[expected < walk.length ? 'restless' : 'quiet'] += 1;
    }),
    { numRuns: 500 },
  );
  expect(Math.min(found.quiet, found.restless)).toBeGreaterThan(50);
});

it('goes open, near extreme, far extreme, close', () => {
  const bars = newBars(2, 1);
  bars.startAt.set([0, 1]);
  bars.openTicks.set([10, 12]);
  bars.highTicks.set([15, 13]);
  bars.lowTicks.set([8, 5]);
  bars.closeTicks.set([12, 6]);
  const [leg] = timelineOf([bars]).legs;
  if (leg === undefined) throw new Error('there is one');
  expect([0, 1].map((moment) => [0, 1, 2, 3].map((third) => priceAt(leg, moment, third)))).toEqual([
    [10, 8, 15, 12],
    [12, 13, 5, 6],
  ]);
});

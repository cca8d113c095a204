/** Histories merged by time. */
import { expect, it } from 'vitest';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { begins, longestAt, timelineOf } from './timeline.ts';

function barsAt(starts: readonly number[], closes: readonly number[] = starts, intervalMs = 1): Bars {
  const made = newBars(starts.length, intervalMs);
  made.startAt.set(starts);
  for (const column of [made.openTicks, made.highTicks, made.lowTicks, made.closeTicks]) column.set(closes);
  return made;
}

it('merges histories by time, each bar once; where a bar is missing the last close stands', () => {
  const timeline = timelineOf([barsAt([1, 2, 4], [10, 20, 40]), barsAt([2, 3], [200, 300]), barsAt([])]);
  expect([timeline.length, [...timeline.startAt]]).toEqual([4, [1, 2, 3, 4]]);
  const seen = timeline.legs.map((leg) =>
    [0, 1, 2, 3].map((moment) => [begins(leg, moment), leg.openTicks[moment], leg.lowTicks[moment], leg.closeTicks[moment]]),
  );
  expect(seen).toEqual([
    [
      [true, 10, 10, 10],
      [true, 20, 20, 20],
      [false, 20, 20, 20],
      [true, 40, 40, 40],
    ],
    [
      [false, 0, 0, 0],
      [true, 200, 200, 200],
      [true, 300, 300, 300],
      [false, 300, 300, 300],
    ],
    Array.from({ length: 4 }, () => [false, 0, 0, 0]),
  ]);
});

it('takes the columns of histories as they are where all begin together', () => {
  const [one, other] = [barsAt([1, 2]), barsAt([1, 2])];
  const timeline = timelineOf([one, other]);
  expect(timeline.legs.map(({ closeTicks, begins: flags }) => [closeTicks, flags])).toEqual([
    [one.closeTicks, null],
    [other.closeTicks, null],
  ]);
  expect(timelineOf([one, other])).toBe(timeline);
  expect(timelineOf([one, barsAt([1, 3])])).not.toBe(timeline);
});

it('knows the longest bar that begins at a moment', () => {
  const timeline = timelineOf([barsAt([0, 1, 2, 3], [1, 1, 1, 1], 1), barsAt([0, 2], [1, 1], 2)]);
  expect(timeline.intervalMs).toBeNull();
  expect([0, 1, 2, 3].map((moment) => longestAt(timeline, moment))).toEqual([2, 1, 2, 1]);
});

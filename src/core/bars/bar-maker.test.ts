/** Longer bars made of shorter ones. */
import { describe, expect, it } from 'vitest';
import { BarMaker, type MadeBar } from './bar-maker.ts';
import { newBars } from './bars.ts';

const MINUTE = 60_000;

/** Minute bars that open at these minutes, whose prices are their number: high 2 above, low 2 below. */
function made(minutes: readonly number[], intervalMs: number): readonly MadeBar[] {
  const bars = newBars(minutes.length, MINUTE);
  minutes.forEach((minute, index) => {
    bars.startAt[index] = minute * MINUTE;
    bars.openTicks[index] = 100 + minute;
    bars.highTicks[index] = 102 + minute;
    bars.lowTicks[index] = 98 + minute;
    bars.closeTicks[index] = 101 + minute;
    bars.volumeLots[index] = 10;
  });
  const maker = new BarMaker(intervalMs);
  const result: MadeBar[] = [];
  const keep = (bar: MadeBar | null) => void (bar !== null && result.push({ ...bar }));
  for (let index = 0; index < bars.length; index += 1) {
    keep(maker.takeOverdue(bars.startAt[index] ?? 0));
    keep(maker.add(bars, index));
  }
  return result;
}

describe('a bar', () => {
  it('spans its parts and is over with the last of them', () => {
    expect(made([0, 1, 2, 3, 4, 5], 3 * MINUTE)).toEqual([
      { closedAt: 3 * MINUTE, openTicks: 100, highTicks: 104, lowTicks: 98, closeTicks: 103, volumeLots: 30 },
      { closedAt: 6 * MINUTE, openTicks: 103, highTicks: 107, lowTicks: 101, closeTicks: 106, volumeLots: 30 },
    ]);
  });

  it('of the same length is the bar itself', () => {
    expect(made([7], MINUTE)).toEqual([{ closedAt: 8 * MINUTE, openTicks: 107, highTicks: 109, lowTicks: 105, closeTicks: 108, volumeLots: 10 }]);
  });

  it('whose last parts are missing is told when the next part opens, and one without parts never', () => {
    expect(made([0, 1, 9, 10, 11], 3 * MINUTE).map(({ closedAt, closeTicks }) => [closedAt / MINUTE, closeTicks])).toEqual([
      [3, 102],
      [12, 112],
    ]);
  });

  it('whose beginning is before the history is left out', () => {
    expect(made([1, 2, 3, 4, 5], 3 * MINUTE).map(({ closedAt }) => closedAt / MINUTE)).toEqual([6]);
  });

  it('that is not over is not told', () => {
    expect(made([0, 1], 3 * MINUTE)).toEqual([]);
  });
});

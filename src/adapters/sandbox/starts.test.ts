import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT_MS, Starts } from './starts.ts';

describe('starts of processes', () => {
  it('are so many within a minute for each user, at most', () => {
    const starts = new Starts(2);
    starts.start('one', 0);
    starts.start('one', 10_000);
    expect(starts.waitMs('one', 15_000)).toBe(45_000);
    expect(starts.waitMs('other', 15_000)).toBe(0);
    expect(starts.waitMs('one', 60_000)).toBe(0);
  });

  it('come ever later for a user whose processes come to a bad end again and again, and for nobody else', () => {
    const starts = new Starts(20);
    const waits: number[] = [];
    let now = 0;
    for (let count = 0; count < 17; count += 1) {
      starts.start('one', now);
      starts.fail('one', now);
      const wait = starts.waitMs('one', now);
      waits.push(wait);
      now += wait;
    }
    expect(waits.map((wait) => wait / 1_000)).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(Math.max(...waits)).toBe(LONGEST_WAIT_MS);
    expect(starts.waitMs('other', now)).toBe(0);
  });

  it('are free again after an hour without a bad end', () => {
    const starts = new Starts(20);
    for (let count = 0; count < 12; count += 1) starts.fail('one', 1_000);
    expect(starts.waitMs('one', 1_000)).toBe(32_000);
    expect(starts.waitMs('one', 3_601_000)).toBe(0);
  });
});

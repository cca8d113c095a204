import { describe, expect, it } from 'vitest';
import { Failures, MEMORY_MS } from './failures.ts';

const BOT = { id: 'bot', updatedAt: 0 };

describe('failures', () => {
  it('let a bot be tried again after twice as long each time, up to a minute', () => {
    const failures = new Failures();
    let now = 0;
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map(() => {
      failures.note('bot', now, false);
      const failedAt = now;
      while (!failures.mayTry(BOT, now)) now += 500;
      return now - failedAt;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('begin to count anew after ten quiet minutes', () => {
    const failures = new Failures();
    expect([failures.note('bot', 0, false, true), failures.note('bot', 1, false, true), failures.note('bot', 1 + MEMORY_MS, false, true)]).toEqual([1, 2, 1]);
  });

  it('count against a run only where they are of its own making', () => {
    const failures = new Failures();
    expect([failures.note('bot', 0, false), failures.note('bot', 1, false), failures.note('bot', 2, false, true)]).toEqual([0, 0, 1]);
  });

  it('that only the user can mend wait for his touch', () => {
    const failures = new Failures();
    failures.note('bot', 1_000, true);
    expect(failures.mayTry({ id: 'bot', updatedAt: 1_000 }, 1e12)).toBe(false);
    expect(failures.mayTry({ id: 'bot', updatedAt: 1_001 }, 1_001)).toBe(true);
  });

  it('of one bot keep no other from trying', () => {
    const failures = new Failures();
    failures.note('bot', 0, true);
    expect(failures.mayTry({ id: 'other', updatedAt: 0 }, 0)).toBe(true);
  });
});

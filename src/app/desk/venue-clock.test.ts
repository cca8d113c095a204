import { describe, expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { CLOCK_CHECK_MS, CLOCK_RECHECK_MS, VenueClock } from './venue-clock.ts';

function setUp(offsets: (number | Error)[]) {
  const clock = new ManualClock();
  let asked = 0;
  const session = {
    clockOffsetMs: async () => {
      const offset = offsets[Math.min(asked, offsets.length - 1)] ?? 0;
      asked += 1;
      if (offset instanceof Error) throw offset;
      return offset;
    },
  };
  return { clock, venueClock: new VenueClock(session, clock, quietLog()), asked: () => asked };
}

describe('the clock of a venue', () => {
  it('is ours plus the difference, compared anew every minute', async () => {
    const { clock, venueClock } = setUp([700, -200]);
    await venueClock.check();
    expect(venueClock.at(1_000)).toBe(1_700);
    await clock.advance(CLOCK_CHECK_MS);
    expect(venueClock.at(1_000)).toBe(800);
  });

  it('is checked after refusals, but not for each of a burst', async () => {
    const { clock, venueClock, asked } = setUp([0]);
    await venueClock.check();
    await Promise.all([venueClock.check(), venueClock.check()]);
    expect(asked()).toBe(1);
    await clock.advance(CLOCK_RECHECK_MS);
    await venueClock.check();
    expect(asked()).toBe(2);
  });

  it('keeps the last difference while the venue does not answer, and asks again', async () => {
    const { clock, venueClock, asked } = setUp([300, new Error('away'), 400]);
    await venueClock.check();
    await clock.advance(CLOCK_CHECK_MS);
    expect(venueClock.at(0)).toBe(300);
    await clock.advance(CLOCK_CHECK_MS);
    expect([venueClock.at(0), asked()]).toEqual([400, 3]);
  });

  it('asks nothing more once it is closed', async () => {
    const { clock, venueClock, asked } = setUp([0]);
    await venueClock.check();
    venueClock.close();
    await clock.advance(CLOCK_CHECK_MS * 3);
    expect(asked()).toBe(1);
  });
});

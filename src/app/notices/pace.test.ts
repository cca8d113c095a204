import { expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { Pace } from './pace.ts';

const pace = (clock: ManualClock) => new Pace({ perSecond: 10, perTargetMs: 1_000, atOnce: 2, gathers: 1 }, clock);

it('lets messages go one after the other, and to one address only so often', async () => {
  const clock = new ManualClock();
  const asked = pace(clock);
  const until = clock.now() + 60_000;
  const gone: string[] = [];
  for (const address of ['a', 'b', 'a']) void asked.turn(address, until).then(() => gone.push(address));
  await Promise.resolve();
  expect(gone).toEqual(['a']);
  await clock.advance(100);
  expect(gone).toEqual(['a', 'b']);
  await clock.advance(899);
  expect(gone).toEqual(['a', 'b']);
  await clock.advance(1);
  expect(gone).toEqual(['a', 'b', 'a']);
});

it('lets nothing go that would be too late, or after its end', async () => {
  const clock = new ManualClock();
  const asked = pace(clock);
  expect(await asked.turn('a', clock.now() + 500)).toBe(true);
  expect(await asked.turn('a', clock.now() + 500)).toBe(false);
  const waiting = asked.turn('a', clock.now() + 5_000);
  asked.close();
  expect(await waiting).toBe(false);
});

it('lets only so many be under way, the longest waiting first', async () => {
  const asked = pace(new ManualClock());
  const inside: number[] = [];
  const leaves: (() => void)[] = [];
  for (const number of [1, 2, 3, 4])
    void asked.enter().then((leave) => {
      inside.push(number);
      leaves.push(leave);
    });
  await expect.poll(() => inside).toEqual([1, 2]);
  leaves[0]?.();
  await expect.poll(() => inside).toEqual([1, 2, 3]);
  leaves[1]?.();
  await expect.poll(() => inside).toEqual([1, 2, 3, 4]);
});

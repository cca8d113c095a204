/** A few openings at a time, and none that hangs keeps the others out. */
import { expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { MAX_OPENINGS, OPENING_PLACE_MS, Openings } from './openings.ts';

function setUp() {
  const clock = new ManualClock(0);
  const openings = new Openings(clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (id: string): void =>
    openings.add(id, () => {
      begun.push(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(id, resolve);
      return promise;
    });
  const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `b${from + index}`);
  return { clock, openings, begun, ends, add, names };
}

it('begins the next when one has ended', async () => {
  const { openings, begun, ends, add, names, clock } = setUp();
  for (const id of names(MAX_OPENINGS + 2)) add(id);
  expect(begun).toEqual(names(MAX_OPENINGS));
  expect(openings.has(`b${MAX_OPENINGS + 1}`)).toBe(true);
  ends.get('b3')?.();
  await clock.advance(0);
  expect(begun).toEqual(names(MAX_OPENINGS + 1));
  expect(openings.has('b3')).toBe(false);
});

it('gives the places of those that wait for their venues to others', async () => {
  const { begun, add, names, clock } = setUp();
  for (const id of names(MAX_OPENINGS * 2 + 1)) add(id);
  await clock.advance(OPENING_PLACE_MS);
  expect(begun).toEqual(names(MAX_OPENINGS * 2));
});

it('does not hand a place on twice when a slow one ends at last', async () => {
  const { begun, ends, add, names, clock } = setUp();
  for (const id of names(MAX_OPENINGS)) add(id);
  await clock.advance(OPENING_PLACE_MS);
  for (const id of names(MAX_OPENINGS)) ends.get(id)?.();
  await clock.advance(0);
  for (const id of names(MAX_OPENINGS + 5, 100)) add(id);
  expect(begun).toEqual([...names(MAX_OPENINGS), ...names(MAX_OPENINGS, 100)]);
});

it('forgets what is not wanted any more, and waits at its end for what has begun', async () => {
  const { openings, begun, ends, add, names } = setUp();
  for (const id of names(MAX_OPENINGS + 2)) add(id);
  openings.keepOnly((id) => id !== `b${MAX_OPENINGS}`);
  expect(openings.has(`b${MAX_OPENINGS}`)).toBe(false);
  expect(openings.has(`b${MAX_OPENINGS + 1}`)).toBe(true);
  let isClosed = false;
  const closing = openings.close().then(() => {
    isClosed = true;
  });
  for (const id of names(MAX_OPENINGS - 1)) ends.get(id)?.();
  await Promise.resolve();
  expect(isClosed).toBe(false);
  ends.get(`b${MAX_OPENINGS - 1}`)?.();
  await closing;
  expect(begun).toHaveLength(MAX_OPENINGS);
});

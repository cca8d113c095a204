/** Ids are UUIDs that differ, carry their time in front and sort as they were made, and secrets are as long as asked for. */
import { expect, it } from 'vitest';
import { randomIds } from './ids.ts';

it('makes UUIDs of version 7 that bear the time of their making', () => {
  const [from, id, to] = [Date.now(), randomIds.next(), Date.now()];
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const at = Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
  expect(at).toBeGreaterThanOrEqual(from);
  expect(at).toBeLessThanOrEqual(to);
});

it('makes them so that they sort in the sequence of their making, however many in a millisecond, and all differ', () => {
  const made = Array.from({ length: 20_000 }, () => randomIds.next());
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made.map((id) => id.slice(19))).size).toBe(made.length);
});

it('makes secrets of the wished number of bytes', () => {
  expect(Buffer.from(randomIds.secret(32), 'base64url')).toHaveLength(32);
});

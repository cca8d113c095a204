/** Ids are UUIDs that differ and carry their time in front, and secrets are as long as asked for. */
import { expect, it } from 'vitest';
import { randomIds } from './ids.ts';

it('makes UUIDs of version 7 that differ', () => {
  const ids = Array.from({ length: 1000 }, () => randomIds.next());
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('makes secrets of the wished number of bytes', () => {
  expect(Buffer.from(randomIds.secret(32), 'base64url')).toHaveLength(32);
});

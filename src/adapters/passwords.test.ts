/** Passwords match only themselves, whole, and hashing them stops nobody else. */
import { stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { bcryptPasswords, HASHES_AT_ONCE, MAX_PASSWORD_BYTES } from './passwords.ts';

const passwords = bcryptPasswords();

it('hashes with 12 rounds and matches the same password only', async () => {
  const hash = await passwords.hash('correct horse');
  expect(hash).toMatch(/^\$2b\$12\$/);
  expect(await passwords.matches('correct horse', hash)).toBe(true);
  expect(await passwords.matches('correct horsf', hash)).toBe(false);
});

it('takes 72 bytes whole and never cuts a longer password', async () => {
  const longest = 'é'.repeat(MAX_PASSWORD_BYTES / 2);
  const hash = await passwords.hash(longest);
  expect(await passwords.matches(longest, hash)).toBe(true);
  expect(await passwords.matches(`${longest}x`, hash)).toBe(false);
  await expect(passwords.hash(`${longest}x`)).rejects.toThrow('must be refused, not cut');
});

it('does not stop reading at a zero byte', async () => {
  const hash = await passwords.hash('one\0two');
  expect(await passwords.matches('one\0two', hash)).toBe(true);
  expect(await passwords.matches('one\0three', hash)).toBe(false);
});

it('leaves the event loop free while it computes', async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  count();
  await passwords.hash('correct horse');
  isDone = true;
  expect(turns).toBeGreaterThan(100);
});

it('leaves threads to everybody else, however many passwords are being hashed', async () => {
  const hash = await passwords.hash('correct horse');
  let ended = 0;
  const hashing = Array.from({ length: 8 }, () => passwords.matches('correct horse', hash).then(() => (ended += 1)));
  await stat(import.meta.filename);
  // Behind a full queue it would be the ninth.
  expect(ended).toBeLessThanOrEqual(HASHES_AT_ONCE);
  await Promise.all(hashing);
  expect(ended).toBe(8);
});

/** A sealed secret opens with its key, in its context, unchanged; and in no other case. */

import { expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import { aesVault } from './vault.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER = Buffer.alloc(32, 8).toString('base64');
const SECRET = '{"apiKey":"k","apiSecret":"ключ"}';

it('opens what it has sealed, for the same context only', () => {
  const vault = aesVault(KEY);
  const { sealed, keyVersion } = vault.seal(SECRET, 'credentials/u1/a1');
  expect(keyVersion).toBe(1);
  expect(vault.open(sealed, 'credentials/u1/a1')).toBe(SECRET);
  expect(() => vault.open(sealed, 'credentials/u1/a2')).toThrow('the master key is not the one it was sealed with, or it was sealed for something else');
});

it('never writes the same text twice, nor the secret itself', () => {
  const vault = aesVault(KEY);
  const texts = Array.from({ length: 50 }, () => vault.seal(SECRET, 'c').sealed);
  expect(new Set(texts).size).toBe(50);
  expect(Buffer.from(texts.join(''), 'base64url').includes('apiKey')).toBe(false);
});

it('refuses another master key and says so without quoting anything sealed', () => {
  const { sealed } = aesVault(KEY).seal(SECRET, 'c');
  try {
    aesVault(OTHER).open(sealed, 'c');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ code: 'configuration_invalid' });
    expect(String(error)).not.toContain(sealed.slice(5, 20));
  }
});

it('opens secrets of former keys after a change of key, and seals with the new one', () => {
  const before = aesVault(KEY).seal(SECRET, 'c').sealed;
  const vault = aesVault(OTHER, 2, [{ version: 1, key: KEY }]);
  expect(vault.open(before, 'c')).toBe(SECRET);
  const after = vault.seal(SECRET, 'c');
  expect(after.keyVersion).toBe(2);
  expect(() => aesVault(KEY).open(after.sealed, 'c')).toThrow('a secret was sealed with master key 2, which is not given here');
});

it('knows a secret again by its fingerprint, for one purpose, also after a change of key, and nobody else does', () => {
  const print = aesVault(KEY).fingerprint(SECRET, 'p');
  expect(print).not.toContain(SECRET);
  expect(aesVault(KEY).fingerprint(SECRET, 'p')).toBe(print);
  expect(aesVault(OTHER, 2, [{ version: 1, key: KEY }]).fingerprint(SECRET, 'p')).toBe(print);
  expect([aesVault(KEY).fingerprint(SECRET, 'q'), aesVault(KEY).fingerprint(`${SECRET}x`, 'p'), aesVault(OTHER).fingerprint(SECRET, 'p')]).not.toContain(print);
});

it('refuses a text in which any part was changed', () => {
  const vault = aesVault(KEY);
  const { sealed } = vault.seal(SECRET, 'c');
  for (let place = 0; place < sealed.length; place += 1) {
    const changed = sealed.slice(0, place) + (sealed[place] === 'A' ? 'B' : 'A') + sealed.slice(place + 1);
    // The last character of a part may carry bits that mean nothing.
    if (meaningOf(changed) === meaningOf(sealed)) continue;
    expect(() => vault.open(changed, 'c'), `changed at ${place}`).toThrow(PortError);
  }
  for (const damaged of ['', 'a1', 'a1.1', 'a1.1..', sealed.slice(0, -30), `${sealed}.x`]) expect(() => vault.open(damaged, 'c'), damaged).toThrow(PortError);
});

function meaningOf(sealed: string): string {
  const [format, version, ...parts] = sealed.split('.');
  return [format, version, ...parts.map((part) => Buffer.from(part, 'base64url').toString('hex'))].join('.');
}

it('takes keys in base64 and hexadecimal and refuses any that is not 32 bytes', () => {
  const hex = aesVault(Buffer.alloc(32, 7).toString('hex'));
  expect(hex.open(aesVault(KEY).seal(SECRET, 'c').sealed, 'c')).toBe(SECRET);
  for (const key of ['', 'short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), 'z'.repeat(64)])
    expect(() => aesVault(key)).toThrow('the master key must be 32 bytes');
});

/** A kept secret stays the same, is nobody else's to read, and is never silently replaced. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keptSecret } from './kept-secret.ts';

function freshDirectory(): string {
  return join(mkdtempSync(join(tmpdir(), 'argosy-secret-')), 'data');
}

it('is made once, with 32 bytes, and readable by its owner only', () => {
  const directory = freshDirectory();
  const secret = keptSecret({ directory, name: 'master.key', refusal: null });
  expect(Buffer.from(secret, 'base64')).toHaveLength(32);
  expect(keptSecret({ directory, name: 'master.key', refusal: 'none' })).toBe(secret);
  expect(keptSecret({ directory, name: 'other.key', refusal: null })).not.toBe(secret);
  expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['master.key', 'other.key']);
});

it('is closed to others again when its file was opened to them', () => {
  const directory = freshDirectory();
  keptSecret({ directory, name: 'master.key', refusal: null });
  chmodSync(join(directory, 'master.key'), 0o644);
  keptSecret({ directory, name: 'master.key', refusal: null });
  expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
});

it('is not replaced where something depends on the missing one', () => {
  const directory = freshDirectory();
  keptSecret({ directory, name: 'master.key', refusal: null });
  rmSync(join(directory, 'master.key'));
  expect(() => keptSecret({ directory, name: 'master.key', refusal: 'restore it.' })).toThrow(`${join(directory, 'master.key')} is missing: restore it.`);
});

it('is refused when its file is damaged', () => {
  const directory = freshDirectory();
  keptSecret({ directory, name: 'master.key', refusal: null });
  writeFileSync(join(directory, 'master.key'), 'c2hvcnQ=');
  expect(() => keptSecret({ directory, name: 'master.key', refusal: null })).toThrow('is damaged: restore it from a backup');
});

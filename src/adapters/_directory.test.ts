/** Directories are made all the way down, and a place where none can be made is refused at once. */
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDirectory } from './_directory.ts';

it('makes what is missing, for this account alone, and leaves what is there', () => {
  const top = mkdtempSync(join(tmpdir(), 'argosy-directory-'));
  makeDirectory(join(top, 'a', 'b'));
  makeDirectory(join(top, 'a', 'b'));
  expect(statSync(join(top, 'a', 'b')).mode & 0o777).toBe(0o700);
});

it.runIf(existsSync('/proc/version'))('is refused where the system takes no directories', () => {
  expect(() => makeDirectory('/proc/nowhere/data')).toThrow('ENOENT');
});

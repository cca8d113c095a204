import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { readGiven } from './read-given.ts';

function file(bytes: Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-given-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'x'), bytes);
  return join(directory, 'x');
}

it('reads a file, unpacked where it is packed, up to the limit', async () => {
  expect((await readGiven(file(Buffer.alloc(1000)), false, 1000)).length).toBe(1000);
  expect((await readGiven(file(gzipSync(Buffer.alloc(1000))), true, 1000)).length).toBe(1000);
});

it('refuses a file past the limit, and a packed one that grows past it', async () => {
  const refusal = { code: 'payload_too_large', message: 'the file has 1001 bytes; at most 1000 can be imported at once, so split it' };
  await expect(readGiven(file(Buffer.alloc(1001)), false, 1000)).rejects.toMatchObject(refusal);
  await expect(readGiven(file(gzipSync(Buffer.alloc(1_000_000))), true, 1000)).rejects.toMatchObject({ code: 'payload_too_large' });
  await expect(readGiven(file(gzipSync(Buffer.alloc(1001))), true, 1000)).rejects.toMatchObject(refusal);
});

it('refuses what is no file, and what cannot be unpacked', async () => {
  await expect(readGiven('/nowhere/at/all', false)).rejects.toThrow('/nowhere/at/all is no file that can be read.');
  await expect(readGiven(tmpdir(), false)).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(readGiven(file(Buffer.from('not packed')), true)).rejects.toThrow(/cannot be unpacked: /);
});

import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTestStore } from '#test/support/database.ts';
import { readKeys } from './restore.ts';
import { backupShelf } from './shelf.ts';

const AT = Date.UTC(2026, 10, 20, 2, 11, 0);
const DAY_MS = 86_400_000;
const keys = { masterKey: Buffer.alloc(32, 7).toString('base64'), jwtSecret: 'a secret for tests that is long enough' };

it('keeps the newest backups, each of which opens, and leaves what is not its own', async () => {
  const database = await createTestStore();
  onTestFinished(database.drop);
  const home = mkdtempSync(join(tmpdir(), 'argosy-shelf-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const directory = join(home, 'backups');
  const shelf = backupShelf({ directory, keep: 2, url: database.url, keys, passphrase: 'a passphrase for tests', version: '1.2.3' });
  const first = await shelf.add(AT, () => undefined);
  expect(first).toMatchObject({ file: 'argosy-2026-11-20T02-11-00Z.backup', removed: [] });
  expect(await readKeys(join(directory, first.file), 'a passphrase for tests')).toEqual(keys);
  const [draft, stale, foreign] = ['argosy-2026-11-21T02-11-00Z.backup.partial', 'argosy-2026-11-01T02-11-00Z.backup.partial', 'argosy-by-hand.backup'];
  for (const name of [draft, stale, foreign]) writeFileSync(join(directory, name), 'x');
  utimesSync(join(directory, draft), AT / 1_000, AT / 1_000);
  utimesSync(join(directory, stale), (AT - DAY_MS) / 1_000, (AT - DAY_MS) / 1_000);
  const shares: number[] = [];
  await shelf.add(AT + 1_000, (share) => shares.push(share));
  expect(shares.at(-1)).toBe(1);
  expect(await shelf.add(AT + 2_000, () => undefined)).toMatchObject({ removed: [first.file] });
  expect(readdirSync(directory).toSorted()).toEqual(['argosy-2026-11-20T02-11-01Z.backup', 'argosy-2026-11-20T02-11-02Z.backup', draft, foreign].toSorted());
});

it('removes no backup when the new one cannot be written', async () => {
  const database = await createTestStore();
  const home = mkdtempSync(join(tmpdir(), 'argosy-shelf-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const shelf = backupShelf({ directory: home, keep: 1, url: database.url, keys, passphrase: 'a passphrase for tests', version: '1.2.3' });
  const { file } = await shelf.add(AT, () => undefined);
  await database.drop();
  const away = backupShelf({
    directory: home,
    keep: 1,
    url: 'postgresql://nobody:x@127.0.0.1:1/none',
    keys,
    passphrase: 'a passphrase for tests',
    version: '1',
  });
  await expect(away.add(AT + DAY_MS, () => undefined)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(existsSync(join(home, file))).toBe(true);
});

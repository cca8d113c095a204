/** Jobs on a real installation: a worker as a process of its own, asked for a backup from the command line. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readKeys } from '#adapters/store/backup/restore.ts';
import { parseConfig } from '#config';
import type { JobRecord } from '#core/jobs.ts';
import { runCli } from '#edges/cli/program.ts';
import { openOperator } from '#roles/_operator.ts';
import { startArgosy } from '#test/support/argosy-process.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { scriptedTerminal } from '#test/support/scripted-terminal.ts';
import { until } from '#test/support/until.ts';

const PASSPHRASE = 'a passphrase for tests';
const KEYS = {
  ARGOSY_MASTER_KEY: '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f',
  ARGOSY_JWT_SECRET: 'only for tests: abcdefghijklmnopqrstuvwxyz',
};

interface Told {
  readonly kinds: readonly { readonly kind: string; readonly isScheduled: boolean | null; readonly last: JobRecord | null }[];
  readonly jobs: readonly JobRecord[];
}

it('a worker backs up when the command line asks it to, and everybody sees how it went', { timeout: 120_000 }, async () => {
  const database = await createTestDatabase();
  const home = mkdtempSync(join(tmpdir(), 'argosy-jobs-'));
  onTestFinished(async () => {
    await database.drop();
    rmSync(home, { recursive: true, force: true });
  });
  const backups = join(home, 'backups');
  const environment = { ...KEYS, DATABASE_URL: database.url, ARGOSY_BACKUP_DIR: backups, ARGOSY_BACKUP_PASSPHRASE: PASSPHRASE, ARGOSY_BACKUP_KEEP: '1' };
  const worker = await startArgosy({ ...environment, ARGOSY_ROLES: 'worker' });
  onTestFinished(() => worker.stop());
  const argosy = async (...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const print = (text: string): void => void lines.push(text);
    const config = parseConfig({ environment: { ...environment, ARGOSY_DATA_DIR: join(home, 'cli') }, directory: home, isContainer: false });
    const operator = () => openOperator(config, '1.2.3', scriptedTerminal(print), quietLog());
    expect(await runCli(args, { language: 'en', version: '1.2.3', print, complain: print, operator })).toBe(0);
    return lines.join('\n');
  };
  const told = async (): Promise<Told> => JSON.parse(await argosy('jobs', '--json')) as Told;
  // Quotes need a key, which is not given here.
  const off = async (): Promise<string[]> => (await told()).kinds.flatMap(({ kind, isScheduled }) => (isScheduled === false ? [kind] : []));
  await until(async () => (await off()).join() === 'market_quotes', 'every kind is scheduled but that of quotes');

  expect(await argosy('jobs', '--run', 'backup')).toMatch(/^[\w-]+ backup: (waiting|active|completed)/);
  const lastBackup = async (): Promise<JobRecord | null | undefined> => (await told()).kinds.find(({ kind }) => kind === 'backup')?.last;
  await until(async () => (await lastBackup())?.state === 'completed', 'the backup is done');
  const [file = ''] = readdirSync(backups);
  expect(await lastBackup()).toMatchObject({ result: { file, removed: [] }, progress: { share: 1 }, failure: null });
  expect((await readKeys(join(backups, file), PASSPHRASE)).jwtSecret).toBe(KEYS.ARGOSY_JWT_SECRET);
  const id = (await lastBackup())?.id ?? '';
  expect(await argosy('jobs')).toMatch(new RegExp(`backup +Back up database and keys +scheduled +completed [\\s\\S]*${id} +backup +completed`));
  expect(await argosy('jobs', id)).toContain(`backup: completed file ${file}`);
  await expect(argosy('jobs', id, '--cancel')).rejects.toMatchObject({ code: 'job_state_conflict' });
  await expect(argosy('jobs', '--retry')).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(argosy('jobs', 'nothing')).rejects.toMatchObject({ code: 'not_found' });
});

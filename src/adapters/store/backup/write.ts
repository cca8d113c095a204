/**
 * Writes a backup: every table as it stood at one moment, while everything goes on, and the sealed keys beside it. The
 * file appears under its name when it is complete and on the disk.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { PortError } from '#core/errors.ts';
import { StatementFailure, translate } from '../failures.ts';
import { appliedMigrations } from '../migrate.ts';
import { END_OF_ROWS, FIRST_LINE, type Header } from './file.ts';
import { refusal } from './refusal.ts';
import { type InstallationKeys, sealKeys } from './seal.ts';
import { copyTarget, type Table, tablesToKeep } from './tables.ts';

const CONNECT_PATIENCE_MS = 10_000;

export interface BackupOptions {
  readonly url: string;
  /** Where the file goes; must not exist. */
  readonly path: string;
  readonly keys: InstallationKeys;
  readonly passphrase: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Called often, with what share is done and which table is being written. */
  readonly onProgress: (share: number, table: string) => void;
}

export interface BackupReport {
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** PortError `configuration_invalid` when the file cannot be written, `store_unavailable` when the database cannot be read. */
export async function writeBackup(options: BackupOptions): Promise<BackupReport> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: CONNECT_PATIENCE_MS, application_name: 'argosy backup' });
  client.on('error', () => undefined);
  const draft = `${options.path}.partial`;
  try {
    await client.connect();
    // One snapshot for all tables: nobody is kept waiting, and nothing half done is seen.
    await client.query('begin isolation level repeatable read read only');
    const report = await writeFile(client, draft, options);
    await rename(draft, options.path);
    await syncDirectory(dirname(options.path));
    return report;
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof PortError) throw error;
    const isOfFiles = error instanceof Error && 'syscall' in error && !('severity' in error) && 'path' in error;
    throw isOfFiles ? refusal(`${options.path} cannot be written: ${error.message}`, error) : translate(new StatementFailure(error), 'failed');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function writeFile(client: pg.Client, draft: string, options: BackupOptions): Promise<BackupReport> {
  const { keys, passphrase, version, at, path } = options;
  const tables = await tablesToKeep(client);
  const seal = await sealKeys(keys, passphrase);
  const installation = (await client.query<{ number: number }>('select number from installation')).rows[0]?.number;
  if (installation === undefined) throw refusal('there is nothing to back up: this installation has never been started');
  const header: Header = { version, createdAt: at, installation, migrations: [...(await appliedMigrations(client))], sealed: seal.sealed };
  // Refuses to take the place of an earlier backup, and lets nobody else read this one.
  await (await open(path, 'wx', 0o600)).close();
  await rm(path);
  const file = await open(draft, 'w', 0o600);
  try {
    const mark = seal.mark();
    let bytes = 0;
    const put = async (chunk: Buffer): Promise<void> => {
      mark.update(chunk);
      bytes += chunk.length;
      await putAll(file, chunk);
    };
    await put(Buffer.from(`${FIRST_LINE}${JSON.stringify(header)}\n`));
    const rows: Record<string, number> = {};
    const body = Readable.from(bodyOf(client, tables, rows, options.onProgress), { objectMode: false }).pipe(createGzip({ level: 6 }));
    for await (const chunk of body) await put(chunk as Buffer);
    const end = mark.digest();
    await putAll(file, end);
    await file.sync();
    return { bytes: bytes + end.length, rows };
  } finally {
    await file.close();
  }
}

async function* bodyOf(
  client: pg.Client,
  tables: readonly Table[],
  rows: Record<string, number>,
  onProgress: BackupOptions['onProgress'],
): AsyncGenerator<Buffer> {
  const sizes = await sizesOf(client, tables);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let done = 0;
  for (const table of tables) {
    yield Buffer.from(`${JSON.stringify({ table: table.name, columns: table.columns })}\n`);
    const size = sizes.get(table.name) ?? 0;
    let read = 0;
    const copy = client.query(copyTo(`copy ${copyTarget(table)} to stdout`));
    for await (const chunk of copy) {
      const bytes = chunk as Buffer;
      read += bytes.length;
      // The size on the disk is a guess of the size as text, so a table never counts for more than itself.
      onProgress(total === 0 ? 0 : (done + Math.min(read, size)) / total, table.name);
      yield bytes;
    }
    rows[table.name] = copy.rowCount;
    done += size;
    yield Buffer.from(`${END_OF_ROWS}\n`);
  }
  yield Buffer.from(`${JSON.stringify({ rows })}\n`);
  onProgress(1, '');
}

async function sizesOf(client: pg.Client, tables: readonly Table[]): Promise<ReadonlyMap<string, number>> {
  const found = await client.query<{ name: string; size: string }>(
    'select relname as name, pg_table_size(oid) as size from pg_class where relnamespace = current_schema()::regnamespace and relname = any ($1)',
    [tables.map(({ name }) => name)],
  );
  return new Map(found.rows.map(({ name, size }) => [name, Number(size)]));
}

async function putAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let from = 0; from < chunk.length; ) from += (await file.write(chunk, from)).bytesWritten;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync();
  await directory.close();
}

/**
 * Restores a backup into a database that holds nothing: all of it in one transaction or nothing. The copy observes only
 * until somebody says otherwise, and gives its orders names that the installation it was taken from cannot have given.
 */
import { once } from 'node:events';
import pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { PortError } from '#core/errors.ts';
import { OBSERVE_REASON } from '#core/store/operations.ts';

import { StatementFailure, translate } from '../failures.ts';
import { applyMigrations, committedMigrations } from '../migrate.ts';
import { type BackupFile, bodyLines, END_OF_ROWS, openBackup, verifyMark } from './file.ts';
import { refusal } from './refusal.ts';
import { type InstallationKeys, openKeys } from './seal.ts';
import { copyTarget, quoted, TABLES } from './tables.ts';

const CONNECT_PATIENCE_MS = 10_000;
/** Rows are handed over in pieces of about this size. */
const PIECE_BYTES = 256 * 1024;
/**
 * How far the copy moves away from what its original has gone on to use since the backup: epochs of leases and numbers of
 * orders placed by hand, and the numbers of bots and accounts. All are parts of ClientOrderIds, which must never repeat.
 */
export const EPOCH_GAP = 100_000;
export const NUMBER_GAP = 10_000;

export interface RestoreOptions {
  readonly url: string;
  readonly path: string;
  readonly passphrase: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Called when everything is in place, right before it becomes durable: whatever it throws undoes the restore. */
  readonly onKeys?: (keys: InstallationKeys) => void;
  readonly onProgress: (share: number, what: 'checking' | 'restoring', table: string) => void;
}

export interface RestoreReport {
  readonly keys: InstallationKeys;
  readonly createdAt: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** Looks at the beginning of a backup only, before anything is made for it. PortError `configuration_invalid` when it is none or the passphrase is another. */
export async function assertOpens(path: string, passphrase: string): Promise<void> {
  await openKeys((await openBackup(path)).header.sealed, passphrase);
}

/** The keys in a backup. PortError `configuration_invalid` when it is none, damaged, or the passphrase is another. */
export async function readKeys(path: string, passphrase: string): Promise<InstallationKeys> {
  const file = await openBackup(path);
  const seal = await openKeys(file.header.sealed, passphrase);
  await verifyMark(file, seal, () => undefined);
  return seal.keys;
}

/**
 * PortError `configuration_invalid` when the file cannot be used or the database is not empty, `store_unavailable` when the
 * database cannot be written; then nothing has changed.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { path, passphrase, onProgress, at } = options;
  const file = await openBackup(path);
  const { keys, mark } = await openKeys(file.header.sealed, passphrase);
  let checked = 0;
  await verifyMark(file, { mark }, (count) => onProgress((checked += count) / file.size, 'checking', ''));
  const known = committedMigrations();
  if (file.header.migrations.some((name, index) => known[index] !== name))
    throw refusal(`the backup was written by version ${file.header.version}, which is newer than this one: restore it with that version or a later one`);
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: CONNECT_PATIENCE_MS, application_name: 'argosy restore' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin');
    await assertEmpty(client);
    await dropEmptyTables(client);
    await applyMigrations(client, 0, file.header.migrations.length);
    const rows = await fill(client, file, onProgress);
    await applyMigrations(client, file.header.migrations.length, known.length);
    await stepAside(client, file.header.createdAt, at);
    options.onKeys?.(keys);
    await client.query('commit');
    return { keys, createdAt: file.header.createdAt, rows };
  } catch (error) {
    throw error instanceof PortError ? error : translate(new StatementFailure(error), 'failed');
  } finally {
    // What is not committed is rolled back by the server when the connection ends.
    await client.end().catch(() => undefined);
  }
}

/** Nobody has registered, and no Argosy works on it. */
async function assertEmpty(client: pg.Client): Promise<void> {
  const there = await client.query<{ exists: boolean }>(`select to_regclass('users') is not null as exists`);
  const users = there.rows[0]?.exists === true ? await client.query('select 1 from users limit 1') : { rowCount: 0 };
  if ((users.rowCount ?? 0) > 0)
    throw refusal(
      'the database is not empty: a backup is restored into an empty one only. Set ARGOSY_DATA_DIR to a new directory, or DATABASE_URL to a new database',
    );
  const others = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'argosy%' limit 1`,
  );
  if ((others.rowCount ?? 0) > 0) throw refusal('Argosy is running on this database: stop it first');
}

/** An installation that was started once and never used has tables of its own version, with nothing in them. */
async function dropEmptyTables(client: pg.Client): Promise<void> {
  for (const name of [...TABLES, 'schema_migrations']) await client.query(`drop table if exists ${quoted(name)} cascade`);
}

async function fill(client: pg.Client, file: BackupFile, onProgress: RestoreOptions['onProgress']): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  let told: Readonly<Record<string, number>> | null = null;
  let read = 0;
  let table = '';
  const lines = bodyLines(file, (count) => onProgress(Math.min(1, (read += count) / file.size), 'restoring', table));
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const section = JSON.parse(line.value.toString('utf8')) as {
      readonly table?: string;
      readonly columns?: readonly string[];
      readonly rows?: Record<string, number>;
    };
    if (section.rows !== undefined) told = section.rows;
    if (section.table === undefined || section.columns === undefined) continue;
    table = section.table;
    const copy = client.query(copyFrom(`copy ${copyTarget({ name: table, columns: section.columns })} from stdin`));
    found[table] = await pour(lines, copy);
  }
  if (told === null || JSON.stringify(told) !== JSON.stringify(found)) throw refusal('the backup does not hold as many rows as it says');
  return found;
}

/** Hands the rows of one table over; returns how many there were. */
async function pour(lines: AsyncGenerator<Buffer>, copy: CopyStreamQuery): Promise<number> {
  const failed = new Promise<never>((_resolve, reject) => copy.once('error', reject));
  const finished = once(copy, 'finish');
  finished.catch(() => undefined);
  failed.catch(() => undefined);
  let piece: Buffer[] = [];
  let size = 0;
  const send = async (): Promise<void> => {
    if (size === 0) return;
    const isRoom = copy.write(Buffer.concat(piece));
    piece = [];
    size = 0;
    if (!isRoom) await Promise.race([once(copy, 'drain'), failed]);
  };
  for (let line = await lines.next(); ; line = await lines.next()) {
    if (line.done === true) throw refusal('the backup ends in the middle of a table');
    if (line.value.length === END_OF_ROWS.length && line.value.toString('latin1') === END_OF_ROWS) break;
    piece.push(line.value, NEW_LINE);
    size += line.value.length + 1;
    if (size >= PIECE_BYTES) await send();
  }
  await send();
  copy.end();
  await Promise.race([finished, failed]);
  return copy.rowCount;
}

const NEW_LINE = Buffer.from('\n');

/** Makes the copy one that harms nobody: it sends nothing, tells nothing again, and repeats no name. */
async function stepAside(client: pg.Client, createdAt: number, at: number): Promise<void> {
  const reason = `restored from a backup of ${new Date(createdAt).toISOString()}`;
  await client.query('update installation set observing_since = $1, observing_reason = $2', [at, reason]);
  await client.query(
    `update bots set status = case when status in ('running', 'pausing') then 'starting' else status end, status_reason = $1
    where removed_at is null and status in ('starting', 'running', 'pausing', 'stopping')`,
    [OBSERVE_REASON],
  );
  await client.query('update facts set told_at = coalesce(told_at, $1), claimed_until = null', [at]);
  // Whoever misses one has it in the list, and sends it again.
  await client.query(
    `update deliveries set state = 'dead', claimed_until = null, problem = 'it was under way when the backup was made' where state = 'waiting'`,
  );
  await client.query(`update leases set owner = '', expires_at = clock_timestamp(), epoch = epoch + $1`, [EPOCH_GAP]);
  // Whoever was there is not here.
  await client.query('delete from runners');
  await client.query('update exchange_accounts set order_sequence = order_sequence + $1', [EPOCH_GAP]);
  const identities = await client.query<{ table: string; column: string }>(
    `select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attidentity <> ''`,
  );
  for (const { table, column } of identities.rows) {
    const gap = column === 'number' ? NUMBER_GAP : 0;
    await client.query(`select setval(pg_get_serial_sequence($1, $2), greatest((select coalesce(max(${quoted(column)}), 0) from ${quoted(table)}) + $3, 1))`, [
      quoted(table),
      column,
      gap,
    ]);
  }
}

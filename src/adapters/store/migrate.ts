/**
 * Brings a database to the schema of this version: runs the committed migrations that it has not seen, in order, all or
 * nothing, one process at a time. Looking costs one query when nothing is to do.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { PortError } from '#core/errors.ts';
import { StatementFailure, translate } from './failures.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Any number that nobody else uses; the same in every version. */
const LOCK = 4_721_033_001;
const CONNECT_PATIENCE_MS = 10_000;
/** A look at what has been applied; migrations themselves may take as long as they need. */
const LOOK_PATIENCE_MS = 15_000;

interface Migration {
  readonly position: number;
  readonly name: string;
}

/**
 * PortError `store_unavailable` when the database cannot be reached, `configuration_invalid` when it does not let us in or is
 * newer than this version.
 */
export async function migrate(url: string): Promise<void> {
  await asking(url, (client) => bringUp(client, committed()));
}

/** A wrong password, user or name of a database: waiting helps nothing, correcting the address does. */
function refusedEntry(error: unknown): PortError | null {
  if (!(error instanceof pg.DatabaseError) || !/^(28|3D)/.test(error.code ?? '')) return null;
  return new PortError('configuration_invalid', `the database does not let us in (${error.message}): correct DATABASE_URL`, { outcome: 'failed' });
}

async function bringUp(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  if ((await lastApplied(client)) === migrations.length) return;
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  const done = await lastApplied(client);
  if (done > migrations.length)
    throw new PortError(
      'configuration_invalid',
      `the database has ${done} migrations and this version of Argosy knows ${migrations.length}: start the newer version`,
      { outcome: 'failed' },
    );
  await client.query('begin');
  await applyMigrations(client, done, migrations.length);
  await client.query('commit');
}

/** Runs the migrations after the first `from` up to the first `to`, inside the caller's transaction. */
export async function applyMigrations(client: pg.Client, from: number, to: number): Promise<void> {
  await client.query(
    'create table if not exists schema_migrations (position integer primary key, name text not null, applied_at timestamptz not null default now())',
  );
  for (const migration of committed().slice(from, to)) {
    await client.query(readFileSync(new URL(`${migration.name}.sql`, FOLDER), 'utf8'));
    await client.query('insert into schema_migrations (position, name) values ($1, $2)', [migration.position, migration.name]);
  }
}

/** PortError `configuration_invalid` unless the database has exactly the schema of this version; changes nothing. */
export async function assertPresent(url: string): Promise<void> {
  const [there, known] = [await migrationCount(url), committed().length];
  if (there === known) return;
  const remedy = there < known ? 'start this version of Argosy, or run `argosy migrate`' : 'use the commands of the newer version';
  throw new PortError('configuration_invalid', `the database has ${there} migrations and this version of Argosy knows ${known}: ${remedy}`, {
    outcome: 'failed',
  });
}

/** How many migrations a database has seen. PortError `store_unavailable` when it cannot be reached. */
export async function migrationCount(url: string): Promise<number> {
  return asking(url, lastApplied);
}

export interface DatabaseFacts {
  /** Such as `18.4`. */
  readonly version: string;
  /** The same to compare: 180004. */
  readonly number: number;
  /** How many migrations it has seen. */
  readonly migrations: number;
  /** Its clock less ours, in milliseconds, to within half the time of asking. */
  readonly skewMs: number;
}

/** Looks at a database without changing it. */
export async function databaseFacts(url: string, now: () => number): Promise<DatabaseFacts> {
  return asking(url, async (client) => {
    const from = now();
    const asked = await client.query<{ version: string; number: string; at: string }>(
      `select current_setting('server_version') as version, current_setting('server_version_num') as number, extract(epoch from clock_timestamp()) * 1000 as at`,
    );
    const middle = (from + now()) / 2;
    const { version = '', number = 0, at = middle } = asked.rows[0] ?? {};
    return { version, number: Number(number), migrations: await lastApplied(client), skewMs: Number(at) - middle };
  });
}

async function asking<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_PATIENCE_MS, application_name: 'argosy migration' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw error instanceof PortError ? error : (refusedEntry(error) ?? translate(new StatementFailure(error), 'failed'));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Names of the migrations of this version, in their order. */
export function committedMigrations(): readonly string[] {
  return committed().map(({ name }) => name);
}

/** Names of the migrations that a database has seen, in their order; none when it has no schema yet. */
export async function appliedMigrations(client: pg.Client): Promise<readonly string[]> {
  if ((await lastApplied(client)) === 0) return [];
  const rows = await client.query<{ name: string }>('select name from schema_migrations order by position');
  return rows.rows.map(({ name }) => name);
}

async function lastApplied(client: pg.Client): Promise<number> {
  const known = await client.query<{ exists: boolean }>(soon(`select to_regclass('schema_migrations') is not null as exists`));
  if (known.rows[0]?.exists !== true) return 0;
  const last = await client.query<{ position: number }>(soon('select coalesce(max(position), 0) as position from schema_migrations'));
  return last.rows[0]?.position ?? 0;
}

function soon(text: string): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, query_timeout: LOOK_PATIENCE_MS };
}

/** The migrations in the order in which they were made, as drizzle-kit lists them. */
function committed(): readonly Migration[] {
  const journal: unknown = JSON.parse(readFileSync(new URL('meta/_journal.json', FOLDER), 'utf8'));
  const entries = typeof journal === 'object' && journal !== null && 'entries' in journal && Array.isArray(journal.entries) ? journal.entries : [];
  return entries.map((entry: unknown, index) => {
    if (typeof entry === 'object' && entry !== null && 'tag' in entry && typeof entry.tag === 'string') return { position: index + 1, name: entry.tag };
    throw new Error(`${fileURLToPath(FOLDER)} is damaged: entry ${index} of its journal has no name`);
  });
}

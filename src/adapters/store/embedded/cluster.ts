/**
 * The database cluster on disk: made once, completely or not at all, under `<data directory>/postgres`.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PortError } from '#core/errors.ts';
import type { PostgresBinaries, RunAs } from './binaries.ts';

/** Name of the role and of the database. */
export const DATABASE = 'argosy';

/** The `nobody` account, which exists on every system by its number. */
const NOBODY: RunAs = { uid: 65_534, gid: 65_534 };

/** Follows the name of a cluster that is not complete yet. */
const DRAFT = '.new-';

/** Only what the programs need: nothing of our environment, which may hold secrets. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Longest name of a Unix socket that every system takes. */
const MAX_SOCKET_PATH = 100;

export interface Cluster {
  /** Real path. */
  readonly directory: string;
  readonly password: string;
}

/** Where a server on the cluster answers: over the Unix socket where its path is short enough, else over the loopback address. */
export function addressOf({ directory, password }: Cluster, port: number): string {
  const socket = join(directory, `.s.PGSQL.${port}`);
  const host = socket.length <= MAX_SOCKET_PATH ? encodeURIComponent(directory) : '127.0.0.1';
  return `postgresql://${DATABASE}:${password}@${host}:${port}/${DATABASE}`;
}

/**
 * The address of the server that another process of ours runs on a data directory; `null` when none does. Only for what
 * may be done beside a running Argosy.
 */
export function runningAddress(dataDir: string): string | null {
  const directory = join(dataDir, 'postgres');
  try {
    const [pid = '', , , port = '', , , , state = ''] = readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 0);
    if (state.trim() !== 'ready') return null;
    return addressOf({ directory: realpathSync(directory), password: readFileSync(join(directory, 'argosy.password'), 'utf8').trim() }, Number(port));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw refusal(`${directory} cannot be read (${messageOf(error)}): run this as the account that runs Argosy`, error);
  }
}

/**
 * Who the server must run as: `null` for ourselves. PostgreSQL refuses to be root, so root hands it to the account that
 * owns the data, and new data to `nobody`.
 */
export function serverAccount(dataDir: string): RunAs | null {
  if (process.getuid?.() !== 0) return null;
  const directory = join(dataDir, 'postgres');
  if (!existsSync(directory)) return NOBODY;
  const { uid, gid } = statSync(directory);
  return uid === 0 ? NOBODY : { uid, gid };
}

/**
 * How the programs are told where the data is. Below a directory that only root may enter (a home, say) the path is of no
 * use to the account that runs them, but the working directory they are started in is: Linux names it so in every process.
 */
export function dataPath(directory: string, runAs: RunAs | null): string {
  return runAs === null ? directory : '/proc/self/cwd';
}

/** Opens the cluster of a data directory, making it first where there is none. */
export function openCluster(dataDir: string, binaries: PostgresBinaries, runAs: RunAs | null): Cluster {
  const directory = join(dataDir, 'postgres');
  if (!existsSync(directory)) create(directory, binaries, runAs);
  try {
    const major = Number(readFileSync(join(directory, 'PG_VERSION'), 'utf8'));
    if (major !== binaries.major)
      throw refusal(
        `${directory} was written by PostgreSQL ${major}, this version of Argosy brings ${binaries.major}: use the version it was written by, or restore a dump`,
      );
    return { directory: realpathSync(directory), password: readFileSync(join(directory, 'argosy.password'), 'utf8').trim() };
  } catch (cause) {
    if (cause instanceof PortError) throw cause;
    throw refusal(`${directory} cannot be read as a database (${messageOf(cause)}): start as the account that owns it, or restore it from a backup`, cause);
  }
}

function create(directory: string, binaries: PostgresBinaries, runAs: RunAs | null): void {
  removeDrafts(dirname(directory));
  const draft = mkdtempSync(`${directory}${DRAFT}`);
  if (runAs !== null) chownSync(draft, runAs.uid, runAs.gid);
  const data = dataPath(draft, runAs);
  run(draft, runAs, binaries.initdb, [
    ...['-D', data, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', '--no-instructions'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]);
  const password = randomBytes(24).toString('base64url');
  run(draft, runAs, binaries.postgres, ['--single', '-D', data, 'postgres'], `ALTER ROLE ${DATABASE} PASSWORD '${password}'\nCREATE DATABASE ${DATABASE}\n`);
  writeFileSync(join(draft, 'pg_hba.conf'), 'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n');
  writeFileSync(join(draft, 'argosy.password'), `${password}\n`, { mode: 0o600 });
  renameSync(draft, directory);
}

/** A start that was killed leaves one behind, and perhaps a program that still writes into it: so every draft has its own name. */
function removeDrafts(dataDir: string): void {
  for (const name of readdirSync(dataDir))
    if (name.startsWith(`postgres${DRAFT}`)) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function run(directory: string, runAs: RunAs | null, program: string, args: readonly string[], input = ''): void {
  const done = spawnSync(program, args, { cwd: directory, env: SERVER_ENVIRONMENT, input, encoding: 'utf8', ...(runAs ?? {}) });
  if (done.status === 0) return;
  const reason = done.error?.message ?? (done.stderr.trim().slice(-500) || `ended with ${done.signal ?? done.status}`);
  throw refusal(`the database cannot be created in ${directory}: ${reason}`, done.error);
}

function refusal(message: string, cause?: unknown): PortError {
  return new PortError('configuration_invalid', message, { outcome: 'failed', cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

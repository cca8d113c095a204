/**
 * The exclusive lock on the data directory. It is a lock the operating system keeps on a file and releases when the
 * process dies, however it dies, so a start after `kill -9` takes over at once and two owners are never possible.
 * Node has no file lock of its own; the SQLite inside Node takes one (POSIX record locks) when a transaction is exclusive.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortError } from '#core/errors.ts';

/** A dying owner may need this long until the system has released its lock. */
const PATIENCE_MS = 500;
const SQLITE_BUSY = 5;

export interface DirectoryLock {
  release(): void;
}

/** Locks an existing directory for this process. PortError `configuration_invalid` when another process has it or files cannot be locked there. */
export function lockDirectory(directory: string): DirectoryLock {
  const file = join(directory, 'argosy.lock');
  const note = join(directory, 'argosy.pid');
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { timeout: PATIENCE_MS });
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(note, `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    database?.close();
    throw new PortError(
      'configuration_invalid',
      isBusy(cause) ? inUse(directory, note) : `the data directory ${directory} cannot be locked: ${messageOf(cause)}`,
      {
        outcome: 'failed',
        cause,
      },
    );
  }
  const held = database;
  let isHeld = true;
  return {
    release: () => {
      if (isHeld) held.close();
      isHeld = false;
    },
  };
}

function inUse(directory: string, note: string): string {
  return `another Argosy process${ownerNote(note)} is using the data directory ${directory}: stop it first, or set ARGOSY_DATA_DIR to another directory`;
}

/** The note is for people only; the lock does not depend on it. */
function ownerNote(note: string): string {
  try {
    return ` (process ${readFileSync(note, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

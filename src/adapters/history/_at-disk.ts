/** The directory of the history as its two readers use it: names, ends of files, and failures of the disk told as such. */
import { open, readdir, stat } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';
import { PortError } from '#core/errors.ts';
import { DamagedFile } from './_noted-file.ts';

/** Does something on the disk. Throws PortError `history_unavailable` where the disk refuses. */
export async function atDisk<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === null || error instanceof PortError) throw error;
    const message = `${directory}: ${error instanceof Error ? error.message : String(error)}`;
    throw new PortError('history_unavailable', message, { outcome: 'failed', cause: error });
  }
}

/** What is in a directory, sorted; nothing where there is none. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
  return names.toSorted();
}

/** Reads from a file of this size what is asked of it, and closes it. */
export async function inFile<Result>(path: string, size: number, read: (source: AsyncBuffer) => Promise<Result>): Promise<Result> {
  const file = await open(path);
  try {
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const buffer = new ArrayBuffer(end - start);
      await file.read(new Uint8Array(buffer), 0, end - start, start);
      return buffer;
    };
    return await read({ byteLength: size, slice });
  } finally {
    await file.close();
  }
}

/** Reads a file; one that cannot be relied on is PortError `history_damaged`, with its path. */
export async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedFile) throw new PortError('history_damaged', `${path}: ${error.message}`, { outcome: 'failed', cause: error });
    throw error;
  }
}

/** How large a file is; `null` when there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

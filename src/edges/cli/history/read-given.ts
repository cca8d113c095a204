/** Reads the file that somebody names, within limits. */
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { MAX_FILE_BYTES, tooLarge } from '#app/history/import-candles.ts';
import { AppError } from '#core/errors.ts';

/** The bytes of a file, unpacked where it is a `.gz`. Throws AppError where it cannot be read or is larger than the limit, packed or not. */
export async function readGiven(path: string, isGzip: boolean, limit: number = MAX_FILE_BYTES): Promise<Uint8Array> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
  if (size === null) throw new AppError('validation_failed', `${path} is no file that can be read.`);
  if (size > limit) throw tooLarge(size, limit);
  const bytes = await readFile(path);
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit + 1, limit);
    throw new AppError('candles_invalid', `${path} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

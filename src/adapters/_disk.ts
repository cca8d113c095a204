/** How much room is left on the disk that holds a directory. */
import { statfs } from 'node:fs/promises';

/** Bytes that an ordinary account may still write. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Replaces a file as a whole: what is read under its name is the old one or the new one, whatever happens. */
import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a write that was cut off has left behind is removed at this age. */
const ABANDONED_MS = 3_600_000;

/** The bytes are on the disk when this has settled. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await removeAbandoned(path);
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
}

/** A name beside a file under which it can be put away. */
export function asideName(path: string): string {
  return `${path}.damaged-${randomUUID().slice(0, 8)}`;
}

async function removeAbandoned(path: string): Promise<void> {
  const directory = dirname(path);
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${basename(path)}.`) || !/\.tmp$|\.lock\.[0-9a-f-]+$/.test(name)) continue;
    const left = await stat(join(directory, name)).catch(() => null);
    if (left !== null && Date.now() - left.mtimeMs > ABANDONED_MS) await rm(join(directory, name), { force: true });
  }
}

/** Keeps the newest backups of an installation in one directory, each written whole and read back before an older one goes. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupShelf } from '#core/backups.ts';
import { readKeys } from './restore.ts';
import { type BackupOptions, writeBackup } from './write.ts';

/** Names of ours; whatever else lies in the directory is left alone. */
const NAME = /^argosy-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z\.backup$/;
const DRAFT = /^argosy-[\dTZ-]+\.backup\.partial$/;
/** A draft that nobody has written to for so long was left by a process that died. */
const DRAFT_KEPT_MS = 86_400_000;

export interface ShelfOptions extends Pick<BackupOptions, 'url' | 'keys' | 'passphrase' | 'version'> {
  readonly directory: string;
  /** How many stay. */
  readonly keep: number;
}

export function backupShelf({ directory, keep, ...source }: ShelfOptions): BackupShelf {
  return {
    add: async (at, onProgress) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await removeDrafts(directory, at);
      const file = `argosy-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`;
      const path = join(directory, file);
      const { bytes, rows } = await writeBackup({ ...source, path, at, onProgress });
      await readKeys(path, source.passphrase);
      const names = (await readdir(directory)).filter((name) => NAME.test(name)).toSorted();
      const removed = names.slice(0, Math.max(0, names.length - keep));
      for (const name of removed) await rm(join(directory, name), { force: true });
      return { file, bytes, rows: Object.values(rows).reduce((sum, count) => sum + count, 0), removed };
    },
  };
}

async function removeDrafts(directory: string, at: number): Promise<void> {
  for (const name of (await readdir(directory)).filter((each) => DRAFT.test(each))) {
    const { mtimeMs } = await stat(join(directory, name));
    if (at - mtimeMs > DRAFT_KEPT_MS) await rm(join(directory, name), { force: true });
  }
}

/** What jobs are done with in this process. */
import { backupShelf } from '#adapters/store/backup/shelf.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { keysToKeep } from './_backup-keys.ts';
import type { Parts } from './_parts.ts';

export function jobPartsOf(parts: Parts): JobParts {
  const { config, databaseUrl, version } = parts;
  const { directory, keep, passphrase } = config.backup;
  const backups =
    directory === null || passphrase === null
      ? null
      : backupShelf({ directory, keep, url: databaseUrl, keys: keysToKeep(config), passphrase: passphrase.reveal(), version });
  return { ...parts, keptFor: config.keptFor, backups };
}

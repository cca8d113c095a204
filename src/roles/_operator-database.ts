/** The database as commands reach it: on its server, in the Argosy that runs, or started for as long as a command takes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assertOpens, readKeys, restoreBackup } from '#adapters/store/backup/restore.ts';
import { writeBackup } from '#adapters/store/backup/write.ts';
import { assertPresent, databaseFacts, migrate, migrationCount } from '#adapters/store/migrate.ts';
import { openStore } from '#adapters/store/store.ts';
import type { Config } from '#config';
import type { Clock, Log } from '#core/ports.ts';
import type { OperatorDatabase } from '#edges/cli/operator.ts';
import { keepKeys, keysToKeep, writeKeys } from './_backup-keys.ts';
import { commandReach } from './_command-reach.ts';
import { useJobs } from './_operator-jobs.ts';

export interface CommandDatabase extends OperatorDatabase {
  /** `null` while there is no database yet. */
  facts(): Promise<Awaited<ReturnType<typeof databaseFacts>> | null>;
}

export function commandDatabase(config: Config, version: string, world: { readonly clock: Clock; readonly log: Log }): CommandDatabase {
  const { clock, log } = world;
  const given = config.database.url?.reveal() ?? null;
  const dataDir = config.data.directory;
  const reach = commandReach(config, log);
  return {
    kind: given === null ? 'embedded' : 'server',
    passphrase: config.backup.passphrase?.reveal() ?? null,
    use: (work) =>
      reach(async (url, isShared) => {
        // Another process may be at work on it: a look must not change its schema under it.
        if (isShared) await assertPresent(url);
        const store = await openStore({ url, log, maxConnections: 2 });
        return work(store).finally(() => store.close());
      }),
    useJobs: (work) =>
      reach(async (url, isShared) => {
        if (isShared) await assertPresent(url);
        return useJobs(config, url, world, work);
      }),
    migrate: () =>
      reach(async (url) => {
        const before = await migrationCount(url);
        await migrate(url);
        return { before, after: await migrationCount(url) };
      }),
    facts: async () => (given === null && !existsSync(join(dataDir, 'postgres')) ? null : reach((url) => databaseFacts(url, clock.now))),
    backup: (path, passphrase, onProgress) =>
      reach((url) => writeBackup({ url, path, passphrase, keys: keysToKeep(config), version, at: clock.now(), onProgress })),
    restore: async (path, passphrase, onProgress) => {
      await assertOpens(path, passphrase);
      const onKeys = (keys: Parameters<typeof keepKeys>[1]): void => keepKeys(config, keys);
      return reach((url) => restoreBackup({ url, path, passphrase, at: clock.now(), onKeys, onProgress }), true);
    },
    extractKeys: async (path, passphrase, directory) => writeKeys(directory, await readKeys(path, passphrase)),
  };
}

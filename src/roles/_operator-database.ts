/** The database as commands reach it: on its server, in the Argosy that runs, or started for as long as a command takes. */
import { readKeys, restoreBackup } from '#adapters/store/backup/restore.ts';
import { writeBackup } from '#adapters/store/backup/write.ts';
import { runningAddress } from '#adapters/store/embedded/cluster.ts';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { databaseFacts, migrate, migrationCount } from '#adapters/store/migrate.ts';
import { openStore } from '#adapters/store/store.ts';
import type { Config } from '#config';
import type { Clock, Log } from '#core/ports.ts';
import type { OperatorDatabase } from '#edges/cli/operator.ts';
import { keepKeys, keysToKeep, writeKeys } from './_backup-keys.ts';

export interface CommandDatabase extends OperatorDatabase {
  facts(): ReturnType<typeof databaseFacts>;
}

export function commandDatabase(config: Config, version: string, world: { readonly clock: Clock; readonly log: Log }): CommandDatabase {
  const { clock, log } = world;
  const given = config.database.url?.reveal() ?? null;
  const dataDir = config.data.directory;
  /** Alone: no Argosy may run beside it. */
  const reach = async <Result>(work: (url: string) => Promise<Result>, isAlone = false): Promise<Result> => {
    const running = given ?? (isAlone ? null : runningAddress(dataDir));
    if (running !== null) return work(running);
    const server = await startEmbeddedPostgres({ dataDir, log });
    try {
      return await work(server.url);
    } finally {
      await server.close();
    }
  };
  return {
    kind: given === null ? 'embedded' : 'server',
    passphrase: config.backup.passphrase?.reveal() ?? null,
    use: (work) =>
      reach(async (url) => {
        const store = await openStore({ url, log, maxConnections: 2 });
        return work(store).finally(() => store.close());
      }),
    migrate: () =>
      reach(async (url) => {
        const before = await migrationCount(url);
        await migrate(url);
        return { before, after: await migrationCount(url) };
      }),
    facts: () => reach(databaseFacts),
    backup: (path, passphrase, onProgress) =>
      reach((url) => writeBackup({ url, path, passphrase, keys: keysToKeep(config), version, at: clock.now(), onProgress })),
    restore: (path, passphrase, onProgress) =>
      reach((url) => restoreBackup({ url, path, passphrase, at: clock.now(), onKeys: (keys) => keepKeys(config, keys), onProgress }), true),
    extractKeys: async (path, passphrase, directory) => writeKeys(directory, await readKeys(path, passphrase)),
  };
}

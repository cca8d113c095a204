/** Reaches the database for as long as a command takes: on its server, in the Argosy that runs, or started for it. */
import { runningAddress } from '#adapters/store/embedded/cluster.ts';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import type { Config } from '#config';
import type { Log } from '#core/ports.ts';
import { openKeys } from './_keys.ts';

/** `isShared` tells the work that another process may be at work on the database; `isAlone` starts the embedded one or fails. */
export type Reach = <Result>(work: (url: string, isShared: boolean) => Promise<Result>, isAlone?: boolean) => Promise<Result>;

export function commandReach(config: Config, log: Log): Reach {
  const given = config.database.url?.reveal() ?? null;
  const dataDir = config.data.directory;
  return async (work, isAlone = false) => {
    const running = given ?? (isAlone ? null : runningAddress(dataDir));
    if (running !== null) return work(running, true);
    // As a start does: a database must not be there without the keys that its secrets are sealed with.
    openKeys(config);
    const server = await startEmbeddedPostgres({ dataDir, log });
    try {
      return await work(server.url, false);
    } finally {
      await server.close();
    }
  };
}

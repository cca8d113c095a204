/** Opens the store: on the embedded PostgreSQL in the data directory, or on the server of DATABASE_URL, for which a start waits. */

import { systemClock } from '#adapters/clock.ts';
import type { Config } from '#config';
import type { ActorScope } from '#core/audit.ts';
import type { Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Closing } from './_closing.ts';
import { whenReachable } from './_database-wait.ts';

/** The store and its address. The embedded database belongs to this process alone, so leases of earlier owners are those of the dead. */
export async function openDatabase(
  config: Config,
  owner: string,
  { log, actors }: { readonly log: Log; readonly actors: ActorScope },
  closing: Closing,
): Promise<{ readonly store: Store; readonly databaseUrl: string }> {
  const { openStore } = await import('#adapters/store/store.ts');
  const given = config.database.url?.reveal();
  const url = given ?? (await startEmbedded(config, log, closing));
  const store = await whenReachable(() => openStore({ url, log, actors }), { clock: systemClock, log, waitMs: config.database.waitMs });
  closing.add('store', () => store.close());
  if (given === undefined) await store.leases.expireOthers(owner);
  return { store, databaseUrl: url };
}

async function startEmbedded(config: Config, log: Log, closing: Closing): Promise<string> {
  const { startEmbeddedPostgres } = await import('#adapters/store/embedded/server.ts');
  const server = await startEmbeddedPostgres({ dataDir: config.data.directory, log });
  closing.add('embedded database', () => server.close());
  return server.url;
}

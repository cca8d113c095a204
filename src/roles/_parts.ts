/** The parts every role is made of, opened once per process: database, keys, clock, links to other processes, venues, strategies. */
import type { OpenLog } from '#adapters/log.ts';
import { bcryptPasswords } from '#adapters/passwords.ts';
import { aesVault } from '#adapters/vault.ts';
import type { Config } from '#config';
import type { Passwords, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { Closing } from './_closing.ts';
import { openDatabase } from './_database.ts';
import { openKeys } from './_keys.ts';
import { type Links, openLinks } from './_links.ts';
import { openVenues } from './_plugins.ts';
import { openAllStrategies, type StrategyParts } from './_sandbox.ts';
import { openWatch, type Watch, watchedJobs } from './_watch.ts';
import { openWorld, type World } from './_world.ts';

export interface Parts extends World, Pick<Links, 'bus' | 'jobs' | 'requestCounter'>, StrategyParts {
  readonly config: Config;
  readonly store: Store;
  readonly databaseUrl: string;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly jwtSecret: string;
  readonly watch: Watch;
  readonly version: string;
  readonly startedAt: number;
  /** Name of this process, unlike any other's; leases are held under it. */
  readonly owner: string;
}

/** Opens everything; what has been opened is added to `closing`, so that a failure in between closes it again. */
export async function openParts(config: Config, { log, level }: Pick<OpenLog, 'log' | 'level'>, version: string, closing: Closing): Promise<Parts> {
  const { masterKey, jwtSecret } = openKeys(config);
  const world = await openWorld(config, log, version, closing);
  const owner = world.ids.next();
  const { store, databaseUrl } = await openDatabase(config, owner, world, closing);
  const { bus, jobs, requestCounter, budgets } = await openLinks({ ...world, config, databaseUrl, installation: await store.installation() }, closing);
  const venues = openVenues(config, store, { ...world, ...(budgets === null ? {} : { budgets }) }, closing);
  const watch = openWatch(config, version, { store, venues, bus, clock: world.clock, logLevel: level });
  return {
    ...world,
    config,
    bus,
    jobs: watchedJobs(jobs, watch),
    requestCounter,
    store,
    databaseUrl,
    vault: aesVault(masterKey),
    passwords: bcryptPasswords(),
    venues,
    ...openAllStrategies(config, { ...world, store }, closing),
    jwtSecret,
    watch,
    version,
    startedAt: world.clock.now(),
    owner,
  };
}

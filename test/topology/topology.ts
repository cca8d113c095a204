/**
 * The services of `compose.yaml` as processes on one machine: PostgreSQL and Redis servers, venues that are simulated,
 * and every role of Argosy by itself. Ports are free ones; everything lives in one directory.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDatabase } from '../chaos/installation.ts';
import { CHAOS_VENUES, RunningVenue } from '../chaos/venues.ts';
import { ApiClient } from '../crash/api-client.ts';
import { freePort, killDatabase, sleep } from '../crash/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { RoleProcess } from './role-process.ts';

export interface TopologyOptions {
  readonly directory: string;
  /** Processes that run grid bots. */
  readonly gridRunners: number;
  readonly venues: readonly string[];
  readonly seed: number;
  readonly walkMs: number;
  /** Whether the roles that trade nothing are started too. */
  readonly isWhole: boolean;
}

export class Topology {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly redis: TestRedis;
  readonly venues: readonly RunningVenue[];
  readonly api: RoleProcess;
  readonly gridRunners: readonly RoleProcess[];
  readonly others: readonly RoleProcess[];
  readonly masterKey: string;
  readonly client: ApiClient;
  readonly #database: ChildProcess;

  private constructor(parts: {
    readonly directory: string;
    readonly databaseUrl: string;
    readonly redis: TestRedis;
    readonly venues: readonly RunningVenue[];
    readonly api: RoleProcess;
    readonly gridRunners: readonly RoleProcess[];
    readonly others: readonly RoleProcess[];
    readonly masterKey: string;
    readonly client: ApiClient;
    readonly database: ChildProcess;
  }) {
    this.directory = parts.directory;
    this.databaseUrl = parts.databaseUrl;
    this.redis = parts.redis;
    this.venues = parts.venues;
    this.api = parts.api;
    this.gridRunners = parts.gridRunners;
    this.others = parts.others;
    this.masterKey = parts.masterKey;
    this.client = parts.client;
    this.#database = parts.database;
  }

  /** Everything is up and every process has said that it is ready. */
  static async start(options: TopologyOptions): Promise<Topology> {
    const { directory, seed, walkMs } = options;
    const wanted = CHAOS_VENUES.filter(({ id }) => options.venues.includes(id));
    const [{ child, address }, redis, ...venues] = await Promise.all([
      startDatabase(join(directory, 'database')),
      startRedis(),
      ...wanted.map((venue) => RunningVenue.start(venue, { seed, walkMs })),
    ]);
    const databaseUrl = `postgresql://${address.user}:${address.password}@127.0.0.1:${address.port}/${address.database}`;
    const masterKey = randomBytes(32).toString('base64');
    const urls = Object.fromEntries(venues.map((venue) => [venue.id, `http://127.0.0.1:${venue.target.port}`]));
    const common = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      ARGOSY_MASTER_KEY: masterKey,
      ARGOSY_JWT_SECRET: randomBytes(48).toString('base64'),
      ARGOSY_VENUE_URLS: JSON.stringify({ paper: 'demo', ...urls }),
    };
    const role = (name: string, environment: Readonly<Record<string, string>>): RoleProcess => {
      const data = join(directory, name);
      mkdirSync(data);
      return new RoleProcess({ name, directory, environment: { ...common, ARGOSY_DATA_DIR: data, ...environment } });
    };
    const port = await freePort();
    const api = role('api', { ARGOSY_ROLES: 'api', PORT: String(port) });
    const gridRunners = Array.from({ length: options.gridRunners }, (_, index) => role(`grid-bot-${index + 1}`, { ARGOSY_ROLES: 'bots', BOT_TYPES: 'grid' }));
    const others = options.isWhole
      ? [
          role('worker', { ARGOSY_ROLES: 'worker' }),
          role('scanner', { ARGOSY_ROLES: 'scanner' }),
          role('telegram-bot', { ARGOSY_ROLES: 'telegram' }),
          role('dca-bot', { ARGOSY_ROLES: 'bots', BOT_TYPES: 'dca' }),
          role('custom-bot', { ARGOSY_ROLES: 'bots', BOT_TYPES: 'custom' }),
        ]
      : [];
    const client = new ApiClient(`http://127.0.0.1:${port}`);
    const topology = new Topology({ directory, databaseUrl, redis, venues, api, gridRunners, others, masterKey, client, database: child });
    try {
      // The first brings the database to its schema; the others come up together, as containers do.
      await api.start();
      await Promise.all([...gridRunners, ...others].map((each) => each.start()));
      await client.enter('topology@example.org', 'topology-test-password');
    } catch (error) {
      await topology.close();
      throw error;
    }
    return topology;
  }

  get processes(): readonly RoleProcess[] {
    return [this.api, ...this.gridRunners, ...this.others];
  }

  /** The database server dies without warning and stays away for a while. */
  async takeDatabaseAway(ms: number): Promise<void> {
    // Whoever would start it again stands still meanwhile.
    this.#database.kill('SIGSTOP');
    if (!killDatabase(join(this.directory, 'database'))) throw new Error('there was no database server to kill');
    await sleep(ms);
    this.#database.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
    await this.redis.kill();
    for (const venue of this.venues) venue.close();
    if (this.#database.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#database.once('exit', resolve));
    this.#database.kill('SIGCONT');
    this.#database.kill('SIGTERM');
    await ended;
  }
}

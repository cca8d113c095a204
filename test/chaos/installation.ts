/**
 * One Argosy installation of the chaos test with its user, accounts and bots: alone on the embedded database, or as a
 * pair of processes that contend for the same bots on one database server. Every process sees every venue through a
 * proxy of its own, and so do the two see their database.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiClient } from '../crash/api-client.ts';
import { freePort, killDatabase, pauseDatabase, Server, sleep } from '../crash/processes.ts';
import type { Random } from '../venues/_random.ts';
import { FaultProxy } from './proxy.ts';
import { TakeOvers, type Watched } from './take-overs.ts';
import type { RunningVenue } from './venues.ts';

/** An installation that cannot start for this long is broken. */
const START_TRIES = 20;
const START_PAUSE_MS = 1_000;

/** Tight around the prices the simulators start from, so that a walking price keeps them busy. */
export const PLANS = [
  { name: 'Bitcoin', symbol: 'BTC/USDT', config: { lower_price: '58200', upper_price: '61800', levels: 24, spacing: 'arithmetic', investment: '20000' } },
  { name: 'Bitcoin narrow', symbol: 'BTC/USDT', config: { lower_price: '59000', upper_price: '61000', levels: 14, spacing: 'arithmetic', investment: '8000' } },
  { name: 'Ether', symbol: 'ETH/USDT', config: { lower_price: '2910', upper_price: '3090', levels: 24, spacing: 'geometric', investment: '15000' } },
  { name: 'Coin', symbol: 'BNB/USDT', config: { lower_price: '582', upper_price: '618', levels: 24, spacing: 'arithmetic', investment: '10000' } },
] as const;

export interface Bot {
  readonly id: string;
  readonly name: string;
  readonly venue: RunningVenue;
  readonly accountId: string;
  readonly investment: string;
}

/** An account of ours, by its name at the venue and its id here. */
export interface Account {
  readonly venue: RunningVenue;
  readonly name: string;
  readonly id: string;
}

/** The road of one process to a venue or to the database server. */
export interface Road {
  readonly to: 'venue' | 'database';
  readonly proxy: FaultProxy;
}

export interface Runner extends Watched {
  readonly server: Server;
  readonly roads: readonly Road[];
}

export interface InstallationParts {
  /** Directory for everything it writes. */
  readonly work: string;
  readonly venues: readonly RunningVenue[];
  readonly random: Random;
  /** Of its servers, beyond what they need. */
  readonly environment: Readonly<Record<string, string>>;
}

export class Installation {
  readonly name: string;
  readonly runners: readonly Runner[];
  client: ApiClient;
  readonly takeOvers: TakeOvers;
  readonly bots: Bot[] = [];
  readonly accounts: Account[] = [];
  /** Processes that ended though nobody had killed them. */
  readonly deaths: string[];
  /** Starts that failed, as they do while the database is away; a supervisor of services tries again. */
  failedStarts = 0;
  readonly #root: string;
  readonly #databaseDirectory: string;
  readonly #database: ChildProcess | null;

  private constructor(parts: {
    readonly name: string;
    readonly runners: readonly Runner[];
    readonly takeOvers: TakeOvers;
    readonly deaths: string[];
    readonly databaseDirectory: string;
    readonly database: ChildProcess | null;
  }) {
    const [first] = parts.runners;
    if (first === undefined) throw new RangeError('an installation has a runner');
    this.name = parts.name;
    this.runners = parts.runners;
    this.takeOvers = parts.takeOvers;
    this.deaths = parts.deaths;
    this.#root = first.server.root;
    this.client = new ApiClient(this.#root);
    this.#databaseDirectory = parts.databaseDirectory;
    this.#database = parts.database;
  }

  /** One process on the embedded database. */
  static async alone({ work, venues, random, environment }: InstallationParts): Promise<Installation> {
    const takeOvers = new TakeOvers();
    const deaths: string[] = [];
    const runner = await makeRunner({ name: 'alone', work, venues, random, takeOvers, deaths, environment, roads: [] });
    return new Installation({ name: 'alone', runners: [runner], takeOvers, deaths, databaseDirectory: runner.server.dataDirectory, database: null });
  }

  /** Two processes on one database server. */
  static async pair({ work, venues, random, environment: given }: InstallationParts): Promise<Installation> {
    const takeOvers = new TakeOvers();
    const deaths: string[] = [];
    const databaseDirectory = join(work, 'database');
    const { child, address } = await startDatabase(databaseDirectory);
    const keys = { ARGOSY_MASTER_KEY: randomBytes(32).toString('base64'), ARGOSY_JWT_SECRET: randomBytes(48).toString('base64') };
    const runners: Runner[] = [];
    for (const name of ['pair-a', 'pair-b']) {
      const { user, password, port, database } = address;
      const proxy = await FaultProxy.open({ host: '127.0.0.1', port }, random);
      const environment = { ...given, ...keys, DATABASE_URL: `postgresql://${user}:${password}@${new URL(proxy.url).host}/${database}` };
      runners.push(await makeRunner({ name, work, venues, random, takeOvers, deaths, environment, roads: [{ to: 'database', proxy }] }));
    }
    return new Installation({ name: 'pair', runners, takeOvers, deaths, databaseDirectory, database: child });
  }

  /** Starts every process, and the bots on an account of their own at every venue. */
  async open(venues: readonly RunningVenue[]): Promise<void> {
    for (const runner of this.runners) await this.revive(runner);
    await this.login();
    for (const venue of venues) {
      const name = `chaos-${this.name}`;
      const { api_key, api_secret, passphrase } = await venue.addAccount(name);
      const needsPassphrase = PASSPHRASE_VENUES.has(venue.id);
      const keys = { api_key, api_secret, ...(needsPassphrase ? { passphrase } : {}) };
      const { id: accountId } = await this.client.post<{ id: string }>('/accounts', { name: `At ${venue.id}`, exchange: venue.id, ...keys });
      this.accounts.push({ venue, name, id: accountId });
      for (const plan of PLANS) {
        const { id } = await this.client.post<{ id: string }>('/bots', { ...plan, strategy: 'grid', mode: 'live', account_id: accountId });
        await this.client.post(`/bots/${id}/start`);
        this.bots.push({ id, name: `${plan.name} (${this.name}, ${venue.id})`, venue, accountId, investment: plan.config.investment });
      }
    }
  }

  /** With a client of its own, because one with a stale token is refused even here. */
  async login(): Promise<void> {
    this.client = new ApiClient(this.#root);
    await this.client.enter(`${this.name}@example.org`, 'chaos-test-password');
  }

  /** SIGKILL for a process, its database with it if asked. */
  async kill(runner: Runner, isDatabaseToo: boolean): Promise<void> {
    this.takeOvers.onHurt(runner);
    await runner.server.kill(isDatabaseToo);
  }

  /** Starts a process as a supervisor of services would: again and again. */
  async revive(runner: Runner): Promise<void> {
    for (let attempt = 1; !runner.server.isRunning; attempt += 1) {
      this.takeOvers.onRestart(runner);
      try {
        await runner.server.start();
      } catch (error) {
        await runner.server.kill(false);
        this.failedStarts += 1;
        const reason = error instanceof Error ? error.message : String(error);
        if (attempt >= START_TRIES) throw new Error(`${runner.name} cannot be started: ${reason}`);
        await sleep(START_PAUSE_MS);
      }
    }
  }

  pause(runner: Runner): void {
    this.takeOvers.onHurt(runner);
    runner.server.pause();
  }

  resume(runner: Runner): void {
    this.takeOvers.onWake(runner);
    runner.server.resume();
  }

  /** SIGKILL for the database server alone; `false` when there was none just then. */
  killDatabase(): boolean {
    return killDatabase(this.#databaseDirectory);
  }

  /** SIGSTOP for all of the database server; the returned function lets it go on. `null` when there was none just then. */
  pauseDatabase(): (() => void) | null {
    return pauseDatabase(this.#databaseDirectory);
  }

  async close(): Promise<void> {
    for (const runner of this.runners) {
      runner.server.resume();
      await runner.server.stop();
      for (const { proxy } of runner.roads) await proxy.close();
    }
    const database = this.#database;
    if (database === null || database.exitCode !== null) return;
    const ended = new Promise((resolve) => database.once('exit', resolve));
    database.kill('SIGTERM');
    await ended;
  }
}

/** Venues whose keys have a third part. */
const PASSPHRASE_VENUES: ReadonlySet<string> = new Set(['okx', 'bitget']);

interface RunnerParts {
  readonly name: string;
  readonly work: string;
  readonly venues: readonly RunningVenue[];
  readonly random: Random;
  readonly takeOvers: TakeOvers;
  readonly deaths: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly roads: readonly Road[];
}

async function makeRunner(parts: RunnerParts): Promise<Runner> {
  const dataDirectory = join(parts.work, parts.name);
  mkdirSync(dataDirectory);
  const roads = [...parts.roads];
  const venueUrls: Record<string, string> = { paper: 'demo' };
  for (const venue of parts.venues) {
    const proxy = await FaultProxy.open(venue.target, parts.random);
    roads.push({ to: 'venue', proxy });
    venueUrls[venue.id] = proxy.url;
  }
  const watched: Watched = { name: parts.name, disturbedAt: 0 };
  const server = new Server({
    port: await freePort(),
    dataDirectory,
    venueUrls,
    name: parts.name,
    environment: parts.environment,
    onLine: (line) => parts.takeOvers.onLine(runner, line),
    onDeath: (how) => parts.deaths.push(`${parts.name} ended by itself with ${how} at ${new Date().toISOString()}`),
  });
  const runner: Runner = Object.assign(watched, { server, roads });
  return runner;
}

export interface DatabaseAddress {
  readonly user: string;
  readonly password: string;
  readonly port: number;
  readonly database: string;
}

/** A database server as a process of its own, and where it is. */
export async function startDatabase(directory: string): Promise<{ readonly child: ChildProcess; readonly address: DatabaseAddress }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'database.ts'), directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    // The host may be the directory of a Unix socket; the server listens on loopback at the same port too.
    const [, user, password, port, database] = /^postgresql:\/\/([^:]+):([^@]+)@[^:/]+:(\d+)\/(.+)$/.exec(url) ?? [];
    if (user === undefined || password === undefined || database === undefined) throw new Error('the database gave no address');
    return { child, address: { user, password, port: Number(port), database } };
  }
  throw new Error('the database ended before it was ready');
}

/**
 * The API under load: requests a second and latencies of login, a list of 100 bots, and an order on the paper venue, on one core;
 * each beside a bare Fastify, a bare password hash and the database's own commits in the same run.
 * `npm run bench:api`, `-- --seconds 10 --connections 10`.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import pg from 'pg';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { BOTS, type Person, prepare } from './api-people.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, connections: { type: 'string', default: '10' }, 'profile-to': { type: 'string' } },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
/** Logins wait for a core each; more of them at once only wait longer. */
const LOGINS_AT_ONCE = 4;

interface Addresses {
  readonly app: string;
  readonly bare: string;
}

/** What one load gave. */
interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for one request, in milliseconds; `null` where the server is not asked. */
  readonly cpuMs: number | null;
}

const work = mkdtempSync(join(tmpdir(), 'argosy-api-'));
const database = await startEmbeddedPostgres({ dataDir: work, log: quietLog() });
const isPinned = spawnSync('taskset', ['--version']).status === 0 && cpus().length > 1;
const server = startServer();
let addresses: Addresses = { app: '', bare: '' };
try {
  addresses = await addressesOf(server);
  const { app, bare } = addresses;
  const people = await prepare(app, connections);
  const [person] = people;
  if (person === undefined) throw new RangeError('at least one connection is needed');
  const api = `${app}/api/v1`;

  await load(`${bare}/trivial`, {}, 2);
  const trivial = await load(`${bare}/trivial`, {});
  const commits = await commitRate(database.url);
  const loginBody = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(person.credentials) } as const;
  const list = (change: Partial<autocannon.Options> = {}) => load(`${api}/bots?limit=${BOTS}`, { headers: { authorization: person.authorization }, ...change });
  await list({ duration: 2 });
  const lists = await list();
  const before = await transactions(database.url);
  const orders = await loadOrders(api, people);
  const perOrder = ((await transactions(database.url)) - before) / (orders.perSecond * seconds);
  const listsAlone = await list({ connections: 1 });
  const hashes = await load(`${bare}/hash`, { connections: LOGINS_AT_ONCE });
  const logins = await load(`${api}/auth/login`, { ...loginBody, connections: LOGINS_AT_ONCE });
  const [listsMeanwhile] = await Promise.all([list({ connections: 1 }), load(`${api}/auth/login`, { ...loginBody, connections: LOGINS_AT_ONCE })]);

  const per = (measured: Measured, other: Measured): string => (measured.perSecond / other.perSecond).toPrecision(2);
  const row = (name: string, measured: Measured, ...ratios: readonly string[]): void =>
    console.log(
      [
        name.padEnd(44),
        measured.perSecond.toFixed(0).padStart(7),
        measured.p50.toFixed(1).padStart(8),
        measured.p99.toFixed(1).padStart(8),
        (measured.cpuMs?.toFixed(2) ?? '').padStart(8),
        ...ratios.map((ratio) => ratio.padStart(12)),
      ].join(' '),
    );
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}; ${seconds} s and ${connections} connections a load`,
  );
  console.log(
    isPinned ? 'server on core 0; load, PostgreSQL (fsync on) on the others' : 'one server process, not pinned: there is no taskset or one core only',
  );
  console.log(`${''.padEnd(44)} req/s   p50 ms   p99 ms   cpu ms  of Fastify's   of commits`);
  row('bare Fastify, trivial route', trivial, '1.00', per(trivial, commits));
  row('PostgreSQL, single-row commits', commits, per(commits, trivial), '1.00');
  row(`list of ${BOTS} bots`, lists, per(lists, trivial), per(lists, commits));
  row('market order on the paper venue, filled', orders, per(orders, trivial), per(orders, commits));
  console.log(`an order takes ${perOrder.toFixed(1)} transactions, the sweeps of the server meanwhile included`);
  row(`bare password hash, ${LOGINS_AT_ONCE} at once`, hashes, per(hashes, trivial), per(hashes, commits));
  row(`login, ${LOGINS_AT_ONCE} at once`, logins, per(logins, trivial), per(logins, commits));
  console.log('cpu ms: processor time of the server for one request; a core of its own does 1000 divided by it in a second');
  console.log(`login is ${per(logins, hashes)} of the bare hash rate`);
  row(`list of ${BOTS} bots, one after another`, listsAlone);
  row('the same while logins run', { ...listsMeanwhile, cpuMs: null });
} finally {
  await endOf(server);
  await database.close();
  rmSync(work, { recursive: true, force: true });
}

function startServer(): ChildProcess {
  const profile = values['profile-to'];
  const child = fork(join(import.meta.dirname, 'api-server.ts'), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATABASE_URL: database.url,
      ARGOSY_DATA_DIR: join(work, 'server'),
      ARGOSY_ROLES: 'api,bots',
      ARGOSY_VENUE_URLS: '{"paper":"demo"}',
      ARGOSY_MASTER_KEY: '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f',
      ARGOSY_JWT_SECRET: 'only for benchmarks: abcdefghijklmnopqrstuvwxyz',
    },
  });
  // Its log goes where a container's would: out of the process, to somebody who reads it.
  child.stdout?.pipe(createWriteStream(join(work, 'server.log')));
  if (isPinned) spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '0', String(child.pid)]);
  return child;
}

function addressesOf(child: ChildProcess): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    child.once('message', (addresses) => resolve(addresses as Addresses));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} while starting`)));
  });
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Every answer must be a good one: a refused request is quick and proves nothing. */
async function load(url: string, options: Partial<autocannon.Options>, duration = seconds): Promise<Measured> {
  const from = await cpuUsed();
  const result = await autocannon({ url, connections, duration, timeout: 30, ...options });
  const cpuMs = ((await cpuUsed()) - from) / 1_000 / result['2xx'];
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`);
  return { perSecond: result['2xx'] / result.duration, p50: result.latency.p50, p99: result.latency.p99, cpuMs };
}

async function cpuUsed(): Promise<number> {
  return ((await (await fetch(`${addresses.bare}/cpu`)).json()) as { readonly used: number }).used;
}

/** Each connection is another user with an account of its own, who buys and sells in turn. */
function loadOrders(api: string, people: readonly Person[]): Promise<Measured> {
  const waiting = [...people];
  const setupClient = (client: autocannon.Client): void => {
    const person = waiting.shift() ?? people[0];
    if (person === undefined) return;
    const order = (side: string) => ({
      method: 'POST' as const,
      path: '/api/v1/orders',
      headers: { authorization: person.authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ account_id: person.accountId, symbol: 'BTC/USDT', side, type: 'market', quantity: '0.001' }),
    });
    client.setRequests([order('buy'), order('sell')]);
  };
  return load(`${api}/orders`, { setupClient });
}

/** How many the database has seen; told by its servers within a second. */
async function transactions(url: string): Promise<number> {
  await wait(1_500);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>('select sum(xact_commit) as count from pg_stat_database');
  await client.end();
  return Number(rows[0]?.count);
}

async function commitRate(url: string): Promise<Measured> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  await pool.query('create table bench_commits (number bigint generated always as identity primary key, note text not null)');
  const tookMs: number[] = [];
  const endAt = performance.now() + seconds * 1_000;
  const insert = { name: 'bench', text: 'insert into bench_commits (note) values ($1)', values: ['a row such as any'] };
  const work = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const from = performance.now();
      await pool.query(insert);
      tookMs.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await pool.end();
  const sorted = tookMs.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { perSecond: tookMs.length / seconds, p50: at(0.5), p99: at(0.99), cpuMs: null };
}

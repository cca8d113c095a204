/** Health of a real server on a real database that is stopped, killed and let go on again. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { openStore } from '#adapters/store/store.ts';
import { aesVault } from '#adapters/vault.ts';
import { LOOK_PATIENCE_MS } from '#app/operations/health.ts';
import { parseConfig } from '#config';
import type { Store } from '#core/store/store.ts';
import { buildMonitor } from '#edges/http/monitor.ts';
import { buildHttp } from '#edges/http/server.ts';
import { openWatch, watchOf } from '#roles/_watch.ts';
import { memoryJobs } from '#test/support/memory-jobs.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';

/** An answer has to leave within two seconds, of which this is left for the way. */
const WAY_MS = 500;

let directory: string;
let server: EmbeddedPostgres;
let store: Store;
let http: FastifyInstance;
let monitor: FastifyInstance;
let address: string;
const lines: KeptLine[] = [];

/** Past the store, which has no way to do it. */
async function onServer(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-health-'));
  const log = quietLog(lines);
  server = await startEmbeddedPostgres({ dataDir: directory, log, isDurable: false });
  store = await openStore({ url: server.url, log, maxConnections: 5 });
  const config = parseConfig({ environment: { ARGOSY_DATA_DIR: directory }, directory, isContainer: false });
  const watch = openWatch(config, '9.8.7', {
    store,
    clock: systemClock,
    venues: new Map(),
    bus: memoryBus(log),
    logLevel: { get: () => 'info', set: () => undefined },
  });
  const parts = {
    store,
    log,
    venues: new Map(),
    requestCounter: memoryCounter(systemClock),
    candleHistory: diskHistory(join(directory, 'history')),
    strategies: new Map(),
    clock: systemClock,
    ids: randomIds,
    bus: memoryBus(log),
    actors: asyncActorScope(),
    jobs: async () => memoryJobs(() => systemClock.now()),
    bench: plainBench(new Map()),
    vault: aesVault('0'.repeat(64)),
    passwords: { hash: async () => '', matches: async () => false },
    jwtSecret: 'a secret for tests that is long enough',
    version: '9.8.7',
    startedAt: systemClock.now(),
    roles: ['api'],
    databaseKind: 'embedded' as const,
    isLoopback: true,
    registration: null,
    ...watchOf({ config, watch }),
  };
  http = await buildHttp(parts);
  monitor = await buildMonitor(parts);
  address = await http.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await http.close();
  await monitor.close();
  await store.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Every process of the database: the server and those it has begun. */
function processes(): readonly number[] {
  const postmaster = Number(readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(Number);
  return [postmaster, ...children.filter((pid) => pid > 0)];
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // One that has ended since needs no signal.
    }
  }
}

async function get(path: string) {
  const answer = await fetch(address + path);
  const body = (await answer.json()) as { status: string; checks: Record<string, string>; details?: { name: string; figures: Record<string, unknown> }[] };
  return { status: answer.status, body };
}

describe('while the database works', () => {
  it('tells every dependency with its figures', async () => {
    const { status, body } = await get('/health');
    expect(status).toBe(200);
    expect(body.status).toBe('ok');
    expect(body.checks).toEqual({ database: 'ok', bus: 'ok', disk: 'ok', clock: 'ok', outbox: 'ok', deliveries: 'ok', trading: 'ok', venues: 'ok' });
    const figures = Object.fromEntries((body.details ?? []).map((detail) => [detail.name, detail.figures]));
    expect(figures).toMatchObject({
      disk: { free_bytes: expect.any(Number) },
      clock: { skew_ms: expect.any(Number) },
      outbox: { depth: 0 },
      trading: { mode: 'trading' },
    });
    expect(Math.abs(Number(figures['clock']?.['skew_ms']))).toBeLessThan(2_000);
  });

  it('says so while the installation observes only, and stays ready', async () => {
    await store.operations.setObserving({ since: systemClock.now(), reason: 'a test' });
    await until(async () => (await get('/health')).body.checks['trading'] === 'degraded', 'health says so');
    expect((await get('/health')).body.status).toBe('degraded');
    expect((await get('/health/ready')).status).toBe(200);
    await store.operations.setObserving(null);
    await until(async () => (await get('/health')).body.status === 'ok', 'health says so');
  });

  it('says so when facts could not be told and were given up on', async () => {
    const userId = randomIds.next();
    const at = systemClock.now();
    await store.users.create({ id: userId, email: 'somebody@example.org', passwordHash: 'hash', at });
    await store.facts.add({ dedupeKey: 'a fact', userId, botId: null, type: 'exchange_error', at, data: {} });
    // The first of this database.
    await store.facts.failed('1', 'nobody listens', { firstPauseMs: 1, longestPauseMs: 1, tries: 1 });
    await until(async () => (await get('/health')).body.checks['outbox'] === 'degraded', 'health says so');
    const { body } = await get('/health');
    expect(body.details?.find(({ name }) => name === 'outbox')).toMatchObject({
      detail: 'facts could not be told in many tries; the log names each',
      figures: { depth: 0, parked: 1 },
    });
    expect((await monitor.inject('/metrics')).body.split('\n')).toContain('argosy_outbox_parked 1');
    await onServer('update facts set told_at = at');
    await until(async () => (await get('/health')).body.status === 'ok', 'health says so');
  });

  it('tells the figures of the installation to Prometheus', async () => {
    const text = (await monitor.inject('/metrics')).body;
    for (const line of ['argosy_database_up 1', 'argosy_outbox_depth 0', 'argosy_runs_quarantined 0', 'argosy_observe_only 0'])
      expect(text.split('\n')).toContain(line);
  });
});

describe('while the database is stopped and answers nothing', () => {
  it('is alive at once, not ready within two seconds, and well again when it goes on', async () => {
    const pids = processes();
    signal(pids, 'SIGSTOP');
    try {
      const looking = [get('/health/ready'), get('/health')] as const;
      const live = get('/health/live');
      expect(await Promise.race([...looking, live]), 'it waits for nothing').toBe(await live);
      const [ready, health] = await Promise.all(looking);
      expect([(await live).status, ready.status, health.status]).toEqual([200, 503, 503]);
      expect(LOOK_PATIENCE_MS + WAY_MS).toBeLessThanOrEqual(2_000);
      expect(health.body.checks).toMatchObject({ database: 'unavailable', disk: 'ok' });
      // Questions do not pile up behind the one that hangs.
      const more = await Promise.all(Array.from({ length: 20 }, () => get('/health/ready')));
      expect(more.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
      const metrics = await (await fetch(`${address}/metrics`)).text();
      expect(metrics.split('\n')).toContain('argosy_database_up 0');
      expect(metrics).toContain('argosy_build_info{version="9.8.7"} 1');
    } finally {
      signal(pids, 'SIGCONT');
    }
    await until(async () => (await get('/health/ready')).status === 200, 'health says so');
  });
});

describe('when the database is killed', () => {
  it('is not ready until it has been started again', async () => {
    signal(processes(), 'SIGKILL');
    await until(async () => (await get('/health/ready')).status === 503 || lines.some(({ message }) => /has died/.test(message)), 'health says so');
    expect((await get('/health/live')).status).toBe(200);
    await until(async () => (await get('/health/ready')).status === 200, 'health says so');
    expect((await get('/health')).body.checks['database']).toBe('ok');
  });
});

describe('the monitor of a process without an API', () => {
  it('has the paths of health and figures and no other', async () => {
    expect((await monitor.inject('/health/live')).json()).toEqual({ status: 'ok' });
    expect((await monitor.inject('/health/ready')).statusCode).toBe(200);
    expect((await monitor.inject({ url: '/metrics', headers: { 'x-forwarded-for': '203.0.113.7' } })).statusCode).toBe(404);
    expect((await monitor.inject('/api/v1/bots')).statusCode).toBe(404);
  });
});

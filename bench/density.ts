/**
 * Density: how many paper grid bots one process carries. Real supervisor, runs, order desks and PostgreSQL (fsync on);
 * a made-up market ticks once a second on every instrument. `npm run bench:density`, `-- --bots N --instruments N --seconds N`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { openStore } from '#adapters/store/store.ts';
import { aesVault } from '#adapters/vault.ts';
import { PaperExchange } from '#adapters/venues/_paper-exchange.ts';
import { PaperMarket } from '#adapters/venues/_paper-market.ts';
import { PaperSession } from '#adapters/venues/_paper-session.ts';
import { Supervisor } from '#app/fleet/supervisor.ts';
import type { Venue } from '#core/venue-ports.ts';
import { grid } from '#strategies/grid.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { DensityMarket } from './density-market.ts';
import { percentiles, StoreProbe, watchEventLoop } from './density-probe.ts';

const BOTS_PER_ACCOUNT = 50;
const PATIENCE_MS = 1_800_000;

const { values } = parseArgs({
  options: {
    bots: { type: 'string', default: '10000' },
    instruments: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '60' },
    verbose: { type: 'boolean', default: false },
  },
});
const [count, instrumentCount, seconds] = [Number(values.bots), Number(values.instruments), Number(values.seconds)];
const work = mkdtempSync(join(tmpdir(), 'argosy-density-'));
const log = quietLog();
const database = await startEmbeddedPostgres({ dataDir: work, log });
const probe = new StoreProbe(await openStore({ url: database.url, log }));
const { store } = probe;
const prices = new DensityMarket(systemClock, instrumentCount);

/** When the newest price of each symbol came, and how long after the price that filled its bot's order each order was handed to the venue. */
const tickedAt = new Map<string, number>();
let delays: number[] = [];
const market = new PaperMarket({ clock: systemClock, log, real: null, demo: prices, isInUse: () => true });
const exchange = new PaperExchange({ clock: systemClock, log, books: booksOf(store), market, idPrefix: 'd-' });
const venue: Venue = {
  id: 'paper',
  title: 'Paper trading',
  credentials: [],
  capabilities: {
    markets: ['spot'],
    walletsApart: false,
    orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    privateStream: true,
    cancelAll: false,
    deadMansSwitch: null,
    requestWindowMs: 5000,
    absenceMarginMs: 0,
  },
  market,
  isLocal: true,
  session: ({ accountId, owner }) => {
    const session = new PaperSession({ account: { accountId, owner: owner ?? null }, paper: exchange, clock: systemClock });
    const [place, listen] = [session.place.bind(session), session.listen.bind(session)];
    let causeAt: number | null = null;
    session.listen = (handlers) =>
      listen({
        ...handlers,
        onFill: (fill) => {
          causeAt ??= tickedAt.get(fill.symbol) ?? null;
          handlers.onFill(fill);
        },
      });
    session.place = (order, window) => {
      if (causeAt !== null) delays.push(performance.now() - causeAt);
      // All orders of one step are sent in the same turn.
      queueMicrotask(() => {
        causeAt = null;
      });
      return place(order, window);
    };
    return session;
  },
  close: async () => exchange.close(),
};
for (const symbol of prices.symbols) market.watchQuotes(symbol, () => tickedAt.set(symbol, performance.now()));

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
await createBots();
globalThis.gc?.();
const emptyMemory = memory();
const startedAt = performance.now();
const supervisor = new Supervisor(
  {
    store,
    clock: systemClock,
    ids: randomIds,
    log,
    bus: memoryBus(log),
    vault: aesVault('0'.repeat(64)),
    venues: new Map([[venue.id, venue]]),
    strategies: new Map([[grid.name, grid]]),
    botTypes: null,
    owner: randomIds.next(),
    self: { host: 'bench', pid: process.pid, version: 'bench', roles: ['bots'] },
  },
  await store.installation(),
);
const starting = supervisor.start();
await untilRunning();
await starting;
const startSeconds = (performance.now() - startedAt) / 1000;
console.log(`${count} bots started in ${startSeconds.toFixed(0)} s`);
if (values.verbose) console.log(probe.lines(startSeconds).join('\n'));
await untilSettled();
console.log(`all their orders rest at the venue after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
prices.start();
await wait(15_000);
await measure();
await supervisor.close();
await prices.close();
await store.close();
await database.close();
rmSync(work, { recursive: true, force: true });

async function measure(): Promise<void> {
  globalThis.gc?.();
  delays = [];
  const [ticks, cpu, wall] = [prices.ticks, process.cpuUsage(), performance.now()];
  probe.reset();
  const eventLoop = watchEventLoop();
  let peak = 0;
  for (let second = 0; second < seconds; second += 1) {
    await wait(1000);
    peak = Math.max(peak, memory().total);
  }
  const used = process.cpuUsage(cpu);
  const elapsed = performance.now() - wall;
  const cores = (used.user + used.system) / 1000 / elapsed;
  const { total } = memory();
  const gib = 2 ** 30;
  console.log(`${((prices.ticks - ticks) / (elapsed / 1000)).toFixed(0)} ticks/s, ${delays.length} orders in ${(elapsed / 1000).toFixed(0)} s`);
  console.log(`tick to order at the venue's door, durable intent included: ${percentiles(delays)}`);
  console.log(`processor: ${cores.toFixed(2)} cores (database apart), ${(count / cores).toFixed(0)} bots a core`);
  console.log(
    `memory: ${(total / gib).toFixed(2)} GiB (peak ${(peak / gib).toFixed(2)}), ${((total - emptyMemory.total) / count / 1024).toFixed(0)} KiB a bot, ${(count / (total / gib)).toFixed(0)} bots a GiB`,
  );
  console.log(eventLoop());
  console.log(`the store, waiting for a connection included:\n${probe.lines(elapsed / 1000).join('\n')}`);
}

function memory(): { readonly total: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  return { total: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024 };
}

async function createBots(): Promise<void> {
  const config = { lower_price: '95', upper_price: '105', levels: 11, investment: '200' };
  for (let first = 0; first < count; first += BOTS_PER_ACCOUNT) {
    const userId = randomIds.next();
    const accountId = randomIds.next();
    await store.users.create({ id: userId, email: `bench${first}@example.org`, passwordHash: 'none', at: systemClock.now() });
    await store.accounts.create({
      id: accountId,
      userId,
      name: 'Paper',
      exchange: 'paper',
      sealed: '',
      keyVersion: 0,
      keyHint: '',
      createdAt: systemClock.now(),
    });
    for (let index = first; index < Math.min(count, first + BOTS_PER_ACCOUNT); index += 1) {
      const id = randomIds.next();
      const symbol = prices.symbols[index % prices.symbols.length] ?? '';
      await store.bots.create({ id, userId, accountId, name: `Bot ${index}`, strategy: 'grid', symbol, mode: 'paper', config, at: systemClock.now() });
      await store.bots.setDesired(userId, id, 'running', systemClock.now());
    }
  }
}

/** A bot runs before all of its grid is placed; while prices stand still, whoever has nothing left to place commits nothing. */
async function untilSettled(): Promise<void> {
  do {
    probe.reset();
    await wait(3_000);
  } while (probe.countOf('commit') > 0);
}

async function untilRunning(): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const counts = await store.bots.countByStatus();
    if ((counts.running ?? 0) === count) return;
    if ((counts.error ?? 0) > 0) throw new Error(`bots in error: ${JSON.stringify(counts)}`);
    if (performance.now() > endsAt) throw new Error(`not all bots run: ${JSON.stringify(counts)}`);
    if (process.stdout.isTTY) process.stdout.write(`\r${JSON.stringify(counts)}   `);
    await wait(1000);
  }
}

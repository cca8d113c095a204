/**
 * Decision to wire: from the moment a frame of market data is read to the first byte of the order it causes, with the
 * intent made durable (fsync on) in between. 500 live bots in one process on a simulated Binance in another:
 * `npm run bench:wire`, `-- --bots N` for another number.
 */
import { channel } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
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
import { binance } from '#adapters/venues/binance.ts';
import { Supervisor } from '#app/fleet/supervisor.ts';
import { sealCredentials } from '#app/people/credentials.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import { type Simulator, startSimulator } from '#test/crash/processes.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { QUOTES_ONLY } from '#test/support/quotes-only.ts';
import { wireStrategy } from './wire-strategy.ts';

const START_PRICE = 60_000;
const STEP = 2;
const PATIENCE_MS = 120_000;
const LOOK_MS = 50;

const { values } = parseArgs({ options: { bots: { type: 'string', default: '500' } } });
const count = Number(values.bots);
const work = mkdtempSync(join(tmpdir(), 'argosy-wire-'));
const log = quietLog();
const database = await startEmbeddedPostgres({ dataDir: work, log });
const store = await openStore({ url: database.url, log });
const simulator = await startSimulator({ seed: 1, walkMs: 0 });
const vault = aesVault('0'.repeat(64));

/** When the newest quote was read from its frame, and when each order's request began to be written. */
let frameReadAt = 0;
const writtenAt: number[] = [];
channel('undici:client:sendHeaders').subscribe((message) => {
  const { request } = message as { readonly request: { readonly method: string; readonly path: string } };
  if (request.method === 'POST' && request.path.startsWith('/api/v3/order')) writtenAt.push(performance.now());
});

const venue = timed(binance.open({ clock: systemClock, ids: randomIds, log, url: simulator.url, urls: { binance: simulator.url }, books: booksOf(store) }));
const userId = randomIds.next();
await createBots(store, simulator);
const supervisor = new Supervisor(
  {
    store,
    clock: systemClock,
    ids: randomIds,
    log,
    bus: memoryBus(log),
    vault,
    venues: new Map([[venue.id, venue]]),
    strategies: new Map([[wireStrategy.name, wireStrategy]]),
    botTypes: null,
    owner: randomIds.next(),
    self: { host: 'bench', pid: process.pid, version: 'bench', roles: ['bots'] },
  },
  await store.installation(),
);
await supervisor.start();
await until('all bots run', async () => ((await store.bots.countByStatus()).running ?? 0) === count);
const delays = await measure();
const at = (share: number): string => `${(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0).toFixed(2)} ms`;
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}; ${count} live bots in one process, ${delays.length} orders`,
);
console.log(`decision to wire, durable intent included: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, slowest ${at(1)}`);
await supervisor.close();
await venue.close();
simulator.close();
await store.close();
await database.close();
rmSync(work, { recursive: true, force: true });

/** Raises the price by one bot's threshold after the other. */
async function measure(): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const orders = writtenAt.length;
    await setPrice(START_PRICE + STEP * (index + 1));
    await until('the order is on the wire', async () => writtenAt.length > orders, 1);
    found.push((writtenAt[orders] ?? 0) - frameReadAt);
  }
  return found.sort((a, b) => a - b);
}

/** Notes when quotes are handed over; the rest is the venue's own. */
function timed(inner: Venue): Venue {
  const { market } = inner;
  return {
    ...inner,
    session: (account) => inner.session(account),
    close: () => inner.close(),
    market: {
      ...QUOTES_ONLY,
      instruments: () => market.instruments(),
      quote: (symbol) => market.quote(symbol),
      notice: () => market.notice(),
      close: () => market.close(),
      watchQuotes: (symbol, onQuote) =>
        market.watchQuotes(symbol, (quote) => {
          frameReadAt = performance.now();
          onQuote(quote);
        }),
    },
  };
}

async function createBots(into: Store, { apiKey, secret }: Simulator): Promise<void> {
  await into.users.create({ id: userId, email: 'bench@example.org', passwordHash: 'none', at: systemClock.now() });
  const accountId = randomIds.next();
  const keys = sealCredentials(vault, userId, accountId, 'binance', { apiKey, apiSecret: secret, passphrase: null });
  await into.accounts.create({ id: accountId, userId, name: 'Simulated', exchange: 'binance', ...keys, createdAt: systemClock.now() });
  await setPrice(START_PRICE);
  for (let index = 0; index < count; index += 1) {
    const id = randomIds.next();
    const config = { trigger_price: String(START_PRICE + STEP * (index + 1)) };
    await into.bots.create({ id, userId, accountId, name: `Bot ${index}`, strategy: 'wire', symbol: 'BTC/USDT', mode: 'live', config, at: systemClock.now() });
    await into.bots.setDesired(userId, id, 'running', systemClock.now());
  }
}

async function setPrice(price: number): Promise<void> {
  await fetch(`${simulator.url}/__truth/price`, { method: 'POST', body: JSON.stringify({ symbol: 'BTC/USDT', price: String(price) }) });
}

async function until(what: string, isTrue: () => Promise<boolean>, lookMs = LOOK_MS): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (performance.now() > endsAt) throw new Error(`waited in vain until ${what}`);
    await wait(lookMs);
  }
}

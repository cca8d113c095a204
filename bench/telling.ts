/**
 * Telling users of signals: 2,000 users with choices of their own, one signal after the other, on an embedded database; the statement that makes
 * the facts of an opening and of a close, and the relay that puts them into the lists. `npm run bench:telling`, `-- --users 10000`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { openStore } from '#adapters/store/store.ts';
import { Relay } from '#app/notices/relay.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { closedData, openedData } from '#core/signals/telling.ts';
import type { Store } from '#core/store/store.ts';
import { quietLog } from '#test/support/quiet-log.ts';

const { values } = parseArgs({ options: { users: { type: 'string', default: '2000' }, signals: { type: 'string', default: '20' } } });
const [users, signals] = [Number(values.users), Number(values.signals)];
const TITLE = { en: 'Bench', ru: 'Замер' };
/** Each user mutes so many coins. */
const MUTED = 100;

const work = mkdtempSync(join(tmpdir(), 'argosy-telling-'));
const database = await startEmbeddedPostgres({ dataDir: work, log: quietLog() });
const store = await openStore({ url: database.url, log: quietLog() });
try {
  await populate(database.url);
  await measure(store);
} finally {
  await store.close();
  await database.close();
  rmSync(work, { recursive: true, force: true });
}

async function populate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const text of [
    `insert into users (id, email, password_hash, role, created_at) select 'u' || n, 'u' || n || '@example.org', 'hash', 'user', 0 from generate_series(1, ${users}) n`,
    `insert into subscriptions (user_id, plan, source, since, changed_at) select 'u' || n, 'vip', 'code', 0, 0 from generate_series(1, ${users}) n`,
    `insert into signal_choices (user_id, choices, changed_at) select 'u' || n, json_build_object('minNetPercent', '0.1', 'minSizeQuote', null,
       'mutedBases', (select json_agg('M' || m) from generate_series(1, ${MUTED}) m), 'mutedVenues', '[]'::json, 'mutedScanners', '[]'::json, 'watchedBases', '[]'::json), 0
     from generate_series(1, ${users}) n`,
    'analyze',
  ])
    await client.query(text);
  await client.end();
}

async function measure({ signals: kept, signalTellings: tellings, leases, notices, facts }: Store): Promise<void> {
  const lease = await leases.acquire('scanner:signals', 'bench', 600_000);
  if (lease === null) throw new Error('the lease is held by another');
  const relay = new Relay({ store: { notices, facts }, clock: systemClock, log: quietLog(), bus: memoryBus(quietLog()), channels: [] });
  const took: Readonly<Record<'opened' | 'closed' | 'spread', number[]>> = { opened: [], closed: [], spread: [] };
  const timed = async (what: keyof typeof took, work: () => Promise<number>): Promise<void> => {
    const begun = performance.now();
    const told = await work();
    took[what].push(performance.now() - begun);
    if (told !== users) throw new Error(`${what}: ${told} of ${users} users were told`);
  };
  const at = systemClock.now();
  for (let number = 0; number < signals; number += 1) {
    const signal = aSignal({ id: `s${number}`, base: `C${number}`, openedAt: at, updatedAt: at });
    await kept.keep(lease, { signals: [signal], points: [], outcomes: [] });
    await timed('opened', () => tellings.tellOpened({ signal, data: openedData(signal, TITLE, 0), at }, 0));
    await timed('spread', () => relay.deliver());
    const over = aSignal({ ...signal, version: 2, state: 'closed', closedAt: at, closeReason: 'spread_gone' });
    await kept.keep(lease, { signals: [over], points: [], outcomes: [] });
    await timed('closed', () => tellings.tellClosed({ signal: over, data: closedData(over, TITLE), at }, 0));
    await timed('spread', () => relay.deliver());
  }
  console.log(`${users} users, ${signals} signals, load ${loadavg()[0]?.toFixed(1)}`);
  for (const [what, times] of Object.entries(took)) {
    const sorted = times.toSorted((one, other) => one - other);
    console.log(`${what.padEnd(8)} median ${(sorted[sorted.length >> 1] ?? 0).toFixed(0)} ms, worst ${(sorted.at(-1) ?? 0).toFixed(0)} ms`);
  }
}

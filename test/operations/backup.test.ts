/**
 * Backup, restore, observe only, resume: on real databases, with a fleet whose orders rest at a venue that remembers.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { EPOCH_GAP, NUMBER_GAP, readKeys, restoreBackup } from '#adapters/store/backup/restore.ts';
import { TABLES } from '#adapters/store/backup/tables.ts';
import { writeBackup } from '#adapters/store/backup/write.ts';
import { openStore } from '#adapters/store/store.ts';
import { parseClientOrderId } from '#core/client-order-id.ts';
import { createTestDatabase, createTestStore, type TestDatabase } from '#test/support/database.ts';
import { Fleet } from '#test/support/fleet.ts';
import { quietLog } from '#test/support/quiet-log.ts';

const PASSPHRASE = 'a passphrase for tests';
const KEYS = { masterKey: Buffer.alloc(32, 7).toString('base64'), jwtSecret: Buffer.alloc(32, 9).toString('base64') };
const AT = 1_700_000_000_000;

let directory: string;
let fleet: Fleet;
let path: string;
let botId: string;

const backup = (url: string, to: string, onProgress: (share: number) => void = () => undefined) =>
  writeBackup({ url, path: to, keys: KEYS, passphrase: PASSPHRASE, version: '1.2.3', at: AT, onProgress });
const restore = (url: string, from = path, passphrase = PASSPHRASE) =>
  restoreBackup({ url, path: from, passphrase, at: systemClock.now(), onProgress: () => undefined });

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** Every row of every table, as text; what a restore changes on purpose is left out by column. */
async function contents(
  database: TestDatabase,
  without: Readonly<Record<string, readonly string[]>> = {},
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  for (const table of TABLES) {
    const rows = await database.query<{ row: Record<string, unknown> }>(`select to_json(t) as row from ${table} t`);
    found[table] = rows
      .map(({ row }) => JSON.stringify(Object.fromEntries(Object.entries(row).filter(([column]) => without[table]?.includes(column) !== true))))
      .sort();
  }
  return found;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-backup-'));
  path = join(directory, 'argosy.backup');
  fleet = await Fleet.open();
  const { store } = fleet;
  const bot = await fleet.startGrid();
  botId = bot.id;
  await fleet.until(
    'the grid stands',
    async () => (await fleet.bot(botId)).status === 'running' && (await fleet.orders(botId)).some(({ state }) => state === 'accepted'),
  );
  await fleet.until('the books agree with the venue', () => fleet.agrees(botId));
  await store.refreshTokens.insert({ id: randomIds.next(), userId: fleet.userId, familyId: 'family', tokenHash: 'hash', expiresAt: AT });
  // What COPY has to write with care, and a name that no encoding may harm.
  await store.bots.create({
    id: randomIds.next(),
    userId: fleet.userId,
    accountId: fleet.accountId,
    name: 'tab\tback\\slash\nline \\. Сетка 🚢 "quotes"',
    strategy: 'grid',
    symbol: 'ETH/USDT',
    mode: 'paper',
    config: { note: 'x'.repeat(200_000), end: '\\.' },
    at: AT,
  });
});

afterAll(async () => {
  await fleet?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a backup', () => {
  it('is one file for its owner alone, taken while everything runs, and tells how far it is', async () => {
    const shares: number[] = [];
    const report = await backup(fleet.database.url, path, (share) => shares.push(share));
    expect((await fleet.bot(botId)).status).toBe('running');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(report.bytes).toBe(statSync(path).size);
    expect(report.rows).toMatchObject({ users: 1, exchange_accounts: 1, bots: 2, runs: 1, installation: 1 });
    expect(Object.keys(report.rows).sort()).toEqual(TABLES.filter((name) => !['refresh_tokens', 'socket_tickets', 'telegram_sessions'].includes(name)).sort());
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it('holds every table of the database', async () => {
    const rows = await fleet.database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'schema_migrations'`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([...TABLES].sort());
  });

  it('shows no key to those without the passphrase', async () => {
    const text = readFileSync(path, 'latin1');
    for (const key of Object.values(KEYS)) expect(text).not.toContain(key);
    expect(await readKeys(path, PASSPHRASE)).toEqual(KEYS);
    await expect(readKeys(path, `${PASSPHRASE}.`)).rejects.toThrow(/passphrase does not open this backup/);
  });

  it('takes the place of no other file', async () => {
    const before = createHash('sha256').update(readFileSync(path)).digest('hex');
    await expect(backup(fleet.database.url, path)).rejects.toThrow(/cannot be written: EEXIST/);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(before);
    await expect(backup(fleet.database.url, join(directory, 'missing', 'x'))).rejects.toThrow(/cannot be written: ENOENT/);
  });
});

describe('a restore', () => {
  it('refuses what is damaged, cut short, or no backup, and leaves the database as it was', async () => {
    const database = await emptyDatabase();
    const spoilt = join(directory, 'spoilt');
    const bytes = readFileSync(path);
    const at = (index: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[index] = (copy[index] ?? 0) ^ 1;
      return copy;
    };
    for (const [content, reason] of [
      [at(bytes.length - 40), /damaged or was changed/],
      [at(bytes.length - 1), /damaged or was changed/],
      [Buffer.concat([bytes, bytes.subarray(0, 10)]), /damaged or was changed/],
      [Buffer.from('something else\n{}\n'), /is no backup of Argosy/],
      [Buffer.from('ARGOSY-BACKUP 1\n{"version":1}\n'.padEnd(200, 'x')), /second line cannot be read/],
    ] as const) {
      writeFileSync(spoilt, content);
      await expect(restore(database.url, spoilt)).rejects.toThrow(reason);
    }
    copyFileSync(path, spoilt);
    truncateSync(spoilt, bytes.length - 1_000);
    await expect(restore(database.url, spoilt)).rejects.toThrow(/damaged/);
    expect((await database.query('select 1 from users')).length).toBe(0);
  });

  it('goes into an empty database only, on which no Argosy works', async () => {
    await expect(restore(fleet.database.url)).rejects.toThrow(/the database is not empty/);
    const used = await createTestStore();
    onTestFinished(() => used.drop());
    await used.store.ping();
    await expect(restore(used.url)).rejects.toThrow(/Argosy is running on this database/);
  });

  it('brings back every row, but what would make two of one', async () => {
    await fleet.halt();
    const second = join(directory, 'second.backup');
    await backup(fleet.database.url, second);
    const database = await emptyDatabase();
    await restore(database.url, second);
    const changed = {
      installation: ['observing_since', 'observing_reason'],
      bots: ['status', 'status_reason'],
      facts: ['told_at', 'claimed_until'],
      deliveries: ['state', 'claimed_until', 'problem'],
      leases: ['owner', 'epoch', 'expires_at'],
      exchange_accounts: ['order_sequence'],
    };
    expect(await contents(database, changed)).toEqual({ ...(await contents(fleet.database, changed)), refresh_tokens: [], runners: [] });
    const [epochs] = await database.query<{ least: number }>('select min(epoch) as least from leases');
    expect(epochs?.least).toBeGreaterThan(EPOCH_GAP);
    expect(await database.query('select 1 from facts where told_at is null')).toEqual([]);
    expect(await database.query("select 1 from deliveries where state = 'waiting'")).toEqual([]);
  });

  it('takes the schema on to the present version', async () => {
    const database = await emptyDatabase();
    await restore(database.url);
    const [mine] = await database.query<{ count: number }>('select count(*)::int as count from schema_migrations');
    const [theirs] = await fleet.database.query<{ count: number }>('select count(*)::int as count from schema_migrations');
    expect(mine).toEqual(theirs);
  });
});

describe('a restored copy', () => {
  it('sends nothing until it is told to, and then goes on where the original was', { timeout: 90_000 }, async () => {
    const database = await emptyDatabase();
    const report = await restore(database.url);
    expect(report.keys).toEqual(KEYS);
    const store = await openStore({ url: database.url, log: quietLog(), maxConnections: 5 });
    const copy = new Fleet({ ...database, store, drop: () => store.close() }, fleet.simulator, 'binance');
    copy.userId = fleet.userId;
    copy.accountId = fleet.accountId;
    onTestFinished(async () => {
      await copy.halt();
      await store.close();
    });
    const acts = () => fleet.simulator.log.list().filter(({ method, path: asked }) => method !== 'GET' && asked.includes('/order')).length;
    const before = acts();
    expect(before, 'the original has placed its grid').toBeGreaterThan(0);
    expect(await store.operations.observing()).toEqual({ since: expect.any(Number), reason: 'restored from a backup of 2023-11-14T22:13:20.000Z' });
    await copy.start();
    await copy.until('it has looked around', () => copy.lines.some(({ message }) => message.startsWith('OBSERVE ONLY')));
    // The price goes through the grid, at which every bot would act.
    fleet.simulator.world.setPrice('BTC/USDT', '61300');
    fleet.simulator.world.setPrice('BTC/USDT', '59100');
    copy.bus.publish('bot_commands', {});
    await copy.until('it was asked again', async () => (await copy.bot(botId)).status === 'starting');
    expect(await copy.bot(botId)).toMatchObject({ desired: 'running', status: 'starting', statusReason: 'waits: this installation observes only' });
    expect(acts()).toBe(before);
    expect((await copy.orders(botId)).some(({ state }) => state === 'cancelling' || state === 'submitting')).toBe(false);

    await store.operations.setObserving(null);
    copy.bus.publish('bot_commands', {});
    await copy.until('the bot runs', async () => (await copy.bot(botId)).status === 'running');
    await copy.until('the books agree with the venue', () => copy.agrees(botId));
    const placed = (await copy.orders(botId)).flatMap(({ clientOrderId }) => parseClientOrderId(clientOrderId) ?? []);
    expect(acts()).toBeGreaterThan(before);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect(new Set((await copy.orders(botId)).map(({ clientOrderId }) => clientOrderId)).size).toBe(placed.length);
    expect(Math.max(...placed.map(({ epoch }) => epoch)), 'it gives names its original cannot have given').toBeGreaterThan(EPOCH_GAP);
    const made = await copy.startGrid({ symbol: 'ETH/USDT', mode: 'paper' });
    expect((await copy.bot(made.id)).number).toBeGreaterThan(NUMBER_GAP);
  });
});

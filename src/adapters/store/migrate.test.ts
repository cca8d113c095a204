/** The schema comes up once, whoever asks first, and is the one that the tables in TypeScript describe. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { applyMigrations, migrate } from './migrate.ts';
import { openStore } from './store.ts';

const HERE = new URL('.', import.meta.url).pathname;

async function emptyDatabase() {
  const database = await createTestDatabase();
  await database.query('drop schema public cascade');
  await database.query('create schema public');
  return database;
}

it('is brought up once when several processes start on an empty database together', async () => {
  const database = await emptyDatabase();
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ url: database.url, log: quietLog(), maxConnections: 2 })));
  const numbers = await Promise.all(stores.map((store) => store.installation()));
  expect(new Set(numbers).size).toBe(1);
  const applied = await database.query('select position, name from schema_migrations order by position');
  expect(applied).toHaveLength(readdirSync(join(HERE, 'migrations')).filter((name) => name.endsWith('.sql')).length);
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

it('changes nothing when nothing is to do', async () => {
  const database = await createTestDatabase();
  const before = await database.query('select * from schema_migrations');
  await migrate(database.url);
  expect(await database.query('select * from schema_migrations')).toEqual(before);
  await database.drop();
});

it('refuses a database that a newer version has made, and changes nothing', async () => {
  const database = await createTestDatabase();
  await database.query(`insert into schema_migrations (position, name) values (9999, 'from_the_future')`);
  await expect(openStore({ url: database.url, log: quietLog() })).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining('start the newer version'),
  });
  await database.drop();
});

it('says that the address is to be corrected when the server does not let us in', async () => {
  const database = await createTestDatabase();
  for (const [part, wrong] of [
    [/:[^:@/]+@/, ':wrong@'],
    [/[^/]+$/, 'no_such_database'],
  ] as const)
    await expect(migrate(database.url.replace(part, wrong))).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('correct DATABASE_URL'),
    });
  await database.drop();
});

it('leaves nothing behind when it fails half-way', async () => {
  const database = await emptyDatabase();
  await database.query('create table runs (in_the_way integer)');
  await expect(migrate(database.url)).rejects.toMatchObject({ name: 'PortError' });
  expect(await database.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([{ tablename: 'runs' }]);
  await database.drop();
});

it('gives what runs of one instrument were promised, and have traded, to that instrument', async () => {
  const database = await emptyDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const legs = readdirSync(join(HERE, 'migrations')).findIndex((name) => name.endsWith('_legs.sql'));
  await applyMigrations(client, 0, legs);
  const recipe = { instrument: { symbol: 'BTC/USDT:USDT' }, limits: { leverage: 5 }, marginMode: 'cross' };
  await client.query(`insert into users values ('u', 'a@example.org', 'hash', 'user', 1);
    insert into exchange_accounts (id, user_id, name, exchange, key_version, created_at) values ('a', 'u', 'Play', 'paper', 0, 1);
    insert into bots (id, user_id, account_id, name, strategy, symbol, mode, config_version, desired, status, status_reason, created_at, updated_at)
      values ('b', 'u', 'a', 'Bot', 'dca', 'BTC/USDT:USDT', 'paper', 1, 'running', 'running', '', 1, 1);
    insert into runs (id, user_id, bot_id, account_id, recipe, started_at) values ('r', 'u', 'b', 'a', '${JSON.stringify(recipe)}', 1);
    insert into run_reservations values ('r', 'USDT', 100);
    insert into run_positions values ('r', 'USDT', -3)`);
  await applyMigrations(client, legs, legs + 1);
  const rows = async (text: string) => (await client.query(text)).rows;
  expect(await rows('select symbol, asset, amount from run_reservations')).toEqual([{ symbol: 'BTC/USDT:USDT', asset: 'USDT', amount: '100' }]);
  expect(await rows('select symbol, asset, amount from run_positions')).toEqual([{ symbol: 'BTC/USDT:USDT', asset: 'USDT', amount: '-3' }]);
  expect(await rows('select * from run_legs')).toEqual([{ run_id: 'r', symbol: 'BTC/USDT:USDT', leverage: 5, margin_mode: 'cross' }]);
  await client.end();
  await database.drop();
});

it('is what the tables in TypeScript describe: nothing is left to generate', () => {
  const draft = mkdtempSync(join(tmpdir(), 'argosy-migrations-'));
  cpSync(join(HERE, 'migrations'), draft, { recursive: true });
  const from = ['--dialect', 'postgresql', '--schema', './src/adapters/store/schema/*.ts', '--out', relative(process.cwd(), draft)];
  const said = execFileSync(process.execPath, ['node_modules/drizzle-kit/bin.cjs', 'generate', ...from], { encoding: 'utf8' });
  expect(said).toContain('No schema changes');
  expect(readdirSync(draft)).toEqual(readdirSync(join(HERE, 'migrations')));
  rmSync(draft, { recursive: true });
}, 60_000);

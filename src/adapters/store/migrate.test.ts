/** The schema comes up once, whoever asks first, and is the one that the tables in TypeScript describe. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { createTestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { migrate } from './migrate.ts';
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

it('is what the tables in TypeScript describe: nothing is left to generate', () => {
  const draft = mkdtempSync(join(tmpdir(), 'argosy-migrations-'));
  cpSync(join(HERE, 'migrations'), draft, { recursive: true });
  const from = ['--dialect', 'postgresql', '--schema', './src/adapters/store/schema/*.ts', '--out', relative(process.cwd(), draft)];
  const said = execFileSync(process.execPath, ['node_modules/drizzle-kit/bin.cjs', 'generate', ...from], { encoding: 'utf8' });
  expect(said).toContain('No schema changes');
  expect(readdirSync(draft)).toEqual(readdirSync(join(HERE, 'migrations')));
  rmSync(draft, { recursive: true });
}, 60_000);

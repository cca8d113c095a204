/**
 * A database of its own for a test file: a copy of the migrated template on the run's one server, in about 50 ms.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openStore } from '#adapters/store/store.ts';
import type { ActorScope } from '#core/audit.ts';
import type { Store } from '#core/store/store.ts';
import { databaseUrl, TEMPLATE } from './global-database.ts';
import { quietLog } from './quiet-log.ts';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL past the store, to look or to spoil. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Gives the database up: ends the connections. Its files go with the server, because dropping one waits for a checkpoint. */
  drop(): Promise<void>;
}

export interface TestStore extends TestDatabase {
  readonly store: Store;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const answer = await fetch(inject('databaseServer'));
  const serverUrl = await answer.text();
  if (!answer.ok) throw new Error(`the test database server did not start: ${serverUrl}`);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await once(serverUrl, `create database ${name} template ${TEMPLATE}`);
  const url = databaseUrl(serverUrl, name);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    url,
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => (await client.query<Row>(text, [...values])).rows,
    drop: () => client.end(),
  };
}

/** The store on a fresh database; `drop` closes it too. */
export async function createTestStore(actors?: ActorScope): Promise<TestStore> {
  const database = await createTestDatabase();
  const store = await openStore({ url: database.url, log: quietLog(), maxConnections: 5, ...(actors === undefined ? {} : { actors }) });
  return {
    ...database,
    store,
    drop: async () => {
      await store.close();
      await database.drop();
    },
  };
}

async function once(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

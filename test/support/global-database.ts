/**
 * One database server for a whole test run, started when the first test file asks for it: files without a database cost
 * nothing. Runs in the test runner's own process and answers the workers on a loopback address. ARGOSY_TEST_DATABASE_URL
 * names another server to use, one that is there for tests alone.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { EmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import type { Log } from '#core/ports.ts';
import { PREFIX } from './global-directory.ts';
import { quietLog } from './quiet-log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers with the address of a database server that has {@link TEMPLATE}. */
    readonly databaseServer: string;
  }
}

/** A database with the present schema, to be copied. */
export const TEMPLATE = 'argosy_template';
/** Inside the directory of the run. */
const FILES = 'database';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<TestServer> | null = null;
  const door = createServer((_request, response) => {
    started ??= start();
    started.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  door.unref();
  const address = door.address();
  project.provide('databaseServer', `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
  return async () => {
    door.close();
    if (started === null) return;
    await (await started).close();
  };
}

interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Loads the launcher only now: a run without a database waits for none of it. */
async function start(): Promise<TestServer> {
  const given = process.env['ARGOSY_TEST_DATABASE_URL'];
  const server = given ? { url: given, close: () => Promise.resolve() } : await startOwn();
  const [{ openStore }, { Client }] = await Promise.all([import('#adapters/store/store.ts'), import('pg')]);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(`drop database if exists ${TEMPLATE}`);
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const store = await openStore({ url: databaseUrl(server.url, TEMPLATE), log: quietLog() });
  await store.close();
  return server;
}

async function startOwn(): Promise<TestServer> {
  const { startEmbeddedPostgres } = await import('#adapters/store/embedded/server.ts');
  await removeAbandoned(startEmbeddedPostgres);
  // Nothing here outlives the run; what a crash keeps is tested on servers of their own.
  return await startEmbeddedPostgres({ dataDir: join(tmpdir(), FILES), log: quietLog(), isDurable: false });
}

/** A run that was killed leaves its server and its files behind, in a directory beside that of this run. */
async function removeAbandoned(startEmbeddedPostgres: (options: { readonly dataDir: string; readonly log: Log }) => Promise<EmbeddedPostgres>): Promise<void> {
  const shared = dirname(tmpdir());
  for (const name of readdirSync(shared)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? process.pid);
    if (isAlive(pid)) continue;
    const files = join(shared, name, FILES);
    const server = existsSync(files) ? await startEmbeddedPostgres({ dataDir: files, log: quietLog() }).catch(() => null) : null;
    await server?.close();
    rmSync(join(shared, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** The address of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  return serverUrl.replace(/\/[^/]*$/, `/${database}`);
}

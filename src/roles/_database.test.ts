/** A start outlasts a database server that comes up after it, as services that are started together do. */
import { connect, createServer, type Server } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { parseConfig } from '#config';
import { createTestDatabase } from '#test/support/database.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { Closing } from './_closing.ts';
import { openDatabase } from './_database.ts';

// The pauses are real: 0.25 and 0.5 s.
vi.setConfig({ testTimeout: 60_000 });
const KEYS = { ARGOSY_MASTER_KEY: 'dhQ4oF3hHIALZzUa02GJDCrBTBQ22ZLWOVOYCmrcsuw=', ARGOSY_JWT_SECRET: 'b1946ac92492d2347c6235b4d2611184-x' };

/** What PostgreSQL answers while it is not ready. */
function startingUp(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** An address that leads to a database from the third caller on: the first is turned away, the second is told to wait. */
async function lateDatabase(url: string): Promise<{ readonly url: string; readonly gate: Server }> {
  const [, credentials = '', host = '', port = '', name = ''] = /^postgresql:\/\/([^@]*)@([^:/]*):(\d+)\/(.*)$/.exec(url) ?? [];
  const directory = decodeURIComponent(host);
  let callers = 0;
  const gate = createServer((client) => {
    client.on('error', () => undefined);
    callers += 1;
    if (callers === 1) client.destroy();
    else if (callers === 2) client.once('data', () => client.end(startingUp()));
    else {
      const server = directory.startsWith('/') ? connect(`${directory}/.s.PGSQL.${port}`) : connect(Number(port), directory);
      server.on('error', () => client.destroy());
      client.pipe(server).pipe(client);
    }
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const address = gate.address();
  return { url: `postgresql://${credentials}@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/${name}`, gate };
}

it('waits for a server that is out of reach or starting, says why, and opens the store', async () => {
  const database = await createTestDatabase();
  const { url, gate } = await lateDatabase(database.url);
  const [closing, lines]: [Closing, KeptLine[]] = [new Closing(), []];
  onTestFinished(async () => {
    await closing.run(quietLog());
    await new Promise((resolve) => gate.close(resolve));
    await database.drop();
  });
  const config = parseConfig({ environment: { ...KEYS, DATABASE_URL: url }, directory: '/', isContainer: false });
  const { store } = await openDatabase(config, 'owner', { log: quietLog(lines), actors: asyncActorScope() }, closing);
  expect(await store.installation()).toBeGreaterThan(0);
  expect(lines.map(({ message }) => message)).toEqual(['waiting for the database', 'waiting for the database']);
  expect(lines[0]?.fields['reason']).toContain('the database cannot be reached');
  expect(lines[1]?.fields['reason']).toBe('the database is not available: the database system is starting up');
});

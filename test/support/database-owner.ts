/**
 * A process that owns a data directory and writes rows, telling each only after it was committed: to be killed by a test.
 * Takes the directory as its argument.
 */
import pg from 'pg';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { quietLog } from './quiet-log.ts';

const { url } = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: quietLog() });
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('create table if not exists written (number integer primary key)');
const last = await client.query<{ last: number }>('select coalesce(max(number), 0) as last from written');
for (let number = (last.rows[0]?.last ?? 0) + 1; ; number += 1) {
  await client.query('insert into written values ($1)', [number]);
  process.stdout.write(`${number}\n`);
}

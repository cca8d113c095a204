/**
 * A database server as a process of its own, for several Argosys at once: `node test/chaos/database.ts <directory>`.
 * Prints one line of JSON with its address when it is ready, and starts its server again when that is killed.
 */
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { quietLog } from '../support/quiet-log.ts';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? 'data', log: quietLog() });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close().then(() => process.exit(0)));

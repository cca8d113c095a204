/**
 * The server that `bench/api.ts` loads: the real parts and roles of one process, with the limits of requests and logins lifted,
 * and beside it what its figures are compared with: a bare Fastify and a bare password hash, on the same core. Says where they listen.
 */
import Fastify from 'fastify';
import { diskHistory } from '#adapters/history/disk.ts';
import { openLog } from '#adapters/log.ts';
import { loadConfig } from '#config';
import { buildHttp } from '#edges/http/server.ts';
import { threadBench } from '#roles/_backtest-bench.ts';
import { Closing } from '#roles/_closing.ts';
import { openParts } from '#roles/_parts.ts';
import { watchOf } from '#roles/_watch.ts';
import { start as startBots } from '#roles/bots.ts';

const UNLIMITED = 1_000_000_000;

const config = loadConfig();
const output = await openLog({ ...config.logs, output: process.stdout, readableFrom: null });
const closing = new Closing();
const parts = await openParts(config, output, 'bench', closing);
const app = await buildHttp({
  ...parts,
  candleHistory: diskHistory(config.data.history),
  roles: config.roles,
  databaseKind: 'server',
  isLoopback: true,
  registration: 'open',
  bench: threadBench(config.data.history),
  limits: {
    requestsPerMinute: { address: UNLIMITED, anonymous: UNLIMITED, free: UNLIMITED, vip: UNLIMITED },
    login: { perAddress: UNLIMITED, perEmail: UNLIMITED, hashesAtOnce: 16 },
  },
  ...watchOf(parts),
});
closing.add('http', () => app.close());
await startBots(parts, closing);

const bare = Fastify();
bare.get('/trivial', async () => ({ hello: 'world' }));
/** Microseconds of processor time that this process has used, all threads. */
bare.get('/cpu', async () => ({ used: process.cpuUsage().user + process.cpuUsage().system }));
const hash = await parts.passwords.hash('correct horse battery');
bare.get('/hash', async () => ({ matches: await parts.passwords.matches('correct horse battery', hash) }));
closing.add('bare', () => bare.close());

const addresses = { app: await app.listen({ host: '127.0.0.1', port: 0 }), bare: await bare.listen({ host: '127.0.0.1', port: 0 }) };
process.send?.(addresses);
process.once('SIGTERM', () => void closing.run(output.log).then(() => process.exit(0)));

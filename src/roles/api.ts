/** The role that serves the HTTP API and the first page. */
import { diskHistory } from '#adapters/history/disk.ts';
import { buildHttp } from '#edges/http/server.ts';
import { threadBench } from './_backtest-bench.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { watchOf } from './_watch.ts';

/** Listens, and returns the address to open. */
export async function start(parts: Parts, closing: Closing): Promise<string> {
  const { config } = parts;
  const { host, port, isLoopback, origins, trustedProxies } = config.http;
  const app = await buildHttp({
    ...parts,
    candleHistory: diskHistory(config.data.history),
    roles: config.roles,
    databaseKind: config.database.url === null ? 'embedded' : 'server',
    isLoopback,
    origins,
    trustedProxies,
    registration: null,
    paymentSecret: config.payments.secret?.reveal() ?? null,
    bench: threadBench(config.data.history),
    ...watchOf(parts),
  });
  closing.add('http', () => app.close());
  return withName(await app.listen({ host, port }), host);
}

/** An address that listens everywhere is opened by the name of this machine. */
function withName(address: string, host: string): string {
  return host === '0.0.0.0' || host === '::' ? address.replace(/\/\/[^/]*:(\d+)$/, '//localhost:$1') : address;
}

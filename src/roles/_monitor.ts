/** Serves figures and health of a process that serves no API, on a port of its own. */
import { buildMonitor } from '#edges/http/monitor.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { watchOf } from './_watch.ts';

/** Listens where a port was given and the process has no other way in. */
export async function startMonitor(parts: Parts, closing: Closing): Promise<void> {
  const { roles, monitor, http } = parts.config;
  if (roles.includes('api') || monitor.port === null) return;
  const server = await buildMonitor({ ...parts, ...watchOf(parts) });
  closing.add('monitor', () => server.close());
  await server.listen({ host: http.host, port: monitor.port });
}

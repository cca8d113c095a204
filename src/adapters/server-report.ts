/** Asks a server of ours on this machine how it is, and whether anybody listens on a port. */
import { createServer } from 'node:net';

const PATIENCE_MS = 4_000;

export interface ServerReport {
  readonly address: string;
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly checks: Readonly<Record<string, string>>;
}

/** `null` when nobody answers there, or somebody else does. */
export async function askServer(host: string, port: number): Promise<ServerReport | null> {
  const address = `http://${host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host}:${port}`;
  try {
    const answer = await fetch(`${address}/health`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    const body: unknown = await answer.json();
    if (typeof body !== 'object' || body === null || !('status' in body) || !('version' in body) || !('uptime_seconds' in body) || !('checks' in body))
      return null;
    return {
      address,
      status: String(body.status),
      version: String(body.version),
      uptimeSeconds: Number(body.uptime_seconds),
      checks: Object.fromEntries(Object.entries(body.checks ?? {}).map(([name, state]) => [name, String(state)])),
    };
  } catch {
    return null;
  }
}

/** The system's code, such as EADDRINUSE, when a port cannot be listened on; `null` when it can. */
export function portFault(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

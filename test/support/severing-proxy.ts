/**
 * A TCP proxy before a database that cuts the connection around one statement: before it arrives, or after it has been
 * carried out and before its answer is back.
 */
import { connect, createServer, type Socket } from 'node:net';

export interface SeveringProxy {
  readonly url: string;
  /** Cuts once, at the next message from the client that contains this text. */
  severAt(text: string, when: 'beforeArrival' | 'beforeAnswer'): void;
  close(): Promise<void>;
}

/** `url` may name a Unix socket directory as host, percent-encoded. */
export async function severingProxy(url: string): Promise<SeveringProxy> {
  const parts = /^postgresql:\/\/([^@]*)@([^:/]*):(\d+)\/(.*)$/.exec(url);
  if (parts === null) throw new Error('not a database address');
  const [, credentials = '', host = '', port = '', database = ''] = parts;
  const target = decodeURIComponent(host);
  let order: { readonly text: string; readonly when: 'beforeArrival' | 'beforeAnswer' } | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = target.startsWith('/') ? connect(`${target}/.s.PGSQL.${port}`) : connect(Number(port), target);
    let isMute = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => {
      const isMeant = order !== null && data.includes(order.text);
      if (isMeant && order?.when === 'beforeArrival') {
        order = null;
        upstream.destroy();
        client.destroy();
        return;
      }
      if (isMeant) {
        order = null;
        isMute = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!isMute) client.write(data);
      else client.destroy();
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `postgresql://${credentials}@127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/${database}`,
    severAt: (text, when) => {
      order = { text, when };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

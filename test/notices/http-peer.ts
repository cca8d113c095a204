/** Web services on loopback that take messages: over HTTP/1 and HTTP/2, with the answers a test wants. */
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

export interface Taken {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export class HttpPeer {
  readonly taken: Taken[] = [];
  /** By the path; where it is silent the answer is 200 and empty. */
  answer: (path: string) => PeerAnswer | 'hang' | 'cut' = () => ({ status: 200 });
  #server: Server | null = null;
  #port = 0;

  async start(): Promise<void> {
    // A connection that is kept is not ended for being idle: on a busy machine a request may be on its way just then.
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        this.taken.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
        const answer = this.answer(path);
        if (answer === 'cut') request.socket.destroy();
        else if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }
}

export class Http2Peer {
  readonly taken: Taken[] = [];
  answer: PeerAnswer = { status: 200 };
  #server: Http2Server | null = null;
  #port = 0;
  readonly #sockets = new Set<Socket>();

  async start(): Promise<void> {
    const server = createHttp2Server();
    server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => undefined);
      stream.on('end', () => {
        this.taken.push({ path: String(headers[':path']), headers, body: Buffer.concat(chunks) });
        stream.respond({ ':status': this.answer.status });
        stream.end(this.answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.#server === null ? resolve() : this.#server.close(() => resolve())));
  }
}

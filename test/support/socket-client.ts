/** A client of our sockets for tests: keeps every message, and waits for one by what it is. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

export interface Message {
  readonly type: string;
  readonly topic?: string;
  readonly key?: string;
  readonly seq?: number;
  readonly epoch?: string;
  readonly mode?: string;
  readonly more?: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly user_id?: string;
  readonly topics?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly items?: readonly { readonly key: string; readonly data: Readonly<Record<string, unknown>> }[];
}

export class SocketClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  /** Settles with the code and the reason when it is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #waiting = new Set<() => void>();
  #seen = 0;

  constructor(url: string, options: { readonly headers?: Readonly<Record<string, string>>; readonly autoPong?: boolean } = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as Message);
      for (const wake of this.#waiting) wake();
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })));
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  /** The status with which the upgrade was refused. */
  async refused(): Promise<{ readonly status: number; readonly body: string }> {
    const [, response] = (await once(this.socket, 'unexpected-response')) as [unknown, IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    this.socket.terminate();
    return { status: response.statusCode ?? 0, body };
  }

  say(message: unknown): this {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this;
  }

  /** The next message after those that were waited for before; rejects when the socket closes first. */
  async next(wanted: (message: Message) => boolean): Promise<Message> {
    const found = await this.#find(wanted, () => this.#seen);
    this.#seen = this.messages.indexOf(found) + 1;
    return found;
  }

  /** A message that has come or will come, whatever was waited for before. */
  any(wanted: (message: Message) => boolean): Promise<Message> {
    return this.#find(wanted, () => 0);
  }

  async #find(wanted: (message: Message) => boolean, from: () => number): Promise<Message> {
    for (;;) {
      const found = this.messages.find((message, at) => at >= from() && wanted(message));
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const ended = await Promise.race([promise.then(() => null), this.closed]);
      this.#waiting.delete(resolve);
      if (ended !== null) throw new Error(`closed with ${ended.code} (${ended.reason}) after ${JSON.stringify(this.messages)}`);
    }
  }

  /** The next message of a type. */
  of(type: string): Promise<Message> {
    return this.next((message) => message.type === type);
  }

  /** The next change of a thing. */
  change(topic: string, key?: string): Promise<Message> {
    return this.next((message) => message.type === 'change' && message.topic === topic && (key === undefined || message.key === key));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

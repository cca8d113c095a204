/** The stream connections of a simulated venue, with the faults that can befall them. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Dialect, Frame, StreamClient, StreamSession } from './_dialect.ts';
import type { Faults, Subject } from './_faults.ts';
import type { World } from './_world.ts';

interface Connection {
  readonly socket: WebSocket;
  readonly kind: 'public' | 'private';
  readonly session: StreamSession;
}

export class Streams {
  readonly #dialect: Dialect;
  readonly #faults: Faults;
  readonly #connections = new Set<Connection>();
  readonly #acceptor = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: 1_048_576 });
  readonly #unlisten: () => void;

  constructor(world: World, dialect: Dialect, faults: Faults) {
    this.#dialect = dialect;
    this.#faults = faults;
    this.#unlisten = world.listen((event) => {
      for (const { session } of this.#connections) session.onEvent(event);
    });
  }

  /** How many connections are open, by kind. */
  count(kind: 'public' | 'private'): number {
    return [...this.#connections].filter((connection) => connection.kind === kind).length;
  }

  /** Subscriptions over all connections. */
  get subscriptions(): number {
    return this.subscriptionsOf();
  }

  /** Subscriptions over the connections of a kind; of all without it. */
  subscriptionsOf(wanted?: 'public' | 'private'): number {
    let count = 0;
    for (const { kind, session } of this.#connections) if (wanted === undefined || kind === wanted) count += session.subscriptions;
    return count;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that gives up while it is refused is no error of ours.
    socket.on('error', () => socket.destroy());
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    const link = new Link(this.#faults);
    const opened = this.#dialect.stream(path, query, link);
    if (opened === null) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    if (this.#faults.strike('stream', connecting(opened.kind), ['refuse']) !== null) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#acceptor.handleUpgrade(request, socket, head, (client) => {
      const connection: Connection = { socket: client, ...opened };
      link.attach(client, opened.kind);
      this.#connections.add(connection);
      client.on('message', (data: Buffer) => opened.session.onMessage(data.toString()));
      client.on('ping', (data: Buffer) => link.pong(data));
      client.on('close', () => {
        this.#connections.delete(connection);
        opened.session.onClose?.();
      });
      client.on('error', () => client.terminate());
    });
  }

  /** Breaks connections without a goodbye; all kinds without `kind`. */
  drop(kind?: 'public' | 'private'): number {
    let dropped = 0;
    for (const connection of [...this.#connections]) {
      if (kind !== undefined && connection.kind !== kind) continue;
      this.#connections.delete(connection);
      connection.socket.terminate();
      connection.session.onClose?.();
      dropped += 1;
    }
    return dropped;
  }

  close(): void {
    this.#unlisten();
    this.drop();
    this.#acceptor.close();
  }
}

/** One client's connection: what the dialect pushes passes the faults here. */
class Link implements StreamClient {
  readonly #faults: Faults;
  #socket: WebSocket | undefined;
  #kind: 'public' | 'private' = 'public';
  #isSilent = false;
  #heldBack: string | Uint8Array | undefined;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  attach(socket: WebSocket, kind: 'public' | 'private'): void {
    this.#socket = socket;
    this.#kind = kind;
  }

  push(frame: Frame): void {
    if (this.#isSilencedBy(frame.subject)) return;
    const subject = { ...frame.subject, stream: this.#kind };
    const fault = this.#faults.strike('stream', subject, ['drop', 'lose', 'duplicate', 'reorder', 'delay']);
    if (fault === null) {
      this.#send(frame.text);
      return;
    }
    if (fault.kind === 'drop') this.#socket?.terminate();
    if (fault.kind === 'delay') setTimeout(() => this.#send(frame.text), fault.ms ?? 0);
    if (fault.kind === 'reorder') this.#heldBack = frame.text;
    if (fault.kind === 'duplicate') {
      this.#send(frame.text);
      this.#send(frame.text);
    }
  }

  answer(message: unknown): void {
    if (!this.#isSilencedBy({ operation: 'answer', symbol: '', clientOrderId: '', account: '' }))
      this.#write(typeof message === 'string' ? message : JSON.stringify(message));
  }

  pong(data: Buffer): void {
    if (!this.#isSilencedBy({ operation: 'pong', symbol: '', clientOrderId: '', account: '' }) && this.#isOpen()) this.#socket?.pong(data);
  }

  /** A connection that has once fallen silent stays so: the peer has to notice. */
  #isSilencedBy(subject: Subject): boolean {
    this.#isSilent ||= this.#faults.strike('stream', { ...subject, stream: this.#kind }, ['silent']) !== null;
    return this.#isSilent;
  }

  #send(text: string | Uint8Array): void {
    this.#write(text);
    const heldBack = this.#heldBack;
    this.#heldBack = undefined;
    if (heldBack !== undefined) this.#write(heldBack);
  }

  #write(text: string | Uint8Array): void {
    if (this.#isOpen()) this.#socket?.send(text);
  }

  #isOpen(): boolean {
    return this.#socket !== undefined && this.#socket.readyState === this.#socket.OPEN;
  }
}

function connecting(stream: 'public' | 'private'): Subject {
  return { operation: 'connect', symbol: '', clientOrderId: '', account: '', stream };
}

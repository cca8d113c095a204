/**
 * One WebSocket of a venue over ccxt's own client, kept open: raw frames in, reconnecting with back-off and jitter, and
 * a watchdog that asks for a sign of life and gives up a socket that stays silent. ccxt's caches and promises for
 * streams are not used: they merge updates, turn amounts into floats and reject promises that nobody holds.
 */
import { Agent } from 'node:http';
import type { Clock, Log } from '#core/ports.ts';
import type { Exchange, ExchangeSocket } from './_exchange.ts';
import type { Pulse } from './_pulse.ts';

/** Asked for a sign of life this often. */
const PROBE_MS = 8_000;
/** Without any frame for this long a socket counts as dead. */
export const SILENCE_MS = 20_000;
const CONNECT_MS = 8_000;
const FIRST_BACK_OFF_MS = 200;
export const LONGEST_BACK_OFF_MS = 15_000;
/** A connection that lasted this long was healthy: the next back-off starts small again. */
const HEALTHY_MS = 10_000;

/** What a link does for its owner. */
export interface Wire {
  send(frame: unknown): void;
  /** The stream delivers from now on. */
  ready(): void;
  /** Gives up this connection and tries another. */
  drop(reason: string): void;
}

export interface LinkOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** An instance used by this link alone. */
  readonly open: () => Promise<Exchange>;
  readonly url: (exchange: Exchange) => string | Promise<string>;
  /** Right after each connect: log in, subscribe. */
  readonly greet: (wire: Wire, exchange: Exchange) => void | Promise<void>;
  readonly onFrame: (frame: unknown, wire: Wire) => void;
  readonly onState: (state: 'up' | 'down') => void;
  /** A harmless request that the venue answers. */
  readonly probe: unknown;
  readonly pulse?: Pulse | undefined;
}

export class Link {
  readonly #options: LinkOptions;
  #exchange: Exchange | null = null;
  #current: ExchangeSocket | null = null;
  #wire: Wire | null = null;
  #isUp = false;
  #isClosed = false;
  #failures = 0;
  #connectedAt = 0;
  #lastFrameAt = 0;
  #callOff: () => void = () => undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    options.pulse?.stream(this, false);
    void this.#connect();
  }

  /** Whether what is sent now reaches the venue. */
  get isOpen(): boolean {
    return this.#wire !== null;
  }

  /** Sends when connected; otherwise the next greeting has to cover it. */
  send(frame: unknown): void {
    this.#wire?.send(frame);
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
    this.#abandon();
    this.#options.pulse?.gone(this);
  }

  async #connect(): Promise<void> {
    try {
      this.#exchange ??= this.#hook(await this.#options.open());
      if (this.#isClosed) return;
      const exchange = this.#exchange;
      const url = await this.#options.url(exchange);
      if (this.#isClosed) return;
      const socket = exchange.client(url);
      this.#current = socket;
      this.#later(CONNECT_MS, () => this.#lost(socket, 'no connection in time'));
      socket.connect();
    } catch (error) {
      this.#lost(this.#current, error instanceof Error ? error.message : 'cannot connect');
    }
  }

  /** ccxt calls these hooks for each of its sockets; those of a connection that was given up are ignored. */
  #hook(exchange: Exchange): Exchange {
    // The class's own, not what an earlier link has put in their place.
    const { onError, onClose } = Object.getPrototypeOf(exchange) as Exchange;
    exchange.handleMessage = (socket, frame) => this.#receive(socket, frame);
    exchange.onConnected = (socket) => this.#greet(socket, exchange);
    exchange.onError = (socket, error) => {
      onError.call(exchange, socket, error);
      this.#lost(socket, error.message);
    };
    exchange.onClose = (socket, event) => {
      onClose.call(exchange, socket, event);
      this.#lost(socket, 'closed by the venue');
    };
    return exchange;
  }

  #greet(socket: ExchangeSocket, exchange: Exchange): void {
    if (socket !== this.#current) return;
    const wire: Wire = {
      send: (frame) => {
        socket.send(frame).catch((error: unknown) => this.#lost(socket, error instanceof Error ? error.message : 'cannot send'));
      },
      ready: () => this.#ready(socket),
      drop: (reason) => this.#lost(socket, reason),
    };
    this.#wire = wire;
    this.#connectedAt = this.#options.clock.now();
    this.#lastFrameAt = this.#connectedAt;
    this.#watch(socket, wire);
    Promise.resolve()
      .then(() => this.#options.greet(wire, exchange))
      .catch((error: unknown) => this.#lost(socket, error instanceof Error ? error.message : 'cannot greet'));
  }

  #ready(socket: ExchangeSocket): void {
    if (socket !== this.#current || this.#isUp) return;
    this.#isUp = true;
    this.#options.pulse?.stream(this, true);
    this.#options.log.info({ stream: this.#options.name }, 'stream is up');
    this.#options.onState('up');
  }

  #receive(socket: ExchangeSocket, frame: unknown): void {
    if (socket !== this.#current || this.#wire === null) return;
    this.#lastFrameAt = this.#options.clock.now();
    this.#options.pulse?.contact(this.#lastFrameAt);
    try {
      this.#options.onFrame(frame, this.#wire);
    } catch (error) {
      this.#options.log.error({ stream: this.#options.name, err: error }, 'a frame could not be understood; reconnecting so that what it said is fetched');
      this.#lost(socket, 'unreadable frame');
    }
  }

  #watch(socket: ExchangeSocket, wire: Wire): void {
    this.#later(PROBE_MS, () => {
      if (socket !== this.#current) return;
      const now = this.#options.clock.now();
      if (now - this.#lastFrameAt >= SILENCE_MS) return this.#lost(socket, 'silent');
      if (!this.#isUp && now - this.#connectedAt >= CONNECT_MS) return this.#lost(socket, 'connected, but the stream did not begin');
      wire.send(this.#options.probe);
      this.#watch(socket, wire);
    });
  }

  #lost(socket: ExchangeSocket | null, reason: string): void {
    if (socket !== this.#current || this.#isClosed) return;
    const { clock, log, name, onState } = this.#options;
    const wasUp = this.#isUp;
    this.#abandon();
    this.#options.pulse?.stream(this, false);
    if (wasUp && clock.now() - this.#connectedAt >= HEALTHY_MS) this.#failures = 0;
    const backOffMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(this.#failures, 10)) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    log.warn({ stream: name, reason, backOffMs: Math.round(backOffMs) }, 'stream is down; connecting again');
    this.#later(backOffMs, () => void this.#connect());
    if (wasUp) onState('down');
  }

  /** Forgets the present socket, so that nothing it still says is heard, and takes it off ccxt's list. */
  #abandon(): void {
    const socket = this.#current;
    this.#current = null;
    this.#wire = null;
    this.#isUp = false;
    this.#callOff();
    if (socket === null || this.#exchange === null) return;
    if (this.#exchange.clients[socket.url] === socket) delete this.#exchange.clients[socket.url];
    // A half-open socket would take 30 s to close politely.
    if (socket.connection?.terminate !== undefined) socket.connection.terminate();
    else socket.close();
  }

  #later(ms: number, callback: () => void): void {
    this.#callOff();
    this.#callOff = this.#options.clock.after(ms, callback);
  }
}

/** ccxt refuses unencrypted WebSockets, as simulators speak them, unless it is given an agent. */
export function agentFor(url: string): Readonly<Record<string, unknown>> {
  return url.startsWith('http://') ? { httpAgent: new Agent() } : {};
}

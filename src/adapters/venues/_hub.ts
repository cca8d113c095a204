/**
 * Subscriptions of one kind over as few connections of a venue as it allows: one subscription for a key, renewed after
 * every reconnect, and no connection while nothing is wanted. Each connection has a ccxt instance of its own, since ccxt
 * keeps one socket for an address.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { Exchange } from './_exchange.ts';
import { Link, type Wire } from './_link.ts';
import type { Pulse } from './_pulse.ts';

/** Symbols of one venue that can be watched; most allow about a thousand on one connection. */
export const MAX_WATCHED = 1000;
/** Changes of the wanted set are collected for this long: venues allow few frames a second. */
const GATHER_MS = 100;

/** What one frame says about one key. */
export interface Told<News> {
  readonly key: string;
  readonly news: News;
}

/** How a venue's public stream of one kind speaks. What a key is made of is the dialect's own affair. */
export interface HubDialect<News> {
  /** Keys that one connection may carry; {@link MAX_WATCHED} without it. */
  readonly perConnection?: number;
  readonly url: (exchange: Exchange) => string;
  /** Frames, as many as the venue's limit for one of them demands. */
  readonly subscribe: (keys: readonly string[]) => readonly unknown[];
  readonly unsubscribe: (keys: readonly string[]) => readonly unknown[];
  /**
   * Whether a frame answers one that subscribed or unsubscribed, be it with yes or no. Needed where a subscription begins with
   * the next change: what is asked for elsewhere before the venue has subscribed us can miss a change in between. Left out
   * where a subscription begins with the present state.
   */
  readonly acknowledges?: (frame: unknown) => boolean;
  /** Empty for frames that say nothing of the kind. */
  readonly read: (frame: unknown) => readonly Told<News>[];
  readonly probe: unknown;
}

export interface HubOptions<News> {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  readonly pulse?: Pulse | undefined;
  readonly dialect: HubDialect<News>;
  readonly onNews: (key: string, news: News) => void;
  /** These keys are subscribed to at the venue, or, where the stream is not open yet, soon will be; what happened before is not told. */
  readonly onFresh: (keys: readonly string[], isOpen: boolean) => void;
}

export class Hubs<News> {
  readonly #options: HubOptions<News>;
  readonly #connections: Connection<News>[] = [];

  constructor(options: HubOptions<News>) {
    this.#options = options;
  }

  /** Throws when more than {@link MAX_WATCHED} keys are wanted. */
  add(key: string): void {
    const each = this.#options.dialect.perConnection ?? MAX_WATCHED;
    let connection = this.#of(key) ?? this.#connections.find(({ count }) => count < each);
    if (connection === undefined) {
      if (this.#connections.length * each >= MAX_WATCHED) throw new RangeError(`at most ${MAX_WATCHED} symbols of a venue can be watched at once`);
      connection = new Connection(this.#options);
      this.#connections.push(connection);
    }
    connection.add(key);
  }

  remove(key: string): void {
    this.#of(key)?.remove(key);
  }

  /** Subscribes anew, so that the stream begins at its beginning. */
  renew(key: string): void {
    this.#of(key)?.renew(key);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #of(key: string): Connection<News> | undefined {
    return this.#connections.find((connection) => connection.has(key));
  }
}

class Connection<News> {
  readonly #options: HubOptions<News>;
  readonly #wanted = new Set<string>();
  #subscribed = new Set<string>();
  /** Frames the venue has not answered yet, and the keys that are fresh when it has. */
  #unanswered = 0;
  #unconfirmed: string[] = [];
  #link: Link | null = null;
  #gathering: (() => void) | null = null;

  constructor(options: HubOptions<News>) {
    this.#options = options;
  }

  get count(): number {
    return this.#wanted.size;
  }

  has(key: string): boolean {
    return this.#wanted.has(key);
  }

  add(key: string): void {
    this.#wanted.add(key);
    this.#gather();
  }

  remove(key: string): void {
    this.#wanted.delete(key);
    this.#gather();
  }

  renew(key: string): void {
    if (!this.#subscribed.delete(key)) return;
    if (this.#link !== null) this.#send(this.#link, this.#options.dialect.unsubscribe([key]));
    this.#gather();
  }

  close(): void {
    this.#gathering?.();
    this.#wanted.clear();
    this.#link?.close();
    this.#link = null;
  }

  #gather(): void {
    this.#gathering ??= this.#options.clock.after(GATHER_MS, () => {
      this.#gathering = null;
      this.#settle();
    });
  }

  /** Brings the connection and its subscriptions in line with what is wanted. */
  #settle(): void {
    if (this.#wanted.size === 0) {
      this.#link?.close();
      this.#link = null;
      this.#subscribed = new Set();
      return;
    }
    const { dialect, onFresh } = this.#options;
    this.#link ??= this.#connect();
    const wanted = [...this.#wanted];
    const added = wanted.filter((key) => !this.#subscribed.has(key));
    const gone = [...this.#subscribed].filter((key) => !this.#wanted.has(key));
    // First what makes room: a connection may be full.
    if (gone.length > 0) this.#send(this.#link, dialect.unsubscribe(gone));
    if (added.length > 0) this.#send(this.#link, dialect.subscribe(added));
    this.#subscribed = new Set(wanted);
    if (added.length === 0) return;
    if (this.#link.isOpen) this.#begin(added);
    else onFresh(added, false);
  }

  #send(wire: Pick<Wire, 'send'>, frames: readonly unknown[]): void {
    for (const frame of frames) wire.send(frame);
    this.#unanswered += frames.length;
  }

  /** Says that keys are fresh, as soon as the venue has confirmed them where it does. */
  #begin(keys: readonly string[]): void {
    if (this.#options.dialect.acknowledges === undefined) this.#options.onFresh(keys, true);
    else this.#unconfirmed.push(...keys);
  }

  #hear(frame: unknown): void {
    const { dialect, onNews, onFresh } = this.#options;
    for (const { key, news } of dialect.read(frame)) if (this.#wanted.has(key)) onNews(key, news);
    if (this.#unanswered === 0 || dialect.acknowledges?.(frame) !== true) return;
    this.#unanswered -= 1;
    if (this.#unanswered > 0) return;
    const keys = this.#unconfirmed.filter((key) => this.#wanted.has(key));
    this.#unconfirmed = [];
    if (keys.length > 0) onFresh(keys, true);
  }

  #connect(): Link {
    const { clock, log, name, open, dialect } = this.#options;
    return new Link({
      name,
      clock,
      log,
      open,
      url: dialect.url,
      probe: dialect.probe,
      greet: (wire) => this.#greet(wire),
      onFrame: (frame) => this.#hear(frame),
      onState: () => undefined,
      pulse: this.#options.pulse,
    });
  }

  #greet(wire: Wire): void {
    const keys = [...this.#wanted];
    this.#subscribed = new Set(keys);
    this.#unanswered = 0;
    this.#unconfirmed = [];
    // What changed while the stream was down is not told later.
    if (keys.length > 0) {
      this.#send(wire, this.#options.dialect.subscribe(keys));
      this.#begin(keys);
    }
    wire.ready();
  }
}

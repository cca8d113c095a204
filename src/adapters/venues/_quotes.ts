/**
 * Best bid and ask of many symbols over one shared stream: one subscription a symbol, however many watch it, renewed
 * after every reconnect, and no connection while nobody watches.
 */
import type { DecimalString } from '#core/money.ts';
import type { Clock, Log, Quote } from '#core/ports.ts';
import type { Exchange } from './_exchange.ts';
import { Link, type Wire } from './_link.ts';
import type { Pulse } from './_pulse.ts';

/** Symbols of one venue that can be watched; most allow about a thousand on one connection. */
export const MAX_WATCHED = 1000;
/** Changes of the watched set are collected for this long: venues allow few frames a second. */
const GATHER_MS = 100;
/** An unchanged quote is passed on again after this long, as a sign that it still holds. */
const REPEAT_MS = 1000;

export interface TopOfBook {
  /** The venue's own name of the instrument. */
  readonly marketId: string;
  readonly bid: DecimalString;
  readonly ask: DecimalString;
}

/** How a venue's public stream speaks. */
export interface QuoteDialect {
  /** Symbols that one connection may carry; {@link MAX_WATCHED} without it. */
  readonly perConnection?: number;
  readonly url: (exchange: Exchange) => string;
  readonly marketId: (symbol: string) => string;
  /** Frames, as many as the venue's limit for one of them demands. */
  readonly subscribe: (marketIds: readonly string[]) => readonly unknown[];
  readonly unsubscribe: (marketIds: readonly string[]) => readonly unknown[];
  /** `null` for frames that are no quote. */
  readonly read: (frame: unknown) => TopOfBook | null;
  readonly probe: unknown;
}

interface Watched {
  readonly symbol: string;
  readonly listeners: Set<(quote: Quote) => void>;
  latest: Quote | null;
}

export interface QuoteHubOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  /** Asks for one quote: streams tell changes only, and a quiet market has none for a while. */
  readonly ask: (symbol: string) => Promise<Quote>;
  readonly dialect: QuoteDialect;
  readonly pulse?: Pulse | undefined;
}

export class QuoteHub {
  readonly #options: QuoteHubOptions;
  /** By the venue's name of the instrument. */
  readonly #watched = new Map<string, Watched>();
  #subscribed = new Set<string>();
  #link: Link | null = null;
  #gathering: (() => void) | null = null;

  constructor(options: QuoteHubOptions) {
    this.#options = options;
  }

  get watchedCount(): number {
    return this.#watched.size;
  }

  watches(symbol: string): boolean {
    return this.#watched.has(this.#options.dialect.marketId(symbol));
  }

  /** Pushes quotes until the returned function is called. */
  watch(symbol: string, onQuote: (quote: Quote) => void): () => void {
    const id = this.#options.dialect.marketId(symbol);
    const watched = this.#watched.get(id) ?? { symbol, listeners: new Set(), latest: null };
    // A listener of its own, so that the same function may watch twice.
    const listener = (quote: Quote): void => onQuote(quote);
    watched.listeners.add(listener);
    this.#watched.set(id, watched);
    this.#gather();
    // Who comes later hears the present quote as well, but not before this call has returned.
    const { latest } = watched;
    if (latest !== null) this.#options.clock.after(0, () => watched.listeners.has(listener) && watched.latest === latest && listener(latest));
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#watched.get(id) !== watched) return;
      this.#watched.delete(id);
      this.#gather();
    };
  }

  close(): void {
    this.#gathering?.();
    this.#watched.clear();
    this.#link?.close();
    this.#link = null;
  }

  #gather(): void {
    this.#gathering ??= this.#options.clock.after(GATHER_MS, () => {
      this.#gathering = null;
      this.#settle();
    });
  }

  /** Brings the connection and its subscriptions in line with what is watched. */
  #settle(): void {
    if (this.#watched.size === 0) {
      this.#link?.close();
      this.#link = null;
      this.#subscribed = new Set();
      return;
    }
    const { clock, log, name, open, dialect, pulse } = this.#options;
    this.#link ??= new Link({
      name,
      clock,
      log,
      open,
      url: dialect.url,
      probe: dialect.probe,
      greet: (wire) => this.#greet(wire),
      onFrame: (frame) => this.#receive(frame),
      onState: () => undefined,
      pulse,
    });
    const wanted = [...this.#watched.keys()];
    const added = wanted.filter((id) => !this.#subscribed.has(id));
    const gone = [...this.#subscribed].filter((id) => !this.#watched.has(id));
    // First what makes room: a connection may be full.
    if (gone.length > 0) for (const frame of dialect.unsubscribe(gone)) this.#link.send(frame);
    if (added.length > 0) for (const frame of dialect.subscribe(added)) this.#link.send(frame);
    void this.#fill(added);
    this.#subscribed = new Set(wanted);
  }

  #greet(wire: Wire): void {
    this.#subscribed = new Set(this.#watched.keys());
    if (this.#subscribed.size > 0) for (const frame of this.#options.dialect.subscribe([...this.#subscribed])) wire.send(frame);
    // What changed while the stream was down is not told later.
    void this.#fill([...this.#subscribed]);
    wire.ready();
  }

  /** Asks for the present quotes of instruments, one after another, where the stream has told nothing in the meantime. */
  async #fill(marketIds: readonly string[]): Promise<void> {
    const { clock, ask, log, name } = this.#options;
    const since = clock.now();
    for (const id of marketIds) {
      const watched = this.#watched.get(id);
      if (watched === undefined || (watched.latest !== null && watched.latest.at >= since)) continue;
      try {
        const quote = await ask(watched.symbol);
        if (watched.latest === null || watched.latest.at < since) this.#tell(watched, quote);
      } catch (error) {
        log.debug({ stream: name, symbol: watched.symbol, err: error }, 'no first quote; the stream will tell');
      }
    }
  }

  #receive(frame: unknown): void {
    const top = this.#options.dialect.read(frame);
    const watched = top === null ? undefined : this.#watched.get(top.marketId);
    if (top === null || watched === undefined) return;
    const at = this.#options.clock.now();
    const { latest } = watched;
    if (latest !== null && latest.bid === top.bid && latest.ask === top.ask && at - latest.at < REPEAT_MS) return;
    this.#tell(watched, { symbol: watched.symbol, bid: top.bid, ask: top.ask, at });
  }

  #tell(watched: Watched, quote: Quote): void {
    watched.latest = quote;
    for (const listener of [...watched.listeners]) listener(quote);
  }
}

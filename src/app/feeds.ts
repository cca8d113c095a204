/**
 * Market data shared by everybody in the process: one subscription for each venue, symbol and kind, however many runs
 * want it, with the newest value kept for whoever comes later. How old it is, and how many values were overtaken by newer
 * ones before a run came to act on them, is known for each.
 */
import type { CandleInterval } from '#core/market-data.ts';
import type { Clock, Log, Quote, Venue } from '#core/ports.ts';
import type { FeedReport } from './feed-report.ts';
import { type BarListener, LiveBars, type PastBars } from './live-bars.ts';

/** Takes a quote; it may say `true` when this took the place of one that it had not acted on yet. */
export type QuoteListener = ((quote: Quote) => boolean) | ((quote: Quote) => void);

interface QuoteFeed {
  readonly venue: string;
  readonly symbol: string;
  readonly listeners: Set<QuoteListener>;
  readonly close: () => void;
  latest: Quote | null;
  values: number;
  dropped: number;
}

export interface FeedsParts {
  readonly clock: Clock;
  readonly log: Log;
}

export class Feeds {
  readonly #parts: FeedsParts;
  readonly #quotes = new Map<string, QuoteFeed>();
  readonly #bars = new Map<string, LiveBars>();

  constructor(parts: FeedsParts) {
    this.#parts = parts;
  }

  /** Pushes quotes, beginning with the newest known one, until the returned function is called. */
  subscribe(venue: Venue, symbol: string, listener: QuoteListener): () => void {
    const key = `${venue.id} ${symbol}`;
    const feed = this.#quotes.get(key) ?? this.#openQuotes(key, venue, symbol);
    feed.listeners.add(listener);
    if (feed.latest !== null) listener(feed.latest);
    return () => {
      feed.listeners.delete(listener);
      if (feed.listeners.size > 0 || this.#quotes.get(key) !== feed) return;
      this.#quotes.delete(key);
      feed.close();
    };
  }

  /**
   * Pushes closed bars in their sequence, each once, until the returned function is called: first those of the past that
   * the listener needs, then each as it closes.
   */
  subscribeBars(venue: Venue, symbol: string, interval: CandleInterval, past: PastBars, listener: BarListener): () => void {
    const key = `${venue.id} ${symbol} ${interval}`;
    const feed = this.#bars.get(key) ?? new LiveBars({ ...this.#parts, venue, symbol, interval });
    this.#bars.set(key, feed);
    const leave = feed.join(past, listener);
    return () => {
      leave();
      if (feed.listeners > 0 || this.#bars.get(key) !== feed) return;
      this.#bars.delete(key);
      feed.close();
    };
  }

  report(): readonly FeedReport[] {
    const now = this.#parts.clock.now();
    const quotes = [...this.#quotes.values()].map(({ venue, symbol, listeners, latest, values, dropped }): FeedReport => {
      return { venue, symbol, kind: 'quotes', listeners: listeners.size, ageMs: latest === null ? null : now - latest.at, values, dropped };
    });
    return [...quotes, ...[...this.#bars.values()].map((feed) => feed.report(now))];
  }

  close(): void {
    for (const feed of [...this.#quotes.values(), ...this.#bars.values()]) feed.close();
    this.#quotes.clear();
    this.#bars.clear();
  }

  #openQuotes(key: string, venue: Venue, symbol: string): QuoteFeed {
    const listeners = new Set<QuoteListener>();
    const close = venue.market.watchQuotes(symbol, (quote) => {
      feed.latest = quote;
      feed.values += 1;
      for (const listener of listeners) if (listener(quote) === true) feed.dropped += 1;
    });
    const feed: QuoteFeed = { venue: venue.id, symbol, listeners, close, latest: null, values: 0, dropped: 0 };
    this.#quotes.set(key, feed);
    return feed;
  }
}

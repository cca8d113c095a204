/**
 * Market data shared by everybody in the process: one subscription for each venue, symbol and kind, however many runs
 * want it, with the newest value kept for whoever comes later. How old it is, and how many values were overtaken by newer
 * ones before a run came to act on them, is known for each.
 */
import type { CandleInterval } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import type { FeedReport } from './feed-report.ts';
import { type BarListener, LiveBars, type PastBars } from './live-bars.ts';

/** A quote that came longer ago than this is asked for anew. */
export const FRESH_MS = 2_000;

/** Takes a quote; it may say `true` when this took the place of one that it had not acted on yet. */
export type QuoteListener = ((quote: Quote) => boolean) | ((quote: Quote) => void);

interface QuoteFeed {
  readonly venue: string;
  readonly symbol: string;
  readonly listeners: Set<QuoteListener>;
  readonly close: () => void;
  readonly openedAt: number;
  latest: Quote | null;
  values: number;
  dropped: number;
}

export interface FeedsParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** How old the newest quotes of a venue's feeds are, in milliseconds. */
export interface FeedAges {
  readonly venueId: string;
  readonly count: number;
  readonly maxMs: number;
  readonly p99Ms: number;
}

export class Feeds {
  readonly #parts: FeedsParts;
  readonly #quotes = new Map<string, QuoteFeed>();
  readonly #bars = new Map<string, LiveBars>();
  readonly #asking = new Map<string, Promise<Quote>>();

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

  /** The present quote: the newest pushed one if it is fresh, otherwise one that is asked for once, however many want it. */
  async quote(venue: Venue, symbol: string): Promise<Quote> {
    const key = `${venue.id} ${symbol}`;
    const latest = this.#quotes.get(key)?.latest;
    if (latest && this.#parts.clock.now() - latest.at < FRESH_MS) return latest;
    const asking = this.#asking.get(key) ?? venue.market.quote(symbol).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return await asking;
  }

  /** By venue. A feed without a quote so far is as old as its subscription. */
  ages(): readonly FeedAges[] {
    const now = this.#parts.clock.now();
    const byVenue = new Map<string, number[]>();
    for (const { venue, latest, openedAt } of this.#quotes.values()) {
      const ages = byVenue.get(venue) ?? [];
      ages.push(Math.max(0, now - (latest?.at ?? openedAt)));
      byVenue.set(venue, ages);
    }
    return [...byVenue].map(([venueId, ages]) => {
      ages.sort((a, b) => a - b);
      return { venueId, count: ages.length, maxMs: ages.at(-1) ?? 0, p99Ms: ages[Math.ceil(ages.length * 0.99) - 1] ?? 0 };
    });
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
    const feed: QuoteFeed = { venue: venue.id, symbol, listeners, close, openedAt: this.#parts.clock.now(), latest: null, values: 0, dropped: 0 };
    this.#quotes.set(key, feed);
    return feed;
  }
}

/**
 * Market data shared by everybody in the process: one subscription per venue and symbol, however many runs want it,
 * with the newest quote kept for whoever comes later.
 */
import type { Clock, Quote, Venue } from '#core/ports.ts';

/** A quote that came longer ago than this is asked for anew. */
export const FRESH_MS = 2_000;

type Listener = (quote: Quote) => void;

interface Feed {
  readonly listeners: Set<Listener>;
  readonly close: () => void;
  readonly venueId: string;
  readonly openedAt: number;
  latest: Quote | null;
}

/** How old the newest quotes of a venue's feeds are, in milliseconds. */
export interface FeedAges {
  readonly venueId: string;
  readonly count: number;
  readonly maxMs: number;
  readonly p99Ms: number;
}

export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  readonly #asking = new Map<string, Promise<Quote>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Pushes quotes, beginning with the newest known one, until the returned function is called. */
  subscribe(venue: Venue, symbol: string, listener: Listener): () => void {
    const key = `${venue.id} ${symbol}`;
    const feed = this.#feeds.get(key) ?? this.#open(key, venue, symbol);
    feed.listeners.add(listener);
    if (feed.latest !== null) listener(feed.latest);
    return () => {
      feed.listeners.delete(listener);
      if (feed.listeners.size > 0 || this.#feeds.get(key) !== feed) return;
      this.#feeds.delete(key);
      feed.close();
    };
  }

  /** The present quote: the newest pushed one if it is fresh, otherwise one that is asked for once, however many want it. */
  async quote(venue: Venue, symbol: string): Promise<Quote> {
    const key = `${venue.id} ${symbol}`;
    const latest = this.#feeds.get(key)?.latest;
    if (latest && this.#clock.now() - latest.at < FRESH_MS) return latest;
    const asking = this.#asking.get(key) ?? venue.market.quote(symbol).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return await asking;
  }

  /** By venue. A feed without a quote so far is as old as its subscription. */
  ages(): readonly FeedAges[] {
    const now = this.#clock.now();
    const byVenue = new Map<string, number[]>();
    for (const { venueId, latest, openedAt } of this.#feeds.values()) {
      const ages = byVenue.get(venueId) ?? [];
      ages.push(Math.max(0, now - (latest?.at ?? openedAt)));
      byVenue.set(venueId, ages);
    }
    return [...byVenue].map(([venueId, ages]) => {
      ages.sort((a, b) => a - b);
      return { venueId, count: ages.length, maxMs: ages.at(-1) ?? 0, p99Ms: ages[Math.ceil(ages.length * 0.99) - 1] ?? 0 };
    });
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #open(key: string, venue: Venue, symbol: string): Feed {
    const listeners = new Set<Listener>();
    const close = venue.market.watchQuotes(symbol, (quote) => {
      feed.latest = quote;
      for (const listener of listeners) listener(quote);
    });
    const feed: Feed = { listeners, close, venueId: venue.id, openedAt: this.#clock.now(), latest: null };
    this.#feeds.set(key, feed);
    return feed;
  }
}

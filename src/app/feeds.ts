/**
 * Market data shared by everybody in the process: one subscription per venue and symbol, however many runs want it,
 * with the newest quote kept for whoever comes later.
 */
import type { Quote, Venue } from '#core/ports.ts';

/** A quote that came longer ago than this is asked for anew. */
export const FRESH_MS = 2_000;

type Listener = (quote: Quote) => void;

interface Feed {
  readonly listeners: Set<Listener>;
  readonly close: () => void;
  latest: Quote | null;
}

export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  readonly #asking = new Map<string, Promise<Quote>>();

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
  async quote(venue: Venue, symbol: string, now: number): Promise<Quote> {
    const key = `${venue.id} ${symbol}`;
    const latest = this.#feeds.get(key)?.latest;
    if (latest && now - latest.at < FRESH_MS) return latest;
    const asking = this.#asking.get(key) ?? venue.market.quote(symbol).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return await asking;
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
    const feed: Feed = { listeners, close, latest: null };
    this.#feeds.set(key, feed);
    return feed;
  }
}

/**
 * As many quote streams as a venue's limit of subscriptions for one connection demands; each with a ccxt instance of its
 * own, since ccxt keeps one socket for an address.
 */
import type { Quote } from '#core/ports.ts';
import { MAX_WATCHED, QuoteHub, type QuoteHubOptions } from './_quotes.ts';

export class QuoteHubs {
  readonly #options: QuoteHubOptions;
  readonly #hubs: QuoteHub[] = [];

  constructor(options: QuoteHubOptions) {
    this.#options = options;
  }

  /** Pushes quotes until the returned function is called. Throws when more than {@link MAX_WATCHED} symbols are watched. */
  watch(symbol: string, onQuote: (quote: Quote) => void): () => void {
    const each = this.#options.dialect.perConnection ?? MAX_WATCHED;
    let hub = this.#hubs.find((other) => other.watches(symbol)) ?? this.#hubs.find(({ watchedCount }) => watchedCount < each);
    if (hub === undefined) {
      if (this.#hubs.length * each >= MAX_WATCHED) throw new RangeError(`at most ${MAX_WATCHED} symbols of a venue can be watched at once`);
      hub = new QuoteHub(this.#options);
      this.#hubs.push(hub);
    }
    return hub.watch(symbol, onQuote);
  }

  close(): void {
    for (const hub of this.#hubs) hub.close();
  }
}

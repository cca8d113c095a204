/** Best bid and ask of many symbols over shared streams, with the present quote asked for where the stream says nothing yet. */
import type { DecimalString } from '#core/money.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Quote } from '#core/venue-ports.ts';
import type { Exchange } from './_exchange.ts';
import { Hubs } from './_hub.ts';
import type { Pulse } from './_pulse.ts';
import { type Watched, Watchers } from './_watchers.ts';

/** An unchanged quote is passed on again after this long, as a sign that it still holds. */
const REPEAT_MS = 1000;

export interface TopOfBook {
  /** The venue's own name of the instrument. */
  readonly marketId: string;
  readonly bid: DecimalString;
  readonly ask: DecimalString;
}

/** How a venue's public stream of best prices speaks. */
export interface QuoteDialect {
  /** Symbols that one connection may carry; a thousand without it. */
  readonly perConnection?: number;
  readonly url: (exchange: Exchange) => string;
  readonly marketId: (symbol: string) => string;
  /** Frames, as many as the venue's limit for one of them demands. */
  readonly subscribe: (marketIds: readonly string[]) => readonly unknown[];
  readonly unsubscribe: (marketIds: readonly string[]) => readonly unknown[];
  /** `null` for frames that are no quote. */
  readonly read: (frame: unknown) => TopOfBook | null;
  readonly acknowledges?: (frame: unknown) => boolean;
  readonly probe: unknown;
}

interface Newest {
  readonly symbol: string;
  quote: Quote | null;
  /** Which word it was, as {@link QuoteFeed} counts them: of the stream, or the question it answers. */
  knownAt: number;
}

export interface QuoteFeedOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  /** Asks for one quote: streams tell changes only, and a quiet market has none for a while. */
  readonly ask: (symbol: string) => Promise<Quote>;
  readonly dialect: QuoteDialect;
  readonly pulse?: Pulse | undefined;
}

export class QuoteFeed {
  readonly #options: QuoteFeedOptions;
  readonly #hubs: Hubs<TopOfBook>;
  readonly #watchers: Watchers<Quote, Newest>;
  /** Words of the stream and questions so far: what came first within a millisecond counts too. */
  #words = 0;

  constructor(options: QuoteFeedOptions) {
    this.#options = options;
    const { dialect } = options;
    const read = (frame: unknown) => {
      const top = dialect.read(frame);
      return top === null ? [] : [{ key: top.marketId, news: top }];
    };
    this.#hubs = new Hubs({
      ...options,
      dialect: { ...dialect, read },
      onNews: (key, top) => this.#receive(key, top),
      onFresh: (keys) => void this.#fill(keys),
    });
    this.#watchers = new Watchers({ onFirst: ({ key }) => this.#hubs.add(key), onLast: ({ key }) => this.#hubs.remove(key) });
  }

  /** Pushes quotes until the returned function is called. Throws when too many symbols are watched. */
  watch(symbol: string, onQuote: (quote: Quote) => void): () => void {
    let isWanted = true;
    const { watched, end } = this.#watchers.watch(
      this.#options.dialect.marketId(symbol),
      () => ({ symbol, quote: null, knownAt: Number.NEGATIVE_INFINITY }),
      (quote) => onQuote(quote),
    );
    // Who comes later hears the present quote as well, but not before this call has returned.
    const { quote } = watched.state;
    if (quote !== null) this.#options.clock.after(0, () => isWanted && watched.state.quote === quote && onQuote(quote));
    return () => {
      isWanted = false;
      end();
    };
  }

  close(): void {
    this.#watchers.clear();
    this.#hubs.close();
  }

  /** Asks for the present quotes of instruments, one after another, where the stream has told nothing in the meantime. */
  async #fill(marketIds: readonly string[]): Promise<void> {
    const { ask, log, name } = this.#options;
    this.#words += 1;
    const since = this.#words;
    for (const id of marketIds) {
      const watched = this.#watchers.get(id);
      if (watched === undefined || watched.state.knownAt > since) continue;
      this.#words += 1;
      const askedAt = this.#words;
      try {
        const quote = await ask(watched.state.symbol);
        if (watched.state.knownAt <= askedAt) this.#tell(watched, quote, askedAt);
      } catch (error) {
        log.debug({ stream: name, symbol: watched.state.symbol, err: error }, 'no first quote; the stream will tell');
      }
    }
  }

  #receive(key: string, { bid, ask }: TopOfBook): void {
    const watched = this.#watchers.get(key);
    if (watched === undefined) return;
    const at = this.#options.clock.now();
    const { symbol, quote } = watched.state;
    this.#words += 1;
    watched.state.knownAt = this.#words;
    if (quote !== null && quote.bid === bid && quote.ask === ask && at - quote.at < REPEAT_MS) return;
    this.#tell(watched, { symbol, bid, ask, at }, this.#words);
  }

  #tell(watched: Watched<Quote, Newest>, quote: Quote, knownAt: number): void {
    watched.state.quote = quote;
    watched.state.knownAt = knownAt;
    this.#watchers.tell(watched, quote);
  }
}

/**
 * Order books kept by a venue's stream. A watcher hears of a book only while nothing is missing in it: after a gap, a
 * wrong checksum or a broken connection it is built anew, less and less often while that fails. Between two books that
 * are told, newer changes take the place of older ones.
 */
import type { Book } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Exchange } from './_exchange.ts';
import { Hubs } from './_hub.ts';
import type { BookLevels, BookNews, MarketDialect } from './_market-dialect.ts';
import { OrderBook } from './_order-book.ts';
import type { Pulse } from './_pulse.ts';
import { type Watched, Watchers } from './_watchers.ts';

/** Levels a side that watchers are told. */
export const TOLD_DEPTH = 50;
/** A book is told this often at most. */
export const BOOK_PUSH_MS = 100;
/** Changes that may wait for the snapshot they belong to. */
const MAX_WAITING = 1000;
/** A snapshot that is asked for before its stream runs would be too old for it. */
const STREAM_FIRST_MS = 300;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** A book that was whole for this long was healthy: the next pause starts small again. */
const HEALTHY_MS = 10_000;

export interface BookFeedOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  readonly pulse?: Pulse | undefined;
  readonly marketId: (symbol: string) => string;
  readonly dialect: MarketDialect['bookStream'];
  /** Asks for a whole book, where the stream has none. */
  readonly ask: (symbol: string, depth: number) => Promise<BookLevels & { readonly version: number }>;
}

interface Kept {
  readonly symbol: string;
  readonly book: OrderBook;
  /** Changes that came before the snapshot; `null` where none is awaited. */
  waiting: Change[] | null;
  /** How often in a row it had to be built anew. */
  failures: number;
  /** Since when nothing was missing in it. */
  wholeSince: number;
  merged: number;
  toldAt: number;
  latest: Book | null;
  /** Calls off what is to happen later. */
  readonly callOff: { tell: () => void; build: () => void };
  isTellDue: boolean;
}

type Change = Extract<BookNews, { type: 'change' }>;
type WatchedBook = Watched<Book, Kept>;

const NOTHING = (): void => undefined;

export class BookFeed {
  readonly #options: BookFeedOptions;
  readonly #hubs: Hubs<BookNews>;
  readonly #watchers: Watchers<Book, Kept>;

  constructor(options: BookFeedOptions) {
    this.#options = options;
    this.#hubs = new Hubs({
      ...options,
      onNews: (key, news) => this.#receive(key, news),
      onFresh: (keys, isOpen) => {
        for (const key of isOpen ? keys : []) this.#restart(key);
      },
    });
    this.#watchers = new Watchers({ onFirst: ({ key }) => this.#hubs.add(key), onLast: (watched) => this.#end(watched) });
  }

  /** Pushes the best levels until the returned function is called. Throws when too many symbols are watched. */
  watch(symbol: string, onBook: (book: Book) => void): () => void {
    let isWanted = true;
    const begin = (): Kept => ({
      symbol,
      book: new OrderBook(),
      waiting: null,
      failures: 0,
      wholeSince: Number.POSITIVE_INFINITY,
      merged: 0,
      toldAt: Number.NEGATIVE_INFINITY,
      latest: null,
      callOff: { tell: NOTHING, build: NOTHING },
      isTellDue: false,
    });
    const { watched, end } = this.#watchers.watch(this.#options.marketId(symbol), begin, onBook);
    const { latest } = watched.state;
    if (latest !== null) this.#options.clock.after(0, () => isWanted && watched.state.latest === latest && onBook(latest));
    return () => {
      isWanted = false;
      end();
    };
  }

  close(): void {
    this.#watchers.clear();
    this.#hubs.close();
  }

  #end(watched: WatchedBook): void {
    watched.state.callOff.tell();
    watched.state.callOff.build();
    this.#hubs.remove(watched.key);
  }

  /** The stream begins: what was known before is worth nothing. */
  #restart(key: string): void {
    const watched = this.#watchers.get(key);
    if (watched === undefined) return;
    this.#forget(watched);
    if (this.#options.dialect.snapshotDepth === undefined) return;
    const { state } = watched;
    state.waiting = [];
    state.callOff.build = this.#options.clock.after(STREAM_FIRST_MS, () => void this.#build(watched));
  }

  #forget({ state }: WatchedBook): void {
    state.book.forget();
    state.wholeSince = Number.POSITIVE_INFINITY;
    state.latest = null;
    state.callOff.tell();
    state.isTellDue = false;
    state.callOff.build();
    state.waiting = null;
  }

  #receive(key: string, news: BookNews): void {
    const watched = this.#watchers.get(key);
    if (watched === undefined) return;
    const { state } = watched;
    if (news.type === 'snapshot') {
      state.book.begin(news);
      state.wholeSince = this.#options.clock.now();
      return this.#changed(watched);
    }
    if (state.waiting !== null) {
      if (state.waiting.length < MAX_WAITING) state.waiting.push(news);
      return;
    }
    if (!state.book.isWhole) return;
    const outcome = state.book.change(news);
    if (outcome === 'done') this.#changed(watched);
    if (outcome === 'gap') this.#lose(watched, 'something is missing in its stream');
  }

  /** Asks for the whole book and puts on top of it what has come meanwhile. */
  async #build(watched: WatchedBook): Promise<void> {
    const { ask, dialect } = this.#options;
    const { state } = watched;
    const waiting = state.waiting ?? [];
    state.waiting = waiting;
    try {
      const snapshot = await ask(state.symbol, dialect.snapshotDepth ?? TOLD_DEPTH);
      // Another beginning has come in between.
      if (!this.#watchers.isCurrent(watched) || state.waiting !== waiting) return;
      state.book.begin(snapshot);
      state.waiting = null;
      state.wholeSince = this.#options.clock.now();
      // A snapshot older than the first change does not meet the stream; one more is asked for, and the changes are kept for it.
      const isFull = waiting.length >= MAX_WAITING;
      if (isFull || waiting.some((change) => state.book.change(change) === 'gap'))
        this.#lose(watched, 'its snapshot is older than its stream', isFull ? [] : waiting);
      else this.#changed(watched);
    } catch (error) {
      if (!this.#watchers.isCurrent(watched) || state.waiting !== waiting) return;
      this.#lose(watched, error instanceof Error ? error.message : 'it could not be asked for', waiting);
    }
  }

  /** Builds a book anew after a pause that grows while that fails. */
  #lose(watched: WatchedBook, reason: string, waiting: Change[] = []): void {
    const { clock, log, name, dialect } = this.#options;
    const { state } = watched;
    if (clock.now() - state.wholeSince >= HEALTHY_MS) state.failures = 0;
    this.#forget(watched);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(state.failures, 10)) * (0.5 + Math.random() / 2);
    state.failures += 1;
    log.warn({ stream: name, symbol: state.symbol, reason, pauseMs: Math.round(pauseMs) }, 'an order book is not whole any more; building it anew');
    state.callOff.build = clock.after(pauseMs, () => {
      if (dialect.snapshotDepth === undefined) this.#hubs.renew(watched.key);
      else void this.#build(watched);
    });
    if (dialect.snapshotDepth !== undefined) state.waiting = waiting;
  }

  #changed(watched: WatchedBook): void {
    const { state } = watched;
    state.merged += 1;
    if (state.isTellDue) return;
    const waitMs = state.toldAt + BOOK_PUSH_MS - this.#options.clock.now();
    if (waitMs <= 0) return this.#tell(watched);
    state.isTellDue = true;
    state.callOff.tell = this.#options.clock.after(Math.min(waitMs, BOOK_PUSH_MS), () => {
      state.isTellDue = false;
      this.#tell(watched);
    });
  }

  #tell(watched: WatchedBook): void {
    const { state } = watched;
    const at = this.#options.clock.now();
    const book: Book = { symbol: state.symbol, ...state.book.best(TOLD_DEPTH), at, merged: state.merged };
    state.merged = 0;
    state.toldAt = at;
    state.latest = book;
    this.#watchers.tell(watched, book);
  }
}

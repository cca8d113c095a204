/**
 * Public data of a venue behind ccxt: instruments with their rules, cached for an hour, quotes, candles, trades, books
 * and the figures of a day; asked for, or pushed by streams that everybody in the process shares.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import {
  type Book,
  CANDLE_INTERVALS,
  type Candle,
  type CandleInterval,
  type PastData,
  type PastSource,
  type PublicTrade,
  type Ticker,
} from '#core/market-data.ts';
import type { FundingRate, PerpetualMarketData } from '#core/perpetual-ports.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { MarketData, Quote } from '#core/venue-ports.ts';
import type { Api } from './_api.ts';
import { failureOf, readAnswer, readAnswerOf } from './_ask.ts';
import { BookFeed } from './_book-feed.ts';
import { CandleFeed } from './_candle-feed.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import type { PastDialect } from './_market-dialect.ts';
import { OrderBook } from './_order-book.ts';
import { narrowing, pageOf } from './_past-page.ts';
import type { PerpetualDialect } from './_perpetual-dialect.ts';
import type { Pulse } from './_pulse.ts';
import { QuoteFeed } from './_quotes.ts';
import type { Ask, Asking } from './_request.ts';
import { TradeFeed } from './_trade-feed.ts';
import type { VenueTime } from './_venue-time.ts';

const KEPT_MS = 3_600_000;
const PATIENCE_MS = 20_000;
/** Venues write the last trades into a candle a little after its end. */
const SETTLED_MS = 1_000;

export interface CcxtMarketOptions {
  readonly dialect: CcxtDialect;
  readonly api: Api;
  readonly time: VenueTime;
  /** Makes a ccxt instance for one stream. */
  readonly open: () => Promise<Exchange>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pulse?: Pulse | undefined;
}

interface Feeds {
  readonly quotes: QuoteFeed;
  readonly trades: TradeFeed;
  readonly candles: CandleFeed;
  readonly books: BookFeed;
}

export class CcxtMarket implements MarketData {
  readonly #options: CcxtMarketOptions;
  readonly #feeds: Feeds;
  #loaded: { readonly at: number; readonly instruments: Promise<ReadonlyMap<string, Instrument>> } | null = null;
  #symbols = new Map<string, string>();
  readonly perpetual?: PerpetualMarketData;
  /** Asks for public data within the budget of public data. */
  readonly asking: Asking = (ask) => this.#ask(ask);

  constructor(options: CcxtMarketOptions) {
    this.#options = options;
    const { perpetual } = options.dialect;
    if (perpetual !== undefined) this.perpetual = { fundingRate: (symbol) => this.#fundingRate(symbol, perpetual) };
    this.#feeds = feedsOf(options, this);
  }

  instruments(): Promise<ReadonlyMap<string, Instrument>> {
    const now = this.#options.clock.now();
    if (this.#loaded !== null && now - this.#loaded.at < KEPT_MS) return this.#loaded.instruments;
    const loading = this.#load();
    const loaded = { at: now, instruments: loading };
    this.#loaded = loaded;
    // A failed load is forgotten at once, so that the next caller asks again.
    loading.catch(() => {
      if (this.#loaded === loaded) this.#loaded = null;
    });
    return loading;
  }

  /** Our name of an instrument by the venue's, as far as instruments have been loaded. */
  symbolOf(marketId: string): string | null {
    return this.#symbols.get(marketId) ?? null;
  }

  async quote(symbol: string): Promise<Quote> {
    const { dialect, clock } = this.#options;
    const { bid, ask } = readAnswer(dialect, dialect.readQuote, await this.#ask(dialect.quote(symbol)));
    if (bid === '0' || ask === '0') throw new PortError('venue_unavailable', `${dialect.title} has no price for ${symbol} at present`, { outcome: 'failed' });
    return { symbol, bid, ask, at: clock.now() };
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    return this.#feeds.quotes.watch(symbol, onQuote);
  }

  async book(symbol: string, depth: number): Promise<Book> {
    const { dialect, clock } = this.#options;
    const book = new OrderBook();
    book.begin(await this.versionedBook(symbol, depth));
    return { symbol, ...readAnswer(dialect, () => book.best(depth), null), at: clock.now(), merged: 1 };
  }

  async candles(symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]> {
    const { dialect, clock, time } = this.#options;
    const { perPage, ask, read } = dialect.market.candles;
    const lengthMs = CANDLE_INTERVALS[interval];
    const now = clock.now() + (await time.offsetMs());
    const until = Math.min(to, now - SETTLED_MS - lengthMs + 1);
    const found = new Map<number, Candle>();
    for (let start = from; start < until; ) {
      const longest = { from: start, end: until, now };
      const end = Math.min(until, start + perPage(interval, longest) * lengthMs);
      const page = readAnswer(dialect, read, await this.#ask(ask(symbol, interval, { from: start, end, now })));
      for (const candle of page) if (candle.startAt >= start && candle.startAt < end) found.set(candle.startAt, candle);
      start = end;
    }
    return [...found.values()].sort((one, other) => one.startAt - other.startAt);
  }

  async trades(symbol: string, limit: number): Promise<readonly PublicTrade[]> {
    const { dialect } = this.#options;
    await this.ready();
    const body = await this.#ask(dialect.market.trades(symbol, limit));
    return readAnswer(dialect, (answer) => dialect.market.readTrades(answer, symbol), body).slice(-limit);
  }

  past(symbol: string): PastData {
    const { past = {}, pastFiles: files } = this.#options.dialect.market;
    const { funding, trades } = past;
    return {
      files,
      ...(funding === undefined ? {} : { funding: this.#past(symbol, funding) }),
      ...(trades === undefined ? {} : { trades: this.#past(symbol, trades) }),
    };
  }

  #past<Row extends { readonly at: number }>(symbol: string, past: PastDialect<Row>): PastSource<Row> {
    const { dialect } = this.#options;
    const ask = async (range: { readonly from: number; readonly end: number }): Promise<readonly Row[]> => {
      await this.ready();
      return readAnswer(dialect, (answer) => past.read(answer, symbol), await this.#ask(past.ask(symbol, range)));
    };
    const whose = `${dialect.title} ${symbol}`;
    const { reachMs, spanMs, limit } = past;
    if (past.cutsOldest === true) return { reachMs, page: narrowing({ spanMs, limit, whose, ask }) };
    return {
      reachMs,
      page: async (from, to) => {
        const end = Math.min(to, from + spanMs);
        return pageOf(await ask({ from, end }), { from, end, limit }, whose);
      },
    };
  }

  async tickers(): Promise<readonly Ticker[]> {
    const { dialect, clock } = this.#options;
    await this.instruments();
    const body = await this.#ask(dialect.market.tickers);
    const at = clock.now();
    return readAnswer(dialect, (answer) => dialect.market.readTickers(answer, (id) => this.symbolOf(id)), body).map((ticker) => ({ ...ticker, at }));
  }

  watchTrades(symbol: string, onTrade: (trade: PublicTrade) => void): () => void {
    return this.#feeds.trades.watch(symbol, onTrade);
  }

  watchCandles(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void {
    return this.#feeds.candles.watch(symbol, interval, onCandle);
  }

  watchBook(symbol: string, onBook: (book: Book) => void): () => void {
    return this.#feeds.books.watch(symbol, onBook);
  }

  /** A whole book with its version, to put a stream of changes on. */
  async versionedBook(symbol: string, depth: number): Promise<ReturnType<CcxtDialect['market']['readBook']>> {
    const { dialect } = this.#options;
    await this.ready();
    return readAnswer(dialect, (body) => dialect.market.readBook(body, symbol), await this.#ask(dialect.market.book(symbol, depth)));
  }

  notice(): null {
    return null;
  }

  close(): Promise<void> {
    for (const feed of Object.values(this.#feeds)) feed.close();
    this.#options.api.close();
    return Promise.resolve();
  }

  /** The list of instruments has been read where nothing can be understood without it. */
  async ready(): Promise<void> {
    if (this.#options.dialect.knowsInstruments?.() === false) await this.instruments();
  }

  async #fundingRate(symbol: string, { fundingRate }: PerpetualDialect): Promise<FundingRate> {
    const { dialect } = this.#options;
    const terms = (await this.instruments()).get(symbol)?.perpetual ?? null;
    if (terms === null) throw new PortError('symbol_unknown', `${symbol} is no perpetual of ${dialect.title}`, { outcome: 'failed' });
    const told = await readAnswerOf(dialect, () => fundingRate((ask) => this.#ask(ask), symbol));
    return { symbol, intervalMs: terms.fundingIntervalMs, ...told };
  }

  async #load(): Promise<ReadonlyMap<string, Instrument>> {
    const { dialect } = this.#options;
    const { listInstruments } = dialect;
    const list =
      listInstruments === undefined
        ? readAnswer(dialect, dialect.readInstruments, await this.#ask(dialect.instruments))
        : await readAnswerOf(dialect, () => listInstruments((ask) => this.#ask(ask)));
    this.#symbols = new Map(list.map(({ symbol }) => [dialect.marketId(symbol), symbol]));
    return new Map(list.map((instrument) => [instrument.symbol, instrument]));
  }

  async #ask(ask: Ask): Promise<unknown> {
    const answer = await this.#options.api.call({ ...ask, priority: 'market', patienceMs: PATIENCE_MS });
    if (answer.kind !== 'answered' || !this.#options.dialect.isSuccess(answer)) throw failureOf(this.#options.dialect, answer);
    return answer.body;
  }
}

function feedsOf({ dialect, clock, log, open, time, pulse }: CcxtMarketOptions, market: CcxtMarket): Feeds {
  const { marketId } = dialect;
  const { tradeStream, tradesHaveIds, candleStream, bookStream } = dialect.market;
  const common = (kind: string) => ({ name: `${dialect.id} ${dialect.perpetual === undefined ? '' : 'perpetual '}${kind}`, clock, log, open, pulse, marketId });
  return {
    quotes: new QuoteFeed({ ...common('quotes'), ask: (symbol) => market.quote(symbol), dialect: dialect.quotes }),
    trades: new TradeFeed({
      ...common('trades'),
      ask: tradesHaveIds ? (symbol, limit) => market.trades(symbol, limit) : null,
      dialect: tradeStream,
    }),
    candles: new CandleFeed({
      ...common('candles'),
      ask: (symbol, interval, from, to) => market.candles(symbol, interval, from, to),
      dialect: candleStream ?? null,
      venueNow: async () => clock.now() + (await time.offsetMs()),
    }),
    books: new BookFeed({ ...common('books'), ask: (symbol, depth) => market.versionedBook(symbol, depth), dialect: bookStream }),
  };
}

/**
 * Where the paper venue's prices come from: a real venue's public data when it can be reached, otherwise the
 * demonstration market. Decided at the first use, within seconds, and remembered; while nothing is at stake, the real
 * venue is tried again later.
 */
import type { FeeRates } from '#core/account-calls.ts';
import { PortError } from '#core/errors.ts';
import type { Instrument, InstrumentKind } from '#core/instrument.ts';
import type { Book, Candle, CandleInterval, PublicTrade, Ticker } from '#core/market-data.ts';
import type { Text } from '#core/params.ts';
import type { PerpetualMarketData } from '#core/perpetual-ports.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { MarketData, Quote } from '#core/venue-ports.ts';

/** How long the real venue may take to answer the first time. */
export const DECISION_MS = 3_000;
const RETRY_MS = 60_000;
const PROBED_SYMBOL = 'BTC/USDT';

/** What trades of the paper venue cost, as a share, whatever the real venue would take. */
export const PAPER_FEES: Readonly<Record<InstrumentKind, FeeRates>> = {
  spot: { maker: '0.001', taker: '0.001' },
  perpetual: { maker: '0.0002', taker: '0.0005' },
};

export interface PaperMarketOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Public data of a real venue; `null` to use the demonstration market in any case. */
  readonly real: MarketData | null;
  readonly demo: MarketData;
  /** Whether another source of prices would pull the ground from under somebody. */
  readonly isInUse: () => boolean;
}

export class PaperMarket implements MarketData {
  readonly #options: PaperMarketOptions;
  #source: MarketData | null;
  #deciding: Promise<MarketData> | null = null;
  #watched = 0;
  #isClosed = false;
  #callOff: () => void = () => undefined;

  constructor(options: PaperMarketOptions) {
    this.#options = options;
    this.#source = options.real === null ? options.demo : null;
  }

  async instruments(): Promise<ReadonlyMap<string, Instrument>> {
    const instruments = await (await this.#chosen()).instruments();
    return new Map([...instruments].map(([symbol, instrument]) => [symbol, onPaper(instrument)]));
  }

  /** One instrument as {@link instruments} tells it; `undefined` when it is not traded. */
  async instrument(symbol: string): Promise<Instrument | undefined> {
    const instrument = (await (await this.#chosen()).instruments()).get(symbol);
    return instrument === undefined ? undefined : onPaper(instrument);
  }

  async quote(symbol: string): Promise<Quote> {
    return (await this.#chosen()).quote(symbol);
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    return this.#follow((source) => source.watchQuotes(symbol, onQuote));
  }

  async book(symbol: string, depth: number): Promise<Book> {
    return (await this.#chosen()).book(symbol, depth);
  }

  async candles(symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]> {
    return (await this.#chosen()).candles(symbol, interval, from, to);
  }

  async trades(symbol: string, limit: number): Promise<readonly PublicTrade[]> {
    return (await this.#chosen()).trades(symbol, limit);
  }

  async tickers(): Promise<readonly Ticker[]> {
    return (await this.#chosen()).tickers();
  }

  watchTrades(symbol: string, onTrade: (trade: PublicTrade) => void): () => void {
    return this.#follow((source) => source.watchTrades(symbol, onTrade));
  }

  watchCandles(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void {
    return this.#follow((source) => source.watchCandles(symbol, interval, onCandle));
  }

  watchBook(symbol: string, onBook: (book: Book) => void): () => void {
    return this.#follow((source) => source.watchBook(symbol, onBook));
  }

  /** Rates of the source in use; where that has no perpetuals, none of its symbols is one. */
  readonly perpetual: PerpetualMarketData = {
    fundingRate: async (symbol) => {
      const { perpetual } = await this.#chosen();
      if (perpetual === undefined) throw new PortError('symbol_unknown', `${symbol} is not traded here`, { outcome: 'failed' });
      return await perpetual.fundingRate(symbol);
    },
  };

  notice(): Text | null {
    return this.#source === null ? null : this.#source.notice();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#options.real?.close();
    await this.#options.demo.close();
  }

  /** Watches the source as soon as it is chosen; while anybody watches it stays. */
  #follow(watch: (source: MarketData) => () => void): () => void {
    let isWanted = true;
    let unwatch: () => void = () => undefined;
    this.#watched += 1;
    const begin = (source: MarketData): void => {
      if (isWanted && !this.#isClosed) unwatch = watch(source);
    };
    if (this.#source !== null) begin(this.#source);
    else void this.#chosen().then(begin);
    return () => {
      if (!isWanted) return;
      isWanted = false;
      this.#watched -= 1;
      unwatch();
    };
  }

  #chosen(): Promise<MarketData> {
    if (this.#source !== null) return Promise.resolve(this.#source);
    this.#deciding ??= this.#decide();
    return this.#deciding;
  }

  async #decide(): Promise<MarketData> {
    const { real, demo, log, clock } = this.#options;
    if (real === null) return demo;
    const isReachable = await this.#isReachable(real);
    this.#source = isReachable ? real : demo;
    if (isReachable) return real;
    log.warn({ waitedMs: DECISION_MS }, 'no real venue answers; the paper venue shows the demonstration market');
    this.#callOff = clock.after(RETRY_MS, () => void this.#tryAgain(real));
    return demo;
  }

  async #tryAgain(real: MarketData): Promise<void> {
    const { log, clock, isInUse } = this.#options;
    const isIdle = (): boolean => !isInUse() && this.#watched === 0;
    if (this.#isClosed) return;
    if (isIdle() && (await this.#isReachable(real)) && isIdle()) {
      this.#source = real;
      log.info({}, 'the real venue answers again; the paper venue shows its prices');
      return;
    }
    this.#callOff = clock.after(RETRY_MS, () => void this.#tryAgain(real));
  }

  /** Whether the venue quotes a price in time. */
  #isReachable(real: MarketData): Promise<boolean> {
    return new Promise((settle) => {
      const callOff = this.#options.clock.after(DECISION_MS, () => settle(false));
      real
        .quote(PROBED_SYMBOL)
        .then(
          () => true,
          // A venue that answers, whatever it says of this symbol, is reachable.
          (error: unknown) => error instanceof PortError && error.code === 'symbol_unknown',
        )
        .then((isReachable) => {
          callOff();
          settle(isReachable);
        });
    });
  }
}

/** Keeps the source of the prices in `venue`: a run that began on real prices must not go on at made-up ones. */
function onPaper(instrument: Instrument): Instrument {
  const { maker, taker } = PAPER_FEES[instrument.kind];
  return { ...instrument, venue: instrument.venue === 'demo' ? 'demo' : 'paper', makerFeeRate: maker, takerFeeRate: taker };
}

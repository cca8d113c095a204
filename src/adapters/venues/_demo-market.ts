/**
 * A made-up market for machines that reach no venue: well-known pairs whose prices move on a seeded, mean-reverting path.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { type Book, CANDLE_INTERVALS, type Candle, type CandleInterval, type PublicTrade, type Ticker } from '#core/market-data.ts';
import { decimal, plain } from '#core/money.ts';
import type { Text } from '#core/params.ts';
import type { PerpetualMarketData } from '#core/perpetual-ports.ts';
import type { Clock } from '#core/ports.ts';
import type { MarketData, Quote } from '#core/venue-ports.ts';
import { DEMO_INSTRUMENTS, DEMO_STEP_MS, DemoPrices } from './_demo-prices.ts';

const DEMO_SEED = 20_261;
const DAY_MS = 86_400_000;
const MAX_LEVELS = 100;
const MAX_TRADES = 1000;
const TOLD_LEVELS = 50;

const NOTICE: Text = {
  en: 'Demonstration market: prices are made up, as no real exchange is connected. They say nothing about real markets.',
  ru: 'Демонстрационный рынок: цены выдуманы, настоящая биржа не подключена. О настоящих рынках они ничего не говорят.',
};

export class DemoMarket implements MarketData {
  readonly #clock: Clock;
  readonly #prices: DemoPrices;
  readonly #watchers = new Map<string, Set<(quote: Quote) => void>>();
  /** Called at every step with the time. */
  readonly #followers = new Set<(at: number) => void>();
  #callOff: (() => void) | null = null;

  constructor(clock: Clock, seed: number = DEMO_SEED) {
    this.#clock = clock;
    this.#prices = new DemoPrices(seed);
  }

  instruments(): Promise<ReadonlyMap<string, Instrument>> {
    return Promise.resolve(DEMO_INSTRUMENTS);
  }

  async quote(symbol: string): Promise<Quote> {
    return this.#quoteOf(instrumentOf(symbol));
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    const watchers = this.#watchers.get(symbol) ?? new Set();
    const watcher = (quote: Quote): void => onQuote(quote);
    watchers.add(watcher);
    this.#watchers.set(symbol, watchers);
    this.#begin();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(symbol) === watchers) this.#watchers.delete(symbol);
    };
  }

  async book(symbol: string, depth: number): Promise<Book> {
    const at = this.#clock.now();
    return { symbol, ...this.#prices.levels(instrumentOf(symbol), at, Math.min(depth, MAX_LEVELS)), at, merged: 1 };
  }

  async candles(symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]> {
    const instrument = instrumentOf(symbol);
    const lengthMs = CANDLE_INTERVALS[interval];
    const candles: Candle[] = [];
    const end = Math.min(to, this.#clock.now() - lengthMs + 1);
    for (let startAt = Math.ceil(from / lengthMs) * lengthMs; startAt < end; startAt += lengthMs)
      candles.push(this.#prices.candle(instrument, startAt, lengthMs));
    return candles;
  }

  async trades(symbol: string, limit: number): Promise<readonly PublicTrade[]> {
    const instrument = instrumentOf(symbol);
    const length = Math.min(limit, MAX_TRADES);
    const oldest = this.#stepNow() - length + 1;
    return Array.from({ length }, (_, index) => this.#prices.trade(instrument, oldest + index));
  }

  async tickers(): Promise<readonly Ticker[]> {
    const at = this.#clock.now();
    return [...DEMO_INSTRUMENTS.values()].map((instrument) => {
      const { open, close, volume } = this.#prices.candle(instrument, at - DAY_MS, DAY_MS);
      const quoteVolume = plain(decimal(open).plus(close).div(2).times(volume).toDecimalPlaces(2));
      return { symbol: instrument.symbol, last: this.#prices.trade(instrument, this.#stepNow()).price, ...this.#prices.top(instrument, at), quoteVolume, at };
    });
  }

  watchTrades(symbol: string, onTrade: (trade: PublicTrade) => void): () => void {
    const instrument = DEMO_INSTRUMENTS.get(symbol);
    let told = this.#stepNow();
    return this.#follow(() => {
      if (instrument === undefined) return;
      for (const newest = this.#stepNow(); told < newest; ) onTrade(this.#prices.trade(instrument, (told += 1)));
    });
  }

  watchCandles(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void {
    const instrument = DEMO_INSTRUMENTS.get(symbol);
    const lengthMs = CANDLE_INTERVALS[interval];
    let startAt = Math.floor(this.#clock.now() / lengthMs) * lengthMs;
    return this.#follow((at) => {
      for (; instrument !== undefined && startAt + lengthMs <= at; startAt += lengthMs) onCandle(this.#prices.candle(instrument, startAt, lengthMs));
    });
  }

  watchBook(symbol: string, onBook: (book: Book) => void): () => void {
    const instrument = DEMO_INSTRUMENTS.get(symbol);
    return this.#follow((at) => {
      if (instrument !== undefined) onBook({ symbol, ...this.#prices.levels(instrument, at, TOLD_LEVELS), at, merged: 1 });
    });
  }

  /** Longs pay a little more often than shorts, as on real markets. */
  readonly perpetual: PerpetualMarketData = {
    fundingRate: async (symbol) => {
      const instrument = instrumentOf(symbol);
      if (instrument.perpetual === null) throw new PortError('symbol_unknown', `${symbol} is not a perpetual`, { outcome: 'failed' });
      const { fundingIntervalMs: intervalMs } = instrument.perpetual;
      const period = Math.floor(this.#clock.now() / intervalMs);
      const { bid, ask } = this.#quoteOf(instrument);
      const middle = plain(decimal(bid).plus(ask).div(2));
      const rate = this.#prices.fundingRate(instrument, period);
      return { symbol, rate, nextAt: (period + 1) * intervalMs, intervalMs, markPrice: middle, indexPrice: middle };
    },
  };

  notice(): Text {
    return NOTICE;
  }

  close(): Promise<void> {
    this.#watchers.clear();
    this.#followers.clear();
    this.#callOff?.();
    this.#callOff = null;
    return Promise.resolve();
  }

  #follow(onStep: (at: number) => void): () => void {
    this.#followers.add(onStep);
    this.#begin();
    return () => this.#followers.delete(onStep);
  }

  #begin(): void {
    this.#callOff ??= this.#clock.after(0, () => this.#step());
  }

  #step(): void {
    const isWatched = this.#watchers.size > 0 || this.#followers.size > 0;
    this.#callOff = isWatched ? this.#clock.after(DEMO_STEP_MS, () => this.#step()) : null;
    for (const [symbol, watchers] of this.#watchers) {
      const instrument = DEMO_INSTRUMENTS.get(symbol);
      if (instrument === undefined) continue;
      const quote = this.#quoteOf(instrument);
      for (const watcher of watchers) watcher(quote);
    }
    const at = this.#clock.now();
    for (const follower of [...this.#followers]) follower(at);
  }

  #stepNow(): number {
    return Math.floor(this.#clock.now() / DEMO_STEP_MS);
  }

  #quoteOf(instrument: Instrument): Quote {
    const at = this.#clock.now();
    return { symbol: instrument.symbol, ...this.#prices.top(instrument, at), at };
  }
}

function instrumentOf(symbol: string): Instrument {
  const instrument = DEMO_INSTRUMENTS.get(symbol);
  if (instrument === undefined) throw new PortError('symbol_unknown', `the demonstration market does not trade ${symbol}`, { outcome: 'failed' });
  return instrument;
}

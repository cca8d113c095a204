/**
 * A market of many instruments for the density bench: each gets one tick a second on a seeded random walk, the ticks
 * spread evenly over the second, so that the load is that of a steady stream and not of a burst.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Clock } from '#core/ports.ts';
import type { MarketData, Quote } from '#core/venue-ports.ts';
import { QUOTES_ONLY } from '#test/support/quotes-only.ts';

/** Step of the walk as a share: a standard deviation of 0.05 % a second is several times livelier than Bitcoin. */
const VOLATILITY = 0.0005;
const START_PRICE = 100;
const SLICES = 100;

export class DensityMarket implements MarketData {
  readonly book = QUOTES_ONLY.book;
  readonly candles = QUOTES_ONLY.candles;
  readonly trades = QUOTES_ONLY.trades;
  readonly tickers = QUOTES_ONLY.tickers;
  readonly watchTrades = QUOTES_ONLY.watchTrades;
  readonly watchCandles = QUOTES_ONLY.watchCandles;
  readonly watchBook = QUOTES_ONLY.watchBook;
  readonly #clock: Clock;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #prices: Float64Array;
  readonly #watchers = new Map<string, Set<(quote: Quote) => void>>();
  readonly #names: readonly string[];
  #seed: number;
  #slice = 0;
  #callOff: () => void = () => undefined;
  ticks = 0;

  constructor(clock: Clock, count: number, seed = 1) {
    this.#clock = clock;
    this.#seed = seed;
    this.#names = Array.from({ length: count }, (_, index) => `C${index}/USDT`);
    this.#instruments = new Map(this.#names.map((symbol) => [symbol, listing(symbol)]));
    // Somewhere between two lines of everybody's grid.
    this.#prices = new Float64Array(count).map(() => START_PRICE + this.#uniform() - 0.5);
  }

  get symbols(): readonly string[] {
    return this.#names;
  }

  start(): void {
    this.#callOff = this.#clock.after(1000 / SLICES, () => this.#step());
  }

  instruments(): Promise<ReadonlyMap<string, Instrument>> {
    return Promise.resolve(this.#instruments);
  }

  async quote(symbol: string): Promise<Quote> {
    const index = this.#names.indexOf(symbol);
    if (index < 0) throw new PortError('symbol_unknown', `${symbol} is not traded here`, { outcome: 'failed' });
    return this.#quoteOf(index, symbol);
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    const watchers = this.#watchers.get(symbol) ?? new Set();
    this.#watchers.set(symbol, watchers);
    watchers.add(onQuote);
    return () => watchers.delete(onQuote);
  }

  notice(): null {
    return null;
  }

  close(): Promise<void> {
    this.#callOff();
    return Promise.resolve();
  }

  #step(): void {
    this.#callOff = this.#clock.after(1000 / SLICES, () => this.#step());
    for (let index = this.#slice; index < this.#names.length; index += SLICES) {
      const symbol = this.#names[index];
      if (symbol === undefined) continue;
      this.#prices[index] = (this.#prices[index] ?? START_PRICE) * Math.exp(VOLATILITY * this.#normal());
      this.ticks += 1;
      const quote = this.#quoteOf(index, symbol);
      for (const watcher of this.#watchers.get(symbol) ?? []) watcher(quote);
    }
    this.#slice = (this.#slice + 1) % SLICES;
  }

  #quoteOf(index: number, symbol: string): Quote {
    const middle = this.#prices[index] ?? START_PRICE;
    return { symbol, bid: (middle - 0.01).toFixed(2), ask: (middle + 0.01).toFixed(2), at: this.#clock.now() };
  }

  /** Box and Muller on a small generator of its own. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(this.#uniform())) * Math.cos(2 * Math.PI * this.#uniform());
  }

  #uniform(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#seed + 1) / 2 ** 32;
  }
}

function listing(symbol: string): Instrument {
  const base = symbol.slice(0, symbol.indexOf('/'));
  return {
    venue: 'paper',
    symbol,
    base,
    quote: 'USDT',
    kind: 'spot',
    settle: 'USDT',
    perpetual: null,
    priceIncrement: '0.01',
    sizeIncrement: '0.0001',
    minPrice: '0.01',
    maxPrice: '1000000',
    minSize: '0.0001',
    maxSize: '100000',
    minNotional: '1',
    makerFeeRate: '0.001',
    takerFeeRate: '0.001',
    status: 'trading',
  };
}

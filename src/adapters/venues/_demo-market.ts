/**
 * A made-up market for machines that reach no venue: well-known pairs whose prices move on a seeded, mean-reverting path.
 * The price is a function of seed and time alone, so every process sees the same market and a restart goes on where time is.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { Decimal, decimal, plain, roundTo } from '#core/money.ts';
import type { Text } from '#core/params.ts';
import type { PerpetualMarketData } from '#core/perpetual-ports.ts';
import type { Clock, MarketData, Quote } from '#core/ports.ts';

/** Milliseconds between two quotes of a watched symbol. */
export const DEMO_STEP_MS = 250;
const DEMO_SEED = 20_261;
/** Half the distance between bid and ask, as a share of the price. */
const HALF_SPREAD = 0.00005;

/**
 * The swings that make up a price: period in milliseconds and size as a share. The quick ones are far livelier than a
 * real market, so that somebody who tries a grid sees it trade within seconds.
 */
const SWINGS: readonly (readonly [periodMs: number, share: number])[] = [
  [1_500, 0.0012],
  [6_000, 0.004],
  [20_000, 0.006],
  [75_000, 0.006],
  [400_000, 0.009],
  [3_600_000, 0.012],
  [86_400_000, 0.02],
];

const NOTICE: Text = {
  en: 'Demonstration market: prices are made up, as no real exchange is connected. They say nothing about real markets.',
  ru: 'Демонстрационный рынок: цены выдуманы, настоящая биржа не подключена. О настоящих рынках они ничего не говорят.',
};

export class DemoMarket implements MarketData {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #watchers = new Map<string, Set<(quote: Quote) => void>>();
  #callOff: (() => void) | null = null;

  constructor(clock: Clock, seed: number = DEMO_SEED) {
    this.#clock = clock;
    this.#seed = seed;
  }

  instruments(): Promise<ReadonlyMap<string, Instrument>> {
    return Promise.resolve(INSTRUMENTS);
  }

  async quote(symbol: string): Promise<Quote> {
    return this.#quoteOf(symbol);
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    const watchers = this.#watchers.get(symbol) ?? new Set();
    const watcher = (quote: Quote): void => onQuote(quote);
    watchers.add(watcher);
    this.#watchers.set(symbol, watchers);
    this.#callOff ??= this.#clock.after(0, () => this.#step());
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(symbol) === watchers) this.#watchers.delete(symbol);
    };
  }

  /** Longs pay a little more often than shorts, as on real markets. */
  readonly perpetual: PerpetualMarketData = {
    fundingRate: async (symbol) => {
      const { perpetual } = this.#instrumentOf(symbol);
      if (perpetual === null) throw new PortError('symbol_unknown', `${symbol} is not a perpetual`, { outcome: 'failed' });
      const intervalMs = perpetual.fundingIntervalMs;
      const period = Math.floor(this.#clock.now() / intervalMs);
      const rate = plain(new Decimal(Math.round(100 * (0.5 + 2 * noise(this.#seed + symbol.length, period)))).div(1_000_000));
      const { bid, ask } = this.#quoteOf(symbol);
      const middle = plain(decimal(bid).plus(ask).div(2));
      return { symbol, rate, nextAt: (period + 1) * intervalMs, intervalMs, markPrice: middle, indexPrice: middle };
    },
  };

  notice(): Text {
    return NOTICE;
  }

  close(): Promise<void> {
    this.#watchers.clear();
    this.#callOff?.();
    this.#callOff = null;
    return Promise.resolve();
  }

  #step(): void {
    this.#callOff = this.#watchers.size === 0 ? null : this.#clock.after(DEMO_STEP_MS, () => this.#step());
    for (const [symbol, watchers] of this.#watchers) {
      if (!INSTRUMENTS.has(symbol)) continue;
      const quote = this.#quoteOf(symbol);
      for (const watcher of watchers) watcher(quote);
    }
  }

  #quoteOf(symbol: string): Quote {
    const instrument = this.#instrumentOf(symbol);
    const at = this.#clock.now();
    const middle = new Decimal(this.#middleOf(instrument, at).toPrecision(12));
    const increment = decimal(instrument.priceIncrement);
    const bid = roundTo(middle.times(1 - HALF_SPREAD), increment, 'down');
    const ask = roundTo(middle.times(1 + HALF_SPREAD), increment, 'up');
    return { symbol, bid: plain(bid), ask: plain(ask.lte(bid) ? bid.plus(increment) : ask), at };
  }

  #instrumentOf(symbol: string): Instrument {
    const instrument = INSTRUMENTS.get(symbol);
    if (instrument === undefined) throw new PortError('symbol_unknown', `the demonstration market does not trade ${symbol}`, { outcome: 'failed' });
    return instrument;
  }

  /** A pair between two coins follows from their prices in USDT, so that the three agree. */
  #middleOf({ base, quote }: Instrument, at: number): number {
    return this.#worthOf(base, at) / this.#worthOf(quote, at);
  }

  #worthOf(asset: string, at: number): number {
    const worth = WORTHS.get(asset);
    if (worth === undefined) return 1;
    const path = this.#seed + [...asset].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
    const share = SWINGS.reduce((sum, [periodMs, size], octave) => sum + size * noise(path + octave * 101, at / periodMs), 0);
    return worth * Math.exp(share);
  }
}

/** Middle prices in USDT. */
const WORTHS: ReadonlyMap<string, number> = new Map([
  ['BTC', 64_000],
  ['ETH', 3_200],
  ['BNB', 610],
  ['SOL', 150],
  ['XRP', 0.62],
  ['DOGE', 0.16],
  ['WLD', 2.4],
]);

const INSTRUMENTS: ReadonlyMap<string, Instrument> = new Map(
  [
    listing('BTC', 'USDT', '0.01', '0.00001', '5'),
    listing('ETH', 'USDT', '0.01', '0.0001', '5'),
    listing('BNB', 'USDT', '0.01', '0.001', '5'),
    listing('SOL', 'USDT', '0.01', '0.001', '5'),
    listing('XRP', 'USDT', '0.0001', '0.1', '5'),
    listing('DOGE', 'USDT', '0.00001', '1', '1'),
    listing('WLD', 'USDT', '0.001', '0.1', '5'),
    listing('BTC', 'USDC', '0.01', '0.00001', '5'),
    listing('ETH', 'USDC', '0.01', '0.0001', '5'),
    listing('ETH', 'BTC', '0.00001', '0.0001', '0.0001'),
    listing('SOL', 'BTC', '0.0000001', '0.001', '0.0001'),
    perpetual('BTC', '0.1', '0.001'),
    perpetual('ETH', '0.01', '0.01'),
    perpetual('SOL', '0.01', '0.1'),
  ].map((instrument) => [instrument.symbol, instrument]),
);

/** Smooth noise between -1 and 1: a seeded random value at every whole number, a soft curve in between. */
function noise(path: number, position: number): number {
  const before = Math.floor(position);
  const part = position - before;
  const weight = part * part * (3 - 2 * part);
  return valueAt(path, before) * (1 - weight) + valueAt(path, before + 1) * weight;
}

/** The bits of path and position, well mixed, as a number between -1 and 1. */
function valueAt(path: number, position: number): number {
  let bits = Math.imul(path ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(position | 0, 0xc2b2ae35) ^ Math.floor(position / 2 ** 32);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 31 - 1;
}

function listing(base: string, quote: string, priceIncrement: string, sizeIncrement: string, minNotional: string): Instrument {
  return {
    venue: 'demo',
    symbol: `${base}/${quote}`,
    base,
    quote,
    kind: 'spot',
    settle: quote,
    perpetual: null,
    priceIncrement,
    sizeIncrement,
    minPrice: priceIncrement,
    maxPrice: '1000000',
    minSize: sizeIncrement,
    maxSize: plain(decimal(sizeIncrement).times(90_000_000)),
    minNotional,
    makerFeeRate: '0.001',
    takerFeeRate: '0.001',
    status: 'trading',
  };
}

/** The same coins as linear perpetuals, at the price of the pair. */
function perpetual(base: string, priceIncrement: string, sizeIncrement: string): Instrument {
  return {
    ...listing(base, 'USDT', priceIncrement, sizeIncrement, '5'),
    symbol: `${base}/USDT:USDT`,
    kind: 'perpetual',
    perpetual: { contractSize: sizeIncrement, fundingIntervalMs: 8 * 3_600_000, maxLeverage: 50, maintenanceMarginRate: '0.005' },
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
  };
}

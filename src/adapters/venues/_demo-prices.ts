/**
 * Prices of the demonstration market: a function of seed, pair and time alone, with everything that follows from them
 * (trades, candles, books), so that every process sees the same market and a restart goes on where time is.
 */
import type { Instrument } from '#core/instrument.ts';
import type { BookLevel, Candle, PublicTrade } from '#core/market-data.ts';
import { Decimal, decimal, plain, roundTo } from '#core/money.ts';

/** Milliseconds between two prices, and between two trades. */
export const DEMO_STEP_MS = 250;
/** Half the distance between bid and ask, as a share of the price. */
const HALF_SPREAD = 0.00005;
/** Prices that a candle is made of at most; a minute has as many trades. */
const MAX_SAMPLES = 240;
/** Distance of two levels of the book, as a share of the price. */
const LEVEL_SHARE = 0.0001;
/** What a trade and a level are worth at most, in USDT. */
const TRADE_WORTH = 400;
const LEVEL_WORTH = 20_000;

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

export class DemoPrices {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Best bid and ask at a time. */
  top({ base, quote, priceIncrement }: Instrument, at: number): { readonly bid: string; readonly ask: string } {
    const middle = new Decimal(this.#middleOf(base, quote, at).toPrecision(12));
    const increment = decimal(priceIncrement);
    const bid = roundTo(middle.times(1 - HALF_SPREAD), increment, 'down');
    const ask = roundTo(middle.times(1 + HALF_SPREAD), increment, 'up');
    return { bid: plain(bid), ask: plain(ask.lte(bid) ? bid.plus(increment) : ask) };
  }

  /** Levels a side around the best prices, the sizes their own at every price. */
  levels(instrument: Instrument, at: number, depth: number): { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] } {
    const { bid, ask } = this.top(instrument, at);
    const increment = decimal(instrument.priceIncrement);
    const step = Decimal.max(increment, roundTo(decimal(bid).times(LEVEL_SHARE), increment, 'up'));
    const side = (start: string, direction: 1 | -1): BookLevel[] =>
      Array.from({ length: depth }, (_, index) => decimal(start).plus(step.times(index * direction)))
        .filter((price) => price.gt(0))
        .map((price): BookLevel => [plain(price), this.#sizeAt(instrument, LEVEL_WORTH, price.div(increment).toNumber())]);
    return { bids: side(bid, -1), asks: side(ask, 1) };
  }

  /** The trade of a step; steps are counted from 1970. */
  trade(instrument: Instrument, step: number): PublicTrade {
    const at = step * DEMO_STEP_MS;
    const { base, quote, symbol } = instrument;
    const isRising = this.#middleOf(base, quote, at) >= this.#middleOf(base, quote, at - DEMO_STEP_MS);
    const price = plain(this.#ticksAt(instrument, at).times(instrument.priceIncrement));
    return { tradeId: String(step), symbol, side: isRising ? 'buy' : 'sell', price, size: this.#sizeAt(instrument, TRADE_WORTH, step), at };
  }

  /** The candle of the trades from `startAt` on; of long candles only some of the trades count, for all of them. */
  candle(instrument: Instrument, startAt: number, lengthMs: number): Candle {
    const first = Math.ceil(startAt / DEMO_STEP_MS);
    const steps = Math.floor(lengthMs / DEMO_STEP_MS);
    const stride = Math.max(1, Math.floor(steps / MAX_SAMPLES));
    let [open, high, low, close, volume] = [new Decimal(0), new Decimal(0), new Decimal(Number.POSITIVE_INFINITY), new Decimal(0), new Decimal(0)];
    for (let index = 0; index < steps; index += stride) {
      const ticks = this.#ticksAt(instrument, (first + index) * DEMO_STEP_MS);
      if (index === 0) open = ticks;
      high = Decimal.max(high, ticks);
      low = Decimal.min(low, ticks);
      close = ticks;
      volume = volume.plus(this.#sizeAt(instrument, TRADE_WORTH, first + index));
    }
    const price = (ticks: Decimal): string => plain(ticks.times(instrument.priceIncrement));
    return { startAt, open: price(open), high: price(high), low: price(low), close: price(close), volume: plain(volume.times(stride)) };
  }

  /** The funding rate of a period of the instrument's interval; periods are counted from 1970. */
  fundingRate({ symbol }: Instrument, period: number): string {
    return plain(new Decimal(Math.round(100 * (0.5 + 2 * noise(this.#seed + symbol.length, period)))).div(1_000_000));
  }

  #ticksAt({ base, quote, priceIncrement }: Instrument, at: number): Decimal {
    return new Decimal(Math.max(1, Math.round(this.#middleOf(base, quote, at) / Number(priceIncrement))));
  }

  #sizeAt({ base, sizeIncrement }: Instrument, worth: number, position: number): string {
    const share = 0.55 + 0.45 * valueAt(this.#pathOf(base) + 7, position);
    const lots = Math.max(1, Math.round((share * worth) / ((WORTHS.get(base) ?? 1) * Number(sizeIncrement))));
    return plain(decimal(sizeIncrement).times(lots));
  }

  /** A pair between two coins follows from their prices in USDT, so that the three agree. */
  #middleOf(base: string, quote: string, at: number): number {
    return this.#worthOf(base, at) / this.#worthOf(quote, at);
  }

  #worthOf(asset: string, at: number): number {
    const worth = WORTHS.get(asset);
    if (worth === undefined) return 1;
    const path = this.#pathOf(asset);
    const share = SWINGS.reduce((sum, [periodMs, size], octave) => sum + size * noise(path + octave * 101, at / periodMs), 0);
    return worth * Math.exp(share);
  }

  #pathOf(asset: string): number {
    return this.#seed + [...asset].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
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

export const DEMO_INSTRUMENTS: ReadonlyMap<string, Instrument> = new Map(
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

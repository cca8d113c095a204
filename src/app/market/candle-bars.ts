/**
 * Candles in the integers of an instrument, and the instrument of a file that no venue describes.
 */
import { type Bars, newBars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { BarClosed } from '#core/events.ts';
import { type Instrument, isPerpetualSymbol } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import type { Candles } from './candles.ts';

export interface ScaledCandles {
  readonly bars: Bars;
  /** Prices that were no whole number of increments and went to the nearest one. */
  readonly roundedPrices: number;
}

/** Candles in the ticks and lots of an instrument. Throws AppError `candles_invalid` for a price below half an increment or past what can be counted. */
export function toBars(candles: Candles, instrument: Instrument): ScaledCandles {
  const bars = newBars(candles.length, candles.intervalMs);
  bars.startAt.set(candles.startAt);
  const prices = new IncrementCounter(instrument.priceIncrement);
  const sizes = new IncrementCounter(instrument.sizeIncrement);
  for (let index = 0; index < candles.length; index += 1) {
    for (const column of ['open', 'high', 'low', 'close'] as const) {
      const text = candles[column][index] ?? '';
      const ticks = prices.count(text);
      if (ticks < 1 || !Number.isSafeInteger(ticks))
        throw new AppError(
          'candles_invalid',
          `candle of ${new Date(candles.startAt[index] ?? 0).toISOString()}: ${column} ${text} cannot be told in increments of ${instrument.priceIncrement}; use an instrument with a finer price increment`,
        );
      bars[`${column}Ticks`][index] = ticks;
    }
    bars.volumeLots[index] = Math.min(Number.MAX_SAFE_INTEGER, sizes.count(candles.volume[index] ?? '0'));
  }
  return { bars, roundedPrices: prices.rounded };
}

/** One candle as the event that tells a run of it, in the same integers as {@link toBars} gives. */
export function barOf(candle: Candle, interval: CandleInterval, instrument: Instrument, at: number): BarClosed {
  const intervalMs = CANDLE_INTERVALS[interval];
  const { startAt, open, high, low, close, volume } = candle;
  const column = { open: [open], high: [high], low: [low], close: [close], volume: [volume] };
  const { bars } = toBars({ length: 1, intervalMs, startAt: Float64Array.of(startAt), ...column, missing: 0 }, instrument);
  return {
    type: 'barClosed',
    at,
    closedAt: startAt + intervalMs,
    intervalMs,
    openTicks: bars.openTicks[0] ?? 0,
    highTicks: bars.highTicks[0] ?? 0,
    lowTicks: bars.lowTicks[0] ?? 0,
    closeTicks: bars.closeTicks[0] ?? 0,
    volumeLots: bars.volumeLots[0] ?? 0,
  };
}

/** Counts increments in decimals, to the nearest, exactly: by integers where the decimals are short, by big decimals where not. */
class IncrementCounter {
  rounded = 0;
  readonly #increment: Decimal;
  readonly #places: number;
  readonly #unit: number;

  constructor(increment: DecimalString) {
    this.#increment = new Decimal(increment);
    this.#places = this.#increment.decimalPlaces();
    this.#unit = this.#increment.times(new Decimal(10).pow(this.#places)).toNumber();
  }

  count(text: string): number {
    const units = this.#fastUnits(text);
    if (units !== null && units % this.#unit === 0) return units / this.#unit;
    const exact = new Decimal(text).div(this.#increment);
    const count = exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN);
    if (!count.eq(exact)) this.rounded += 1;
    return count.toNumber();
  }

  /** The decimal in units of its places, or `null` where it is finer than the increment, too long, or has an exponent. */
  #fastUnits(text: string): number | null {
    const point = text.indexOf('.');
    const whole = point < 0 ? text : text.slice(0, point);
    const rest = point < 0 ? '' : text.slice(point + 1).replace(/0+$/, '');
    if (rest.length > this.#places || whole.length + this.#places > 15 || /[eE]/.test(text)) return null;
    return Number(whole + rest.padEnd(this.#places, '0'));
  }
}

/** What is known of an instrument that no venue describes. Left out values follow from the candles or are stated here. */
export interface AssumedInstrument {
  readonly symbol: string;
  readonly priceIncrement?: DecimalString;
  readonly sizeIncrement?: DecimalString;
  /** 5 of the quote coin. */
  readonly minNotional?: DecimalString;
  /** 0.001 for both. */
  readonly makerFeeRate?: DecimalString;
  readonly takerFeeRate?: DecimalString;
}

/** An instrument for candles without a venue: increments as fine as the file's own prices and volumes. With `BASE/QUOTE:QUOTE` it is a perpetual of the usual terms. Throws AppError `symbol_unknown` for what is neither. */
export function assumeInstrument(candles: Candles, assumed: AssumedInstrument): Instrument {
  const [base, quotes, ...more] = assumed.symbol.split('/');
  const [quote, settle = quote] = (quotes ?? '').split(':');
  if (base === undefined || base === '' || quote === undefined || quote === '' || settle === undefined || more.length > 0)
    throw new AppError('symbol_unknown', `${JSON.stringify(assumed.symbol.slice(0, 40))} is not a symbol such as BTC/USDT`);
  const priceIncrement = assumed.priceIncrement ?? finest([candles.open, candles.high, candles.low, candles.close]);
  const sizeIncrement = assumed.sizeIncrement ?? finest([candles.volume]);
  return {
    venue: 'file',
    symbol: assumed.symbol,
    base,
    quote,
    ...(isPerpetualSymbol(assumed.symbol)
      ? { kind: 'perpetual', settle, perpetual: { contractSize: sizeIncrement, ...ASSUMED_PERPETUAL } }
      : { kind: 'spot', settle, perpetual: null }),
    priceIncrement,
    sizeIncrement,
    minPrice: priceIncrement,
    maxPrice: null,
    minSize: sizeIncrement,
    maxSize: null,
    minNotional: assumed.minNotional ?? '5',
    makerFeeRate: assumed.makerFeeRate ?? '0.001',
    takerFeeRate: assumed.takerFeeRate ?? assumed.makerFeeRate ?? '0.001',
    status: 'trading',
  };
}

/** Of a perpetual that no venue describes. */
const ASSUMED_PERPETUAL = { fundingIntervalMs: 28_800_000, maxLeverage: 20, maintenanceMarginRate: '0.005' } as const;

/** Finest increment assumed from data, in digits after the point. */
const MAX_ASSUMED_PLACES = 12;

function finest(columns: readonly (readonly DecimalString[])[]): DecimalString {
  let places = 0;
  for (const column of columns) for (const text of column) places = Math.max(places, placesOf(text));
  return plain(new Decimal(10).pow(-Math.min(MAX_ASSUMED_PLACES, places)));
}

function placesOf(text: string): number {
  if (/[eE]/.test(text)) return new Decimal(text).decimalPlaces();
  const point = text.indexOf('.');
  if (point < 0) return 0;
  let end = text.length;
  while (end > point + 1 && text[end - 1] === '0') end -= 1;
  return end - point - 1;
}

/** Candles of the history for a backtest: as a file would give them, or in the integers of an instrument at once. */
import { type Bars, newBars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import { type CandleColumns, type CandleHistory, HISTORY_INTERVALS, type Series, type Span } from '#core/history.ts';
import type { Instrument } from '#core/instrument.ts';
import { Decimal } from '#core/money.ts';
import { lengthOf, missingOf } from '#core/spans.ts';
import { type CandleOptions, type Candles, closeGaps } from '../market/candles.ts';
import { decimalText } from './decimal-text.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;

/**
 * All candles of a span. Throws AppError `history_missing` where a part of it was never downloaded: what the venue does not
 * have is no part that is missing.
 */
export async function storedCandles(history: CandleHistory, series: Series, span: Span): Promise<CandleColumns> {
  const columns = await history.read(series, span);
  const intervalMs = HISTORY_INTERVALS[series.interval];
  const asked = { from: Math.ceil(span.from / intervalMs) * intervalMs, to: Math.floor(span.to / intervalMs) * intervalMs };
  const lacking = missingOf(asked, (await history.coverage(series, asked)).covered);
  const [first] = lacking;
  if (columns.length > 0 && first === undefined) return columns;
  const name = `${series.venue} ${series.symbol} ${series.interval}`;
  if (columns.length === 0 || first === undefined) throw new AppError('history_missing', `There is no history of ${name} in that span.`);
  const count = lengthOf(lacking) / intervalMs;
  throw new AppError(
    'history_missing',
    `Of ${name} ${count} candles were never downloaded, the first of them from ${isoOf(first.from)} to ${isoOf(first.to)}.`,
  );
}

/** Candles as a file tells them. Throws AppError `candles_invalid` for gaps that are not allowed. */
export function asCandles({ startAt, intervalMs, ...columns }: CandleColumns, options: CandleOptions = {}): Candles {
  const text = (column: Float64Array) => Array.from(column, decimalText);
  const texts = { open: text(columns.open), high: text(columns.high), low: text(columns.low), close: text(columns.close), volume: text(columns.volume) };
  return closeGaps([...startAt], texts, options.gaps ?? 'refuse', { intervalMs, where: (index) => `candle ${index + 1}: ` });
}

export interface ScaledColumns {
  readonly bars: Bars;
  /** Prices that were no whole number of increments and went to the nearest one. */
  readonly roundedPrices: number;
}

/**
 * The same integers as decimals would give, without making any: exact for what a double tells exactly. Throws AppError `candles_invalid`
 * for a price below half an increment or past what can be counted.
 */
export function barsOfColumns(columns: CandleColumns, instrument: Instrument): ScaledColumns {
  const bars = newBars(columns.length, columns.intervalMs);
  bars.startAt.set(columns.startAt);
  const price = scaleOf(instrument.priceIncrement);
  const size = scaleOf(instrument.sizeIncrement);
  let roundedPrices = 0;
  for (const name of PRICES) {
    const [from, into] = [columns[name], bars[`${name}Ticks`]];
    for (let index = 0; index < columns.length; index += 1) {
      const exact = countOf(from[index] ?? Number.NaN, price);
      const ticks = nearest(exact);
      if (ticks !== exact) roundedPrices += 1;
      if (!(ticks >= 1 && Number.isSafeInteger(ticks)))
        throw new AppError(
          'candles_invalid',
          `candle of ${isoOf(columns.startAt[index] ?? 0)}: ${name} ${decimalText(from[index] ?? 0)} cannot be told in increments of ${instrument.priceIncrement}; use an instrument with a finer price increment`,
        );
      into[index] = ticks;
    }
  }
  for (let index = 0; index < columns.length; index += 1)
    bars.volumeLots[index] = Math.min(Number.MAX_SAFE_INTEGER, nearest(countOf(columns.volume[index] ?? 0, size)));
  return { bars, roundedPrices };
}

/** How many increments there are in each value, to the nearest. */
export function countsOf(values: Float64Array, increment: string): Float64Array {
  const scale = scaleOf(increment);
  return values.map((value) => nearest(countOf(value, scale)));
}

/** Beyond it a double times a power of ten may be off by one. */
const MAX_FAST = 2 ** 49;

interface Scale {
  readonly increment: Decimal;
  /** Ten to the places of the increment, and the increment in units of that. */
  readonly power: number;
  readonly unit: number;
}

function scaleOf(increment: string): Scale {
  const exact = new Decimal(increment);
  const power = new Decimal(10).pow(exact.decimalPlaces());
  return { increment: exact, power: power.toNumber(), unit: exact.times(power).toNumber() };
}

/**
 * Increments in a number. The nearest double to a decimal, times a power of ten, is off by less than itself times 2^-51, so
 * what comes so near to a whole or a half is that.
 */
function countOf(value: number, { increment, power, unit }: Scale): number {
  const doubled = value * power * 2;
  if (doubled > MAX_FAST) return new Decimal(decimalText(value)).div(increment).toNumber();
  const whole = Math.round(doubled);
  return (Math.abs(doubled - whole) <= whole * 2 ** -51 ? whole : doubled) / (2 * unit);
}

/** The nearest whole number, an even one where two are as near. */
function nearest(exact: number): number {
  const rounded = Math.round(exact);
  return rounded - exact === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

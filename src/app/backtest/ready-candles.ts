/** Candles made ready for a run: read strictly, in the integers of the instrument, parted into warm-up and run, with all that is to be known of them. */
import { type Bars, firstBarAt } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { CandleColumns } from '#core/history.ts';
import { Scale } from '#core/instrument.ts';
import type { Text } from '#core/params.ts';
import { asCandles, barsOfColumns } from '../history/stored-candles.ts';
import { toBars } from '../market/candle-bars.ts';
import { parseCandles } from '../market/candles.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { candleWarnings } from './candle-warnings.ts';

export interface ReadyCandles {
  readonly bars: Bars;
  /** Bars before those, for strategies that warm up. */
  readonly history: Bars | null;
  readonly warnings: readonly Text[];
}

/** Throws AppError `candles_invalid` for candles that cannot be used, or where none lies in the span. */
export function readyCandles(settings: BacktestSettings, candles: string | CandleColumns): ReadyCandles {
  const { source, instrument, gaps } = settings;
  const isVenue = source.kind === 'venue';
  const { bars, roundedPrices, missing } = scaled(candles, settings);
  const begin = isVenue ? firstBarAt(bars, source.from) : 0;
  if (begin >= bars.length)
    throw new AppError('candles_invalid', `there are no candles of ${instrument.symbol} in the span; choose one in which it was traded`);
  const warnings = candleWarnings({ bars, begin, missing, gaps, roundedPrices, until: isVenue ? source.to : null });
  const run = slice(bars, begin, bars.length);
  if (settings.against?.beginPrice !== undefined) beginAt(run, new Scale(instrument).ticks(settings.against.beginPrice, 'nearest'));
  return { bars: run, history: begin === 0 ? null : slice(bars, 0, begin), warnings };
}

/** A live run began within the first candle, at this price: where the market had gone in it before is nothing that it could meet. */
function beginAt({ openTicks, highTicks, lowTicks, closeTicks }: Bars, ticks: number): void {
  const close = closeTicks[0] ?? ticks;
  openTicks[0] = ticks;
  highTicks[0] = Math.max(ticks, close);
  lowTicks[0] = Math.min(ticks, close);
}

function scaled(given: string | CandleColumns, { gaps, instrument }: BacktestSettings) {
  // Where nothing is missing no text is made of what the history has in numbers.
  if (typeof given !== 'string' && isWhole(given)) return { ...barsOfColumns(given, instrument), missing: 0 };
  const candles = typeof given === 'string' ? parseCandles(given, { gaps }) : asCandles(given, { gaps });
  return { ...toBars(candles, instrument), missing: candles.missing };
}

function isWhole({ length, startAt, intervalMs }: CandleColumns): boolean {
  return length > 0 && (startAt[length - 1] ?? 0) - (startAt[0] ?? 0) === (length - 1) * intervalMs;
}

function slice(bars: Bars, from: number, to: number): Bars {
  return {
    length: to - from,
    intervalMs: bars.intervalMs,
    startAt: bars.startAt.slice(from, to),
    openTicks: bars.openTicks.slice(from, to),
    highTicks: bars.highTicks.slice(from, to),
    lowTicks: bars.lowTicks.slice(from, to),
    closeTicks: bars.closeTicks.slice(from, to),
    volumeLots: bars.volumeLots.slice(from, to),
  };
}

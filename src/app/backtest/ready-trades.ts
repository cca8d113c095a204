/** Trades of the history made ready for a run: in the integers of the instrument, with the bars that they make. */
import { AppError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import type { Records } from '#core/record-history.ts';
import { countsOf } from '../history/stored-candles.ts';
import type { BacktestOptions } from './backtest.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { ReadyCandles } from './ready-candles.ts';
import { barsOfTrades, type TradeHistory } from './trade-history.ts';

/** Trades of one backtest that are taken from the history. */
export const MAX_STORED_TRADES = 5_000_000;

/** Throws AppError `candles_invalid` where there are none that can be used, and `backtest_too_large`. */
export function readyTrades({ source, instrument }: BacktestSettings, records: Records): ReadyCandles & Required<Pick<BacktestOptions, 'trades'>> {
  if (source.kind !== 'venue') throw new Error('trades are of an exchange');
  if (records.length === 0) throw new AppError('candles_invalid', `there are no trades of ${instrument.symbol} in the span; choose one in which it was traded`);
  if (records.length > MAX_STORED_TRADES)
    throw new AppError('backtest_too_large', `the span has ${records.length} trades; ${MAX_STORED_TRADES} is the limit, so choose a shorter one`);
  const trades = tradesIn(records, instrument);
  const { bars, firstTrades } = barsOfTrades(trades, CANDLE_INTERVALS[source.interval]);
  return { bars, history: null, warnings: [], trades: { trades, firstTrades } };
}

function tradesIn({ length, at, columns }: Records, { priceIncrement, sizeIncrement }: Instrument): TradeHistory {
  const none = new Float64Array(length);
  return { length, at, priceTicks: countsOf(columns['price'] ?? none, priceIncrement), sizeLots: countsOf(columns['size'] ?? none, sizeIncrement) };
}

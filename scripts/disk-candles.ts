/** Candles for a backtest from the history on this disk. */
import { diskHistory } from '#adapters/history/disk.ts';
import { seriesOf, timeOf } from '#app/history/series.ts';
import { asCandles, storedCandles } from '#app/history/stored-candles.ts';
import type { Candles } from '#app/market/candles.ts';
import { loadConfig } from '#config';
import { AppError } from '#core/errors.ts';
import { HISTORY_INTERVALS } from '#core/history.ts';

export interface WantedFromDisk {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string;
  /** All that there is without them. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly gaps: 'refuse' | 'fill' | 'skip';
}

/** Throws AppError `history_missing` where what is wanted was not downloaded. */
export async function candlesOnDisk({ exchange, symbol, interval, from, to, gaps }: WantedFromDisk): Promise<Candles> {
  const history = diskHistory(loadConfig().data.history);
  const series = seriesOf(exchange, symbol, interval);
  const known = (await history.list()).find((each) => each.venue === series.venue && each.symbol === series.symbol && each.interval === series.interval);
  if (known?.firstAt === undefined || known.firstAt === null || known.lastAt === null)
    throw new AppError('history_missing', `There is no history of ${exchange} ${symbol} ${interval}.`);
  const span = {
    from: from === undefined ? known.firstAt : timeOf('--from', from),
    to: to === undefined ? known.lastAt + HISTORY_INTERVALS[series.interval] : timeOf('--to', to),
  };
  return asCandles(await storedCandles(history, series, span), { gaps });
}

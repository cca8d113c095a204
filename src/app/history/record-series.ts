/** Which records people mean, as they write them: `funding` and `trades` stand where the length of candles does. */
import { AppError } from '#core/errors.ts';
import { RECORD_COLUMNS, type RecordKind, type RecordSeries } from '#core/record-history.ts';
import { seriesOf } from './series.ts';

export function isRecordKind(text: string): text is RecordKind {
  return Object.hasOwn(RECORD_COLUMNS, text);
}

/** Throws AppError `validation_failed` that names the field. */
export function recordSeriesOf(venue: string, symbol: string, kind: RecordKind): RecordSeries {
  // The same names of exchanges and symbols as for candles.
  const { venue: exchange, symbol: traded } = seriesOf(venue, symbol, '1h');
  if (kind === 'funding' && !traded.includes(':')) {
    const message = `${JSON.stringify(traded)} is no perpetual such as BTC/USDT:USDT, and nothing else has funding`;
    throw new AppError('validation_failed', `symbol ${message}`, [{ field: 'symbol', message }]);
  }
  return { venue: exchange, symbol: traded, kind };
}

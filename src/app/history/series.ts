/** Which series people mean: venue, symbol and interval as they write them, checked. */
import { AppError } from '#core/errors.ts';
import { HISTORY_INTERVALS, type HistoryInterval, type Series } from '#core/history.ts';

/** Throws AppError `validation_failed` that names the field. */
export function seriesOf(venue: string, symbol: string, interval: string): Series {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(venue)) throw fault('exchange', `${quoted(venue)} is no exchange such as binance`);
  if (!/^[^/:\s]{1,24}\/[^/:\s]{1,24}(:[^/:\s]{1,24})?$/.test(symbol))
    throw fault('symbol', `${quoted(symbol)} is no symbol such as BTC/USDT, or BTC/USDT:USDT for a perpetual`);
  return { venue, symbol, interval: intervalOf(interval) };
}

/** Throws AppError `validation_failed`. */
export function intervalOf(text: string): HistoryInterval {
  if (Object.hasOwn(HISTORY_INTERVALS, text)) return text as HistoryInterval;
  throw fault('interval', `${quoted(text)} is none of ${Object.keys(HISTORY_INTERVALS).join(', ')}`);
}

/** A moment as `2026-01-31` or in ISO 8601, in UTC where no zone is named. Throws AppError `validation_failed`. */
export function timeOf(field: string, text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const at = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  // A day that the month does not have is moved into the next one by Date.parse.
  if (Number.isNaN(at) || (match?.[3] === undefined && !new Date(at).toISOString().startsWith(match?.[1] ?? '')))
    throw fault(field, `${quoted(text)} is no time such as 2026-01-31 or 2026-01-31T12:00:00Z`);
  return at;
}

function fault(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

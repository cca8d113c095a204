/** Wire shapes of candles of the past: what there is on the disk, and what is to be downloaded. */
import { z } from 'zod';
import { MAX_SERIES } from '#app/history/download-orders.ts';
import type { SeriesSummary } from '#core/history.ts';
import { HISTORY_INTERVALS, type HistoryInterval } from '#core/history.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import { RECORD_COLUMNS, type RecordKind, type RecordSummary } from '#core/record-history.ts';
import { exchangeInput } from './accounts.ts';
import { isoTimeOrNull, pageOf, symbolInput, timeInput, timeOutput } from './shared-pieces.ts';

const RECORDS = Object.keys(RECORD_COLUMNS) as RecordKind[];
const KEPT = [...Object.keys(HISTORY_INTERVALS), ...RECORDS] as [HistoryInterval, ...(HistoryInterval | RecordKind)[]];
const DOWNLOADED = [...Object.keys(CANDLE_INTERVALS), ...RECORDS] as [CandleInterval, ...(CandleInterval | RecordKind)[]];

export const HistorySeries = z
  .object({
    exchange: z.string().describe('Where the candles are from.'),
    symbol: z.string().describe('What is traded.'),
    interval: z.enum(KEPT).describe('Length of a candle; `funding` for settlements of a perpetual, `trades` for trades.'),
    candles: z.int().describe('How many there are of them.'),
    holes: z.int().describe('How many the exchange turned out not to have.'),
    first_at: timeOutput.nullable().describe('When the first one opened; `null` where there is none.'),
    last_at: timeOutput.nullable().describe('When the last one opened.'),
    bytes: z.int().describe('Room on the disk.'),
    damaged: z.int().describe('Files that cannot be read and are not counted; `argosy data check` names them.'),
  })
  .meta({
    id: 'HistorySeries',
    description: 'Candles of the past that are on the disk.',
    examples: [
      {
        exchange: 'binance',
        symbol: 'BTC/USDT',
        interval: '1m',
        candles: 525_600,
        holes: 0,
        first_at: '2025-01-01T00:00:00.000Z',
        last_at: '2025-12-31T23:59:00.000Z',
        bytes: 7_450_000,
        damaged: 0,
      },
    ],
  });
export const HistoryPage = pageOf('HistoryPage', HistorySeries, 'The series on the disk in the order of exchange, symbol and interval.');

export const DownloadWish = z
  .strictObject({
    exchange: exchangeInput,
    symbols: z.array(symbolInput).min(1).max(MAX_SERIES).describe('What is traded, such as `BTC/USDT`.'),
    intervals: z
      .array(z.enum(DOWNLOADED))
      .min(1)
      .max(DOWNLOADED.length)
      .describe('Lengths of the candles; `funding` and `trades` where the exchange tells them.'),
    from: timeInput.describe('Candles that opened at or after it.'),
    to: timeInput.optional().describe('Candles that opened before it. Left out, all that have closed.'),
  })
  .meta({
    id: 'DownloadWish',
    description: `Candles to be downloaded; symbols times intervals are ${MAX_SERIES} at most. Only what is not there yet is asked for.`,
    examples: [{ exchange: 'binance', symbols: ['BTC/USDT'], intervals: ['1m', '1h'], from: '2025-01-01T00:00:00Z' }],
  });

/** Records stand among candles by their kind. */
export function presentRecords({ venue, symbol, kind, rows, firstAt, lastAt, bytes, damaged }: RecordSummary): z.output<typeof HistorySeries> {
  return { exchange: venue, symbol, interval: kind, candles: rows, holes: 0, first_at: isoTimeOrNull(firstAt), last_at: isoTimeOrNull(lastAt), bytes, damaged };
}

export function presentSeries({ venue, symbol, interval, candles, holes, firstAt, lastAt, bytes, damaged }: SeriesSummary): z.output<typeof HistorySeries> {
  return { exchange: venue, symbol, interval, candles, holes, first_at: isoTimeOrNull(firstAt), last_at: isoTimeOrNull(lastAt), bytes, damaged };
}

/** Downloads that people ask a server for: checked, put into the queue, and read out of it again. */
import { AppError } from '#core/errors.ts';
import type { Series, Span } from '#core/history.ts';
import type { JobData, JobRecord, Jobs } from '#core/jobs.ts';
import type { Clock } from '#core/ports.ts';
import type { RecordSeries } from '#core/record-history.ts';
import type { Venue } from '#core/venue-ports.ts';
import { instrumentOf } from '../bots/bot-planning.ts';
import { missing } from '../missing.ts';
import { downloadable } from './download.ts';
import { isRecordKind, recordSeriesOf } from './record-series.ts';
import { seriesOf } from './series.ts';

/** Symbols times intervals of one download. */
export const MAX_SERIES = 100;
/** A longer order is not recognised when it comes twice; doing it twice does no harm. */
const MAX_DEDUPE_LENGTH = 200;
/** Stands with every job, so it never changes. */
const KIND = 'history_download';

export interface DownloadOrder {
  readonly symbols: readonly string[];
  /** Lengths of candles; `funding` and `trades` among them are records. */
  readonly intervals: readonly string[];
  readonly from: number;
  /** Until now where it is left out. */
  readonly to?: number | undefined;
}

export interface DownloadOrderParts {
  readonly jobs: () => Promise<Jobs>;
  readonly clock: Clock;
}

/** Throws AppError `symbol_unknown` and `validation_failed`. The same order gives the same job as long as that is not over. */
export async function orderDownload(venue: Venue, { symbols, intervals, from, to }: DownloadOrder, { jobs, clock }: DownloadOrderParts): Promise<JobRecord> {
  const exchange = venue.id;
  const until = Math.min(to ?? clock.now(), clock.now());
  if (from >= until)
    throw new AppError('validation_failed', 'from must be before to and in the past', [{ field: 'from', message: 'must be before to and in the past' }]);
  const series = everySeries(exchange, symbols, intervals);
  if (series.length > MAX_SERIES)
    throw new AppError('validation_failed', `${series.length} series are too many at once; at most ${MAX_SERIES}`, [
      { field: 'symbols', message: `times intervals make ${series.length}; at most ${MAX_SERIES}` },
    ]);
  for (const each of series) {
    if (!('kind' in each)) downloadable(each);
    else if (venue.market.past?.(each.symbol)[each.kind] === undefined)
      throw new AppError('validation_failed', `intervals has ${each.kind}, which ${exchange} does not tell of ${each.symbol}`, [
        { field: 'intervals', message: `has ${each.kind}, which ${exchange} does not tell of ${each.symbol}` },
      ]);
  }
  for (const symbol of symbols) await instrumentOf(venue, symbol);
  const data = { exchange, symbols, intervals, from, to: until };
  const order = encodeURIComponent([exchange, ...symbols, ...intervals, from, to ?? 'now'].join());
  const queue = await jobs();
  const { id } = await queue.enqueue('tasks', {
    kind: KIND,
    data,
    ...(order.length <= MAX_DEDUPE_LENGTH ? { dedupeId: `${KIND}-${order}` } : {}),
    attempts: 3,
    backoffMs: 60_000,
    priority: 200,
  });
  return (await queue.get('tasks', id)) ?? missing();
}

export interface WantedDownload {
  readonly exchange: string;
  readonly series: readonly (Series | RecordSeries)[];
  readonly span: Span;
}

/** What a job was given, checked again: it comes from a queue. Throws AppError `validation_failed`. */
export function downloadOf(data: JobData): WantedDownload {
  const { exchange, symbols, intervals, from, to } = data;
  if (typeof exchange !== 'string' || !isTexts(symbols) || !isTexts(intervals) || typeof from !== 'number' || typeof to !== 'number')
    throw new AppError('validation_failed', 'the job does not say what to download');
  return { exchange, series: everySeries(exchange, symbols, intervals), span: { from, to } };
}

function everySeries(exchange: string, symbols: readonly string[], intervals: readonly string[]): readonly (Series | RecordSeries)[] {
  return symbols.flatMap((symbol) =>
    intervals.map((interval) => (isRecordKind(interval) ? recordSeriesOf(exchange, symbol, interval) : seriesOf(exchange, symbol, interval))),
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

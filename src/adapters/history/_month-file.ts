/**
 * The file of one month of a series: candles in columns, and in its footer whose they are, which spans have been asked
 * for, and a checksum over all of that.
 */
import type { AsyncBuffer } from 'hyparquet';
import { z } from 'zod';
import { type CandleColumns, HISTORY_INTERVALS, type Series, type Span } from '#core/history.ts';
import { assertWhole, columnsOf, DamagedFile, encodeNoted, notedSpans, readNoted, spansOf, VERSION } from './_noted-file.ts';
import { sourceOf } from './_parquet.ts';
import { spanOfMonth } from './_paths.ts';

export interface Month {
  readonly series: Series;
  /** As `2026-01`. */
  readonly month: string;
  /** Ascending, apart, within the month. */
  readonly covered: readonly Span[];
  readonly candles: CandleColumns;
}

/** What the end of the file tells without reading the candles. */
export interface MonthSummary {
  readonly covered: readonly Span[];
  readonly candles: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

export const COLUMN_NAMES = ['open', 'high', 'low', 'close', 'volume'] as const;
const NAMES = ['date', ...COLUMN_NAMES];

const NOTES = z.object({
  version: z.literal(VERSION),
  venue: z.string(),
  symbol: z.string(),
  interval: z.string(),
  month: z.string(),
  covered: z.array(z.tuple([z.int(), z.int()])),
  firstAt: z.int().nullable(),
  lastAt: z.int().nullable(),
  digest: z.string(),
});

export function encodeMonth({ series, month, covered, candles }: Month): Uint8Array {
  const { venue, symbol, interval } = series;
  const columns = [{ name: 'date', data: candles.startAt, isTime: true }, ...COLUMN_NAMES.map((name) => ({ name, data: candles[name] }))];
  const [firstAt, lastAt] = [candles.startAt[0] ?? null, candles.startAt.at(-1) ?? null];
  return encodeNoted(columns, { version: VERSION, venue, symbol, interval, month, covered: notedSpans(covered), firstAt, lastAt });
}

/** Reads the end of a file only. Throws {@link DamagedFile}. */
export async function summaryOf(source: AsyncBuffer, series: Series, month: string): Promise<MonthSummary> {
  const { notes, footer } = await readNotes(source, series, month);
  return { covered: spansOf(notes), candles: Number(footer.num_rows), firstAt: notes.firstAt, lastAt: notes.lastAt };
}

/** Reads the whole file and makes sure of it. Throws {@link DamagedFile}. */
export async function decodeMonth(bytes: Uint8Array, series: Series, month: string): Promise<Month> {
  const source = sourceOf(bytes);
  const { notes, footer } = await readNotes(source, series, month);
  const intervalMs = HISTORY_INTERVALS[series.interval];
  const span = spanOfMonth(month);
  if (footer.num_rows > (span.to - span.from) / intervalMs) throw new DamagedFile(`it says to hold ${footer.num_rows} candles, more than a month has`);
  const columns = await columnsOf(source, footer, NAMES);
  assertWhole(notes, columns);
  const none = new Float64Array();
  const [startAt = none, open = none, high = none, low = none, close = none, volume = none] = columns;
  return { series, month, covered: spansOf(notes), candles: { length: startAt.length, intervalMs, startAt, open, high, low, close, volume } };
}

function readNotes(source: AsyncBuffer, { venue, symbol, interval }: Series, month: string) {
  return readNoted(source, NOTES, { venue, symbol, interval, month }, 'candles');
}

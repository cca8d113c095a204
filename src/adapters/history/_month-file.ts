/**
 * The file of one month of a series: candles in columns, and in its footer whose they are, which spans have been asked
 * for, and a checksum over all of that.
 */
import { crc32 } from 'node:zlib';
import type { AsyncBuffer } from 'hyparquet';
import { z } from 'zod';
import { type CandleColumns, HISTORY_INTERVALS, type Series, type Span } from '#core/history.ts';
import { noteOf, readColumns, readFooter, sourceOf, writeTable } from './_parquet.ts';
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

/** Why a file cannot be relied on. */
export class DamagedFile extends Error {}

const NOTE = 'argosy';
const VERSION = 1;
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
type Notes = z.infer<typeof NOTES>;

export function encodeMonth({ series, month, covered, candles }: Month): Uint8Array {
  const { venue, symbol, interval } = series;
  const spans = covered.map(({ from, to }): [number, number] => [from, to]);
  const [firstAt, lastAt] = [candles.startAt[0] ?? null, candles.startAt.at(-1) ?? null];
  const notes: Omit<Notes, 'digest'> = { version: VERSION, venue, symbol, interval, month, covered: spans, firstAt, lastAt };
  const columns = [{ name: 'date', data: candles.startAt, isTime: true }, ...COLUMN_NAMES.map((name) => ({ name, data: candles[name] }))];
  return writeTable(columns, { [NOTE]: JSON.stringify({ ...notes, digest: digestOf(notes, candles) } satisfies Notes) });
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
  const cells = await readColumns(source, footer, NAMES).catch((cause: unknown) => {
    throw new DamagedFile(`its columns cannot be read: ${reasonOf(cause)}`, { cause });
  });
  const column = (name: string): Float64Array => {
    const data = cells.get(name) ?? [];
    return data instanceof Float64Array ? data : Float64Array.from(data, Number);
  };
  const [open, high, low, close, volume] = COLUMN_NAMES.map(column);
  const startAt = column('date');
  const none = new Float64Array();
  const candles = {
    length: startAt.length,
    intervalMs,
    startAt,
    open: open ?? none,
    high: high ?? none,
    low: low ?? none,
    close: close ?? none,
    volume: volume ?? none,
  };
  const { digest, ...rest } = notes;
  if (digestOf(rest, candles) !== digest) throw new DamagedFile('its checksum does not match what it holds');
  return { series, month, covered: spansOf(notes), candles };
}

async function readNotes(source: AsyncBuffer, series: Series, month: string) {
  const footer = await Promise.resolve()
    .then(() => readFooter(source))
    .catch((cause: unknown) => {
      throw new DamagedFile(`it is no whole Parquet file: ${reasonOf(cause)}`, { cause });
    });
  const parsed = NOTES.safeParse(parseJson(noteOf(footer, NOTE)));
  if (!parsed.success) throw new DamagedFile('its footer does not say whose candles it holds');
  const notes = parsed.data;
  const { venue, symbol, interval } = series;
  if (notes.venue !== venue || notes.symbol !== symbol || notes.interval !== interval || notes.month !== month)
    throw new DamagedFile(`it holds ${notes.venue} ${notes.symbol} ${notes.interval} ${notes.month}: it was copied or renamed`);
  return { notes, footer };
}

function digestOf(notes: Omit<Notes, 'digest'>, candles: CandleColumns): string {
  let sum = crc32(JSON.stringify(notes));
  for (const column of [candles.startAt, ...COLUMN_NAMES.map((name) => candles[name])])
    sum = crc32(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), sum);
  return sum.toString(16).padStart(8, '0');
}

function spansOf({ covered }: Notes): readonly Span[] {
  return covered.map(([from, to]) => ({ from, to }));
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The file of one part of a series of records: its columns, and in its footer whose they are, which spans were asked for, and a checksum over all of that. */
import { crc32 } from 'node:zlib';
import type { AsyncBuffer } from 'hyparquet';
import { z } from 'zod';
import type { Span } from '#core/history.ts';
import { RECORD_COLUMNS, type RecordSeries, type Records } from '#core/record-history.ts';
import { DamagedFile } from './_month-file.ts';
import { noteOf, readColumns, readFooter, sourceOf, writeTable } from './_parquet.ts';

export interface RecordPart {
  readonly series: RecordSeries;
  /** As `2026-01`, or `2026-01-31`. */
  readonly part: string;
  /** Ascending, apart, within the part. */
  readonly covered: readonly Span[];
  readonly records: Records;
}

export type RecordGlance = Pick<RecordPart, 'covered'> & { readonly rows: number; readonly firstAt: number | null; readonly lastAt: number | null };

const NOTE = 'argosy';
const VERSION = 1;
/** Rows that one file may say to hold; a lively day of the liveliest market is below it. */
export const MAX_ROWS = 20_000_000;

const NOTES = z.object({
  version: z.literal(VERSION),
  venue: z.string(),
  symbol: z.string(),
  kind: z.string(),
  part: z.string(),
  covered: z.array(z.tuple([z.int(), z.int()])),
  firstAt: z.number().nullable(),
  lastAt: z.number().nullable(),
  digest: z.string(),
});
type Notes = z.infer<typeof NOTES>;

export function encodeRecords({ series, part, covered, records }: RecordPart): Uint8Array {
  const spans = covered.map(({ from, to }): [number, number] => [from, to]);
  const notes: Omit<Notes, 'digest'> = { version: VERSION, ...series, part, covered: spans, firstAt: records.at[0] ?? null, lastAt: records.at.at(-1) ?? null };
  const columns = [{ name: 'date', data: records.at, isTime: true }, ...columnsOf(series, records).map(([name, data]) => ({ name, data }))];
  return writeTable(columns, { [NOTE]: JSON.stringify({ ...notes, digest: digestOf(notes, series, records) } satisfies Notes) });
}

/** Reads the end of a file only. Throws {@link DamagedFile}. */
export async function glanceAt(source: AsyncBuffer, series: RecordSeries, part: string): Promise<RecordGlance> {
  const { notes, footer } = await readNotes(source, series, part);
  return { covered: spansOf(notes), rows: Number(footer.num_rows), firstAt: notes.firstAt, lastAt: notes.lastAt };
}

/** Reads the whole file and makes sure of it. Throws {@link DamagedFile}. */
export async function decodeRecords(bytes: Uint8Array, series: RecordSeries, part: string): Promise<RecordPart> {
  const source = sourceOf(bytes);
  const { notes, footer } = await readNotes(source, series, part);
  if (footer.num_rows > MAX_ROWS) throw new DamagedFile(`it says to hold ${footer.num_rows} rows, more than there can be`);
  const names = RECORD_COLUMNS[series.kind];
  const cells = await readColumns(source, footer, ['date', ...names]).catch((cause: unknown) => {
    throw new DamagedFile(`its columns cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  const column = (name: string): Float64Array => {
    const data = cells.get(name) ?? [];
    return data instanceof Float64Array ? data : Float64Array.from(data, Number);
  };
  const at = column('date');
  const records: Records = { length: at.length, at, columns: Object.fromEntries(names.map((name) => [name, column(name)])) };
  const { digest, ...rest } = notes;
  if (digestOf(rest, series, records) !== digest) throw new DamagedFile('its checksum does not match what it holds');
  return { series, part, covered: spansOf(notes), records };
}

async function readNotes(source: AsyncBuffer, { venue, symbol, kind }: RecordSeries, part: string) {
  const footer = await Promise.resolve()
    .then(() => readFooter(source))
    .catch((cause: unknown) => {
      throw new DamagedFile(`it is no whole Parquet file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
  const parsed = NOTES.safeParse(parseJson(noteOf(footer, NOTE)));
  if (!parsed.success) throw new DamagedFile('its footer does not say whose records it holds');
  const notes = parsed.data;
  if (notes.venue !== venue || notes.symbol !== symbol || notes.kind !== kind || notes.part !== part)
    throw new DamagedFile(`it holds ${notes.venue} ${notes.symbol} ${notes.kind} ${notes.part}: it was copied or renamed`);
  return { notes, footer };
}

function digestOf(notes: Omit<Notes, 'digest'>, series: RecordSeries, records: Records): string {
  let sum = crc32(JSON.stringify(notes));
  for (const [, column] of [['date', records.at] as const, ...columnsOf(series, records)])
    sum = crc32(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), sum);
  return sum.toString(16).padStart(8, '0');
}

function columnsOf({ kind }: RecordSeries, { columns }: Records): readonly (readonly [string, Float64Array])[] {
  return RECORD_COLUMNS[kind].map((name) => [name, columns[name] ?? new Float64Array()] as const);
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

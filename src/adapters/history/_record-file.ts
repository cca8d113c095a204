/** The file of one part of a series of records: its columns, and in its footer whose they are, which spans were asked for, and a checksum over all of that. */
import type { AsyncBuffer } from 'hyparquet';
import { z } from 'zod';
import type { Span } from '#core/history.ts';
import { RECORD_COLUMNS, type RecordSeries, type Records } from '#core/record-history.ts';
import { assertWhole, columnsOf, DamagedFile, encodeNoted, notedSpans, readNoted, spansOf, VERSION } from './_noted-file.ts';
import { sourceOf } from './_parquet.ts';

export interface RecordPart {
  readonly series: RecordSeries;
  /** As `2026-01`, or `2026-01-31`. */
  readonly part: string;
  /** Ascending, apart, within the part. */
  readonly covered: readonly Span[];
  readonly records: Records;
}

export type RecordGlance = Pick<RecordPart, 'covered'> & { readonly rows: number; readonly firstAt: number | null; readonly lastAt: number | null };

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

export function encodeRecords({ series, part, covered, records }: RecordPart): Uint8Array {
  const columns = [{ name: 'date', data: records.at, isTime: true }];
  for (const name of RECORD_COLUMNS[series.kind]) columns.push({ name, data: records.columns[name] ?? new Float64Array(), isTime: false });
  const [firstAt, lastAt] = [records.at[0] ?? null, records.at.at(-1) ?? null];
  return encodeNoted(columns, { version: VERSION, ...series, part, covered: notedSpans(covered), firstAt, lastAt });
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
  const [at = new Float64Array(), ...values] = await columnsOf(source, footer, ['date', ...names]);
  assertWhole(notes, [at, ...values]);
  const columns = Object.fromEntries(names.map((name, place) => [name, values[place] ?? new Float64Array()]));
  return { series, part, covered: spansOf(notes), records: { length: at.length, at, columns } };
}

function readNotes(source: AsyncBuffer, { venue, symbol, kind }: RecordSeries, part: string) {
  return readNoted(source, NOTES, { venue, symbol, kind, part }, 'records');
}

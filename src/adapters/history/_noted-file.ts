/**
 * What every file of the history is: columns of numbers, and a footer that says whose they are, which spans were asked for, and a checksum
 * over all of that.
 */
import { crc32 } from 'node:zlib';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import type { z } from 'zod';
import type { Span } from '#core/history.ts';
import { type NumberColumn, noteOf, readColumns, readFooter, writeTable } from './_parquet.ts';

/** Why a file cannot be relied on. */
export class DamagedFile extends Error {}

const NOTE = 'argosy';
export const VERSION = 1;

/** What every footer says. What else it says stands beside it in a schema, in the order in which it is written: the checksum is over the text. */
interface Noted {
  readonly covered: readonly (readonly [number, number])[];
  readonly digest: string;
}

export function encodeNoted(columns: readonly NumberColumn[], notes: object): Uint8Array {
  const digest = digestOf(
    notes,
    columns.map(({ data }) => data),
  );
  return writeTable(columns, { [NOTE]: JSON.stringify({ ...notes, digest }) });
}

/** Reads the end of a file. `what` is what it holds, for people. Throws {@link DamagedFile} when it is none, or is not of `expected`. */
export async function readNoted<Schema extends z.ZodType<Readonly<Record<string, unknown>>>>(
  source: AsyncBuffer,
  schema: Schema,
  expected: Readonly<Record<string, string>>,
  what: string,
): Promise<{ readonly notes: z.infer<Schema>; readonly footer: FileMetaData }> {
  const footer = await Promise.resolve()
    .then(() => readFooter(source))
    .catch((cause: unknown) => {
      throw new DamagedFile(`it is no whole Parquet file: ${reasonOf(cause)}`, { cause });
    });
  const parsed = schema.safeParse(parseJson(noteOf(footer, NOTE)));
  if (!parsed.success) throw new DamagedFile(`its footer does not say whose ${what} it holds`);
  const { data: notes } = parsed;
  if (Object.entries(expected).some(([name, value]) => notes[name] !== value))
    throw new DamagedFile(
      `it holds ${Object.keys(expected)
        .map((name) => notes[name])
        .join(' ')}: it was copied or renamed`,
    );
  return { notes, footer };
}

/** The columns of these names, in their order. Throws {@link DamagedFile}. */
export async function columnsOf(source: AsyncBuffer, footer: FileMetaData, names: readonly string[]): Promise<readonly Float64Array[]> {
  const cells = await readColumns(source, footer, names).catch((cause: unknown) => {
    throw new DamagedFile(`its columns cannot be read: ${reasonOf(cause)}`, { cause });
  });
  return names.map((name) => {
    const data = cells.get(name) ?? [];
    return data instanceof Float64Array ? data : Float64Array.from(data, Number);
  });
}

/** Throws {@link DamagedFile} where columns, in the order in which they were written, and notes are not what the checksum was made of. */
export function assertWhole({ digest, ...notes }: Pick<Noted, 'digest'>, columns: readonly Float64Array[]): void {
  if (digestOf(notes, columns) !== digest) throw new DamagedFile('its checksum does not match what it holds');
}

export function spansOf({ covered }: Pick<Noted, 'covered'>): readonly Span[] {
  return covered.map(([from, to]) => ({ from, to }));
}

export function notedSpans(covered: readonly Span[]): Noted['covered'] {
  return covered.map(({ from, to }) => [from, to]);
}

function digestOf(notes: object, columns: readonly NumberColumn['data'][]): string {
  let sum = crc32(JSON.stringify(notes));
  for (const column of columns) sum = crc32(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), sum);
  return sum.toString(16).padStart(8, '0');
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

/** Tables of numbers as Parquet files, as pandas, DuckDB and others write and read them. */
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { PortError } from '#core/errors.ts';
import { MAX_IMPORTED_CANDLES, type NumberTable, type TableCodec } from '#core/history.ts';
import { type Cells, readColumns, readFooter, sourceOf, writeTable } from './_parquet.ts';

const PER_MS: Readonly<Record<string, number>> = { MILLIS: 1, MICROS: 1_000, NANOS: 1_000_000, TIMESTAMP_MILLIS: 1, TIMESTAMP_MICROS: 1_000 };

export const parquetCodec: TableCodec = {
  decode: async (bytes, names) => {
    try {
      return await decode(bytes, names);
    } catch (error) {
      if (error instanceof PortError) throw error;
      throw invalid(`it is no Parquet file that can be read: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  },
  encode: async ({ columns }) =>
    writeTable(
      [...columns].map(([name, data]) => ({ name, data, isTime: name === 'date' })),
      {},
    ),
};

async function decode(bytes: Uint8Array, wanted: readonly string[]): Promise<NumberTable> {
  const source = sourceOf(bytes);
  const footer = await readFooter(source);
  const rows = Number(footer.num_rows);
  if (rows > MAX_IMPORTED_CANDLES) throw invalid(`it holds ${rows} rows; at most ${MAX_IMPORTED_CANDLES} can be imported at once`);
  const names = wanted.filter((name) => footer.schema.some((element) => element.name === name));
  const cells = await readColumns(source, footer, names);
  return { rows, columns: new Map(names.map((name) => [name, numbersOf(name, cells.get(name) ?? [], footer)])) };
}

function numbersOf(name: string, cells: Cells, footer: FileMetaData): Float64Array {
  const element = footer.schema.find((each) => each.name === name);
  const perMs = element === undefined ? 1 : unitOf(element);
  return Float64Array.from(cells, (cell) => {
    if (typeof cell !== 'number' && typeof cell !== 'bigint')
      throw invalid(`column ${name} holds ${cell === null || cell === undefined ? 'nothing' : typeof cell} where a number should be`);
    // A double tells nanoseconds of today only to some hundreds.
    return perMs === 1 ? Number(cell) : Math.round(Number(cell) / perMs);
  });
}

function unitOf({ logical_type: logical, converted_type: converted }: SchemaElement): number {
  if (logical?.type === 'TIMESTAMP') return PER_MS[logical.unit] ?? 1;
  return PER_MS[converted ?? ''] ?? 1;
}

function invalid(message: string, cause?: unknown): PortError {
  return new PortError('candles_invalid', message, { outcome: 'failed', cause });
}

/** Tables of numbers as Parquet files, through hyparquet: written with zstd, read with whatever Node can undo, within limits. */
import { brotliDecompressSync, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface NumberColumn {
  readonly name: string;
  readonly data: Float64Array;
  /** Milliseconds since 1970. */
  readonly isTime?: boolean;
}

/** What a page may grow to when it is unpacked; the pages we write are below a tenth of it. */
const MAX_PAGE_BYTES = 256_000_000;
/** Enough for the footer of every file of ours in one read. */
const FOOTER_BYTES = 32_768;

const zstd = (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes);
const bounded = (outputLength: number) => {
  if (outputLength > MAX_PAGE_BYTES) throw new RangeError(`a page of ${outputLength} bytes is larger than the ${MAX_PAGE_BYTES} that are allowed`);
  return { maxOutputLength: Math.max(1, outputLength) };
};
const DECOMPRESSORS: Compressors = {
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, bounded(length)),
  GZIP: (bytes, length) => gunzipSync(bytes, bounded(length)),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, bounded(length)),
};

/** The whole file, in one group of rows. */
export function writeTable(columns: readonly NumberColumn[], notes: Readonly<Record<string, string>>): Uint8Array {
  const rows = columns[0]?.data.length ?? 0;
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, data, isTime }) =>
      isTime === true
        ? { name, data: BigInt64Array.from(data, (at) => BigInt(at)), nullable: false, encoding: 'DELTA_BINARY_PACKED' }
        : { name, data, nullable: false, encoding: 'PLAIN' },
    ),
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, isTime }): SchemaElement => {
        if (isTime !== true) return { name, type: 'DOUBLE', repetition_type: 'REQUIRED' };
        const logical = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const;
        return { name, type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MILLIS', logical_type: logical };
      }),
    ],
    codec: 'ZSTD',
    compressors: { ZSTD: zstd },
    rowGroupSize: Math.max(1, rows),
    pageSize: MAX_PAGE_BYTES,
    kvMetadata: Object.entries(notes).map(([key, value]) => ({ key, value })),
    createdBy: 'argosy',
  });
  return new Uint8Array(buffer);
}

/** A file or a part of memory to read from. */
export function sourceOf(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    // Not bytes.slice: that of a Buffer shares its memory.
    slice: (start, end = bytes.byteLength) => bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end) as ArrayBuffer,
  };
}

/** What the end of a file says of it. Throws Error for what is no Parquet file. */
export function readFooter(source: AsyncBuffer): Promise<FileMetaData> {
  return parquetMetadataAsync(source, { initialFetchSize: FOOTER_BYTES, geoparquet: false });
}

/** A note of whoever wrote the file; `null` where there is none of that name. */
export function noteOf(footer: FileMetaData, key: string): string | null {
  return footer.key_value_metadata?.find((note) => note.key === key)?.value ?? null;
}

export type Cells = ArrayLike<unknown>;

/**
 * The columns that are named, each as one list. Times come as the whole numbers they are stored as; their unit stands in
 * the schema. Throws Error for a damaged file.
 */
export async function readColumns(source: AsyncBuffer, footer: FileMetaData, names: readonly string[]): Promise<ReadonlyMap<string, Cells>> {
  // Without what it means, a time is the integer that it is: no object is made for each of a million.
  const schema = footer.schema.map((element): SchemaElement => {
    if (element.type !== 'INT64') return element;
    const { converted_type: _converted, logical_type: _logical, ...plain } = element;
    return plain;
  });
  const rows = Number(footer.num_rows);
  const columns = new Map<string, unknown[] | Float64Array>();
  let read = 0;
  await parquetRead({
    file: source,
    metadata: { ...footer, schema },
    columns: [...names],
    compressors: DECOMPRESSORS,
    geoparquet: false,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const known = columns.get(columnName) ?? (columnData instanceof Float64Array ? new Float64Array(rows) : new Array<unknown>(rows));
      columns.set(columnName, known);
      if (known instanceof Float64Array && columnData instanceof Float64Array) known.set(columnData, rowStart);
      else for (let index = 0; index < columnData.length; index += 1) known[rowStart + index] = columnData[index];
      read += columnData.length;
    },
  });
  if (read !== rows * names.length) throw new Error(`${read} cells were read where ${rows * names.length} should be`);
  return columns;
}

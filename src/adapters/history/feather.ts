/**
 * Candles as Feather files of version 2 (Arrow IPC), which freqtrade keeps its history in: read with either compression
 * that they know, written without one, which every reader takes.
 */
import { zstdDecompressSync } from 'node:zlib';
import type { Table, Vector } from 'apache-arrow';
import { PortError } from '#core/errors.ts';
import { MAX_IMPORTED_CANDLES, type NumberTable, type TableCodec } from '#core/history.ts';

/** What one column may grow to when it is unpacked. */
const MAX_COLUMN_BYTES = MAX_IMPORTED_CANDLES * 8;
/** Units of time in a millisecond, or milliseconds in one, in the order of Arrow's own numbers; a double tells nanoseconds of today only to some hundreds. */
const TO_MS: readonly ((value: number) => number)[] = [
  (value) => value * 1_000,
  (value) => value,
  (value) => Math.round(value / 1_000),
  (value) => Math.round(value / 1_000_000),
];

type Arrow = typeof import('apache-arrow');

/** The library takes a quarter of a second to load, so it is loaded with the first file. */
let loading: Promise<Arrow> | null = null;

export const featherCodec: TableCodec = {
  decode: async (bytes, names) => {
    const arrow = await load();
    try {
      return tableOf(arrow, arrow.tableFromIPC(bytes), names);
    } catch (error) {
      if (error instanceof PortError) throw error;
      throw invalid(`it is no Feather file that can be read: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  },
  encode: async (table) => encode(await load(), table),
};

function load(): Promise<Arrow> {
  loading ??= prepare();
  return loading;
}

async function prepare(): Promise<Arrow> {
  const [arrow, lz4] = await Promise.all([import('apache-arrow'), import('lz4js')]);
  const { CompressionType, compressionRegistry } = arrow;
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_COLUMN_BYTES }) });
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode: (bytes) => {
      const size = lz4.default.decompressBound(bytes);
      if (size > MAX_COLUMN_BYTES + LZ4_BLOCK_BYTES) throw new RangeError(`a column of ${size} bytes is more than the ${MAX_COLUMN_BYTES} that are allowed`);
      return lz4.default.decompress(bytes, size);
    },
  });
  return arrow;
}

/** A frame without its size may seem larger than it is by its last block. */
const LZ4_BLOCK_BYTES = 4_194_304;

function tableOf(arrow: Arrow, table: Table, names: readonly string[]): NumberTable {
  if (table.numRows > MAX_IMPORTED_CANDLES) throw invalid(`it holds ${table.numRows} rows; at most ${MAX_IMPORTED_CANDLES} can be imported at once`);
  const columns = new Map<string, Float64Array>();
  for (const { name } of table.schema.fields) {
    const vector = table.getChild(name);
    if (names.includes(name) && vector !== null) columns.set(name, numbersOf(arrow, name, vector, table.numRows));
  }
  return { rows: table.numRows, columns };
}

function numbersOf({ DataType }: Arrow, name: string, vector: Vector, rows: number): Float64Array {
  const { type } = vector;
  const isTime = DataType.isTimestamp(type);
  if (!isTime && !DataType.isFloat(type) && !DataType.isInt(type)) throw invalid(`column ${name} is of type ${type}, not a number`);
  if (vector.nullCount > 0) throw invalid(`column ${name} lacks ${vector.nullCount} values`);
  const convert = isTime ? (TO_MS[type.unit] ?? Number) : Number;
  const numbers = new Float64Array(rows);
  let at = 0;
  for (const { values, offset, length } of vector.data)
    for (let index = 0; index < length; index += 1) {
      // Floats of two bytes lie as whole numbers; nobody keeps prices in them.
      numbers[at] = convert(Number(values[offset + index]));
      at += 1;
    }
  return numbers;
}

function encode(arrow: Arrow, { rows, columns }: NumberTable): Uint8Array {
  const { makeData, makeVector, TimestampMillisecond, Float64, Table } = arrow;
  const vectors = [...columns].map(([name, data]) => [
    name,
    name === 'date'
      ? makeVector(makeData({ type: new TimestampMillisecond('UTC'), length: rows, data: BigInt64Array.from(data, (at) => BigInt(at)) }))
      : makeVector(makeData({ type: new Float64(), length: rows, data })),
  ]);
  return arrow.tableToIPC(new Table(Object.fromEntries(vectors)), 'file');
}

function invalid(message: string, cause?: unknown): PortError {
  return new PortError('candles_invalid', message, { outcome: 'failed', cause });
}

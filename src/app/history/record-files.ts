/** Settlements and trades out of files and into them. What cannot be is refused with where it stands and what to do. */
import { AppError, PortError } from '#core/errors.ts';
import { MAX_IMPORTED_CANDLES, type TableCodecs } from '#core/history.ts';
import { RECORD_COLUMNS, type RecordKind, type Records } from '#core/record-history.ts';
import { timeOf } from '../market/candles.ts';
import { decimalText } from './decimal-text.ts';
import type { CandleFormat } from './file-names.ts';

/** Beyond it nothing was ever settled anywhere. */
const MAX_RATE = 0.1;
const TIMES = ['date', 'timestamp', 'time', 'at', 'funding_time', 'fundingtime', 'created_time', 'transact_time'];
/** What others call our columns; freqtrade keeps the rate of a settlement as the opening price of a candle. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  rate: ['rate', 'funding_rate', 'fundingrate', 'open'],
  price: ['price'],
  size: ['size', 'amount', 'quantity', 'qty', 'volume'],
  side: ['side', 'is_buyer_maker', 'isbuyermaker'],
};
/** Who bought as maker was met by a sale. */
const SIDES: Readonly<Record<string, number>> = { buy: 1, sell: -1, '1': 1, '-1': -1, '0': 0, '': 0, true: -1, false: 1 };

/** Ascending as they must be. Throws AppError `candles_invalid` that names the line or row, the reason and the remedy. */
export async function readRecordFile(bytes: Uint8Array, kind: RecordKind, format: CandleFormat, codecs: TableCodecs): Promise<Records> {
  const table =
    format === 'csv'
      ? ofRows(csvRows(textOf(bytes)), kind, 2)
      : format === 'json'
        ? ofRows(jsonRows(textOf(bytes), kind), kind, 1)
        : await decoded(bytes, kind, codecs[format], format === 'parquet');
  check(table, kind, format === 'csv' ? 'line' : 'row', format === 'csv' ? 2 : 1);
  return table;
}

/** The bytes of a file with these. */
export async function writeRecordFile(records: Records, kind: RecordKind, format: CandleFormat, codecs: TableCodecs): Promise<Uint8Array> {
  const names = RECORD_COLUMNS[kind];
  if (format === 'feather' && kind === 'trades') throw new AppError('validation_failed', 'trades are not written as feather; choose csv, json or parquet');
  if (format === 'feather' || format === 'parquet') {
    // As freqtrade looks for it: the rate is the opening price of a candle that has nothing else.
    if (format === 'feather') {
      const nothing = ['high', 'low', 'close', 'volume'].map((name) => [name, new Float64Array(records.length)] as const);
      return codecs.feather.encode({
        rows: records.length,
        columns: new Map([['date', records.at], ['open', records.columns['rate'] ?? new Float64Array()], ...nothing]),
      });
    }
    const columns = names.map((name) => [name, records.columns[name] ?? new Float64Array()] as const);
    return codecs[format].encode({ rows: records.length, columns: new Map([['date', records.at], ...columns]) });
  }
  const lines = Array.from({ length: records.length }, (_, index) => {
    const at = records.at[index] ?? 0;
    const cells = names.map((name) => decimalText(records.columns[name]?.[index] ?? 0));
    return format === 'csv' ? [new Date(at).toISOString(), ...cells].join() : `[${[at, ...cells].join()}]`;
  });
  return new TextEncoder().encode(format === 'csv' ? `${[['timestamp', ...names].join(), ...lines].join('\n')}\n` : `[${lines.join(',\n')}]\n`);
}

/** `hasSides` where the side is a number, as we write it; a text is not read of a table. */
async function decoded(bytes: Uint8Array, kind: RecordKind, codec: TableCodecs['feather'], hasSides: boolean): Promise<Records> {
  const names = [...TIMES, ...RECORD_COLUMNS[kind].flatMap((name) => (name === 'side' && !hasSides ? [] : (NAMES[name] ?? [])))];
  const told = await codec.decode(bytes, names).catch((error: unknown) => {
    if (error instanceof PortError && error.code === 'candles_invalid') throw new AppError('candles_invalid', `the file cannot be used: ${error.message}`);
    throw error;
  });
  const find = (wanted: readonly string[]): Float64Array | undefined => wanted.map((name) => told.columns.get(name)).find((column) => column !== undefined);
  const at = find(TIMES);
  const columns = RECORD_COLUMNS[kind].map((name) => [name, find(NAMES[name] ?? []) ?? (name === 'side' ? new Float64Array(told.rows) : undefined)] as const);
  const missing = [...(at === undefined ? ['date'] : []), ...columns.flatMap(([name, column]) => (column === undefined ? [name] : []))];
  if (at === undefined || missing.length > 0) throw new AppError('candles_invalid', `the file has no column ${missing.join(', ')}`);
  return { length: told.rows, at, columns: Object.fromEntries(columns.map(([name, column]) => [name, column ?? new Float64Array()])) };
}

type Cells = ReadonlyMap<string, unknown>;

function ofRows(rows: readonly Cells[], kind: RecordKind, firstLine: number): Records {
  if (rows.length > MAX_IMPORTED_CANDLES)
    throw new AppError('candles_invalid', `the file holds ${rows.length} rows; at most ${MAX_IMPORTED_CANDLES} can be imported at once`);
  const where = (index: number): string => `${firstLine === 2 ? 'line' : 'row'} ${index + firstLine}`;
  const find = (row: Cells, names: readonly string[]): unknown => names.map((name) => row.get(name)).find((cell) => cell !== undefined);
  const at = Float64Array.from(rows, (row, index) => {
    const time = timeOf(String(find(row, TIMES) ?? ''));
    if (time === null) throw refusal(where(index), 'has no time in a column timestamp', 'give milliseconds since 1970 or an ISO time');
    return time;
  });
  const columns = RECORD_COLUMNS[kind].map((name) => [
    name,
    Float64Array.from(rows, (row, index) => {
      const cell = find(row, NAMES[name] ?? []);
      const value = name === 'side' ? SIDES[String(cell ?? '').toLowerCase()] : numberOf(cell);
      if (value === undefined)
        throw refusal(where(index), `has ${JSON.stringify(cell) ?? 'nothing'} for ${name}`, name === 'side' ? 'give buy or sell' : 'give a number');
      return value;
    }),
  ]);
  return { length: rows.length, at, columns: Object.fromEntries(columns) };
}

function numberOf(cell: unknown): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  return typeof cell === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/.test(cell) ? Number(cell) : undefined;
}

function csvRows(text: string): readonly Cells[] {
  const [head = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim().toLowerCase());
  return lines.map((line) => new Map(line.split(',').map((cell, place) => [names[place] ?? '', cell.trim()])));
}

function jsonRows(text: string, kind: RecordKind): readonly Cells[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('candles_invalid', `the file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(value)) throw new AppError('candles_invalid', `the file must hold a list: [[time, ${RECORD_COLUMNS[kind].join(', ')}], …], or of objects`);
  const names = ['timestamp', ...RECORD_COLUMNS[kind]];
  return value.map((row: unknown) =>
    Array.isArray(row)
      ? new Map(row.map((cell, place) => [names[place] ?? '', cell]))
      : new Map(Object.entries(typeof row === 'object' && row !== null ? row : {}).map(([name, cell]) => [name.toLowerCase(), cell])),
  );
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('candles_invalid', 'the file is not text in UTF-8; is it of another format, or compressed?');
  }
}

function check({ length, at, columns }: Records, kind: RecordKind, word: string, firstLine: number): void {
  if (length === 0) throw new AppError('candles_invalid', 'the file holds nothing');
  for (let index = 0; index < length; index += 1) {
    const [time, before] = [at[index] ?? Number.NaN, at[index - 1] ?? Number.NEGATIVE_INFINITY];
    const fault =
      !Number.isSafeInteger(time) || time <= 0
        ? 'has no time in whole milliseconds'
        : time < before || (kind === 'funding' && time === before)
          ? 'does not come after the one before'
          : faultOf(columns, kind, index);
    if (fault !== null) throw refusal(`${word} ${index + firstLine}`, fault, 'repair or remove it');
  }
}

function faultOf(columns: Records['columns'], kind: RecordKind, index: number): string | null {
  if (kind === 'funding') return Math.abs(columns['rate']?.[index] ?? Number.NaN) <= MAX_RATE ? null : `has a rate beyond ${MAX_RATE}`;
  const isWhole = (columns['price']?.[index] ?? 0) > 0 && (columns['size']?.[index] ?? 0) > 0;
  return isWhole ? null : 'has a price or a size that is not above zero';
}

function refusal(where: string, reason: string, remedy: string): AppError {
  return new AppError('candles_invalid', `${where} ${reason}; ${remedy}`);
}

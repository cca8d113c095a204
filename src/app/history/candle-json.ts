/** Candles from JSON: a list of lists as freqtrade and ccxt write them, or a list of objects as this server answers. */
import { AppError } from '#core/errors.ts';
import type { NumberTable } from '#core/history.ts';

const NAMES = ['date', 'open', 'high', 'low', 'close', 'volume'] as const;
const TIMES = ['date', 'timestamp', 'time', 'start_at', 'open_time'];

/** Throws AppError `candles_invalid` that names the row. */
export function tableOfJson(text: string): NumberTable {
  const rows = rowsOf(parse(text));
  const columns = new Map<string, Float64Array>(NAMES.map((name) => [name, new Float64Array(rows.length)]));
  rows.forEach((row, index) => {
    const cells = cellsOf(row, index);
    NAMES.forEach((name, place) => {
      const column = columns.get(name);
      if (column !== undefined) column[index] = name === 'date' ? timeOf(cells[place], index) : numberOf(cells[place], name, index);
    });
  });
  return { rows: rows.length, columns };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('candles_invalid', `the file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function rowsOf(value: unknown): readonly unknown[] {
  const rows = isObject(value) ? value['items'] : value;
  if (Array.isArray(rows)) return rows;
  throw new AppError(
    'candles_invalid',
    'the file must hold a list of candles: [[time, open, high, low, close, volume], …] or [{"timestamp": …, "open": …}, …]',
  );
}

function cellsOf(row: unknown, index: number): readonly unknown[] {
  if (Array.isArray(row) && row.length >= NAMES.length) return row;
  if (!isObject(row)) throw refusal(index, 'is neither a list of six values nor an object', 'repair or remove it');
  const time = TIMES.find((name) => row[name] !== undefined);
  if (time === undefined) throw refusal(index, `has none of ${TIMES.join(', ')}`, 'name its time so');
  return NAMES.map((name) => (name === 'date' ? row[time] : row[name]));
}

/** Milliseconds; seconds where they are too few for milliseconds. */
function timeOf(cell: unknown, index: number): number {
  const at = typeof cell === 'string' && !/^\d+$/.test(cell) ? Date.parse(cell) : Number(cell ?? Number.NaN);
  if (!Number.isFinite(at)) throw refusal(index, `has ${JSON.stringify(cell)} for its time`, 'give milliseconds since 1970 or an ISO time');
  return at < 1e11 ? at * 1_000 : at;
}

function numberOf(cell: unknown, name: string, index: number): number {
  const isNumber = typeof cell === 'number' || (typeof cell === 'string' && /^\d+(\.\d+)?([eE][+-]?\d{1,3})?$/.test(cell));
  if (!isNumber) throw refusal(index, `has ${JSON.stringify(cell) ?? 'nothing'} for ${name}`, 'give a number');
  return Number(cell);
}

function refusal(index: number, reason: string, remedy: string): AppError {
  return new AppError('candles_invalid', `row ${index + 1} ${reason}; ${remedy}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

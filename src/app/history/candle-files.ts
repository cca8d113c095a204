/** Candles out of files and into them: CSV and JSON here, the rest by codecs. What is not a candle is refused with where it stands and what to do. */
import { candleAt, candleFault } from '#core/bars/candle-columns.ts';
import { AppError, PortError } from '#core/errors.ts';
import { type CandleColumns, MAX_IMPORTED_CANDLES, type NumberTable, newCandleColumns, type TableCodecs } from '#core/history.ts';
import { parseCandles } from '../market/candles.ts';
import { tableOfJson } from './candle-json.ts';
import { decimalText } from './decimal-text.ts';
import type { CandleFormat } from './file-names.ts';

const FIGURES = ['open', 'high', 'low', 'close', 'volume'] as const;

/**
 * The candles of a file, whole and ascending; gaps are allowed. Throws AppError `candles_invalid` that names the line or
 * row, the reason and the remedy.
 */
export async function readCandleFile(bytes: Uint8Array, format: CandleFormat, intervalMs: number, codecs: TableCodecs): Promise<CandleColumns> {
  const table = await tableOf(bytes, format, codecs);
  const missing = ['date', ...FIGURES].filter((name) => !table.columns.has(name));
  if (missing.length > 0) throw new AppError('candles_invalid', `the file has no column ${missing.join(', ')}; it needs date, ${FIGURES.join(', ')}`);
  if (table.rows === 0) throw new AppError('candles_invalid', 'the file holds no candle');
  const column = (name: string): Float64Array => table.columns.get(name) ?? new Float64Array();
  const [open, high, low, close, volume] = FIGURES.map(column) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const candles = { length: table.rows, intervalMs, startAt: column('date'), open, high, low, close, volume };
  check(candles, intervalMs, format === 'csv' ? (index) => `line ${index + 2}` : (index) => `row ${index + 1}`);
  return candles;
}

/** The bytes of a file with these candles. */
export async function writeCandleFile(candles: CandleColumns, format: CandleFormat, codecs: TableCodecs): Promise<Uint8Array> {
  if (format === 'feather' || format === 'parquet') return codecs[format].encode(asTable(candles));
  return new TextEncoder().encode(format === 'csv' ? csvOf(candles) : jsonOf(candles));
}

function asTable(candles: CandleColumns): NumberTable {
  return { rows: candles.length, columns: new Map([['date', candles.startAt], ...FIGURES.map((name) => [name, candles[name]] as const)]) };
}

async function tableOf(bytes: Uint8Array, format: CandleFormat, codecs: TableCodecs): Promise<NumberTable> {
  if (format === 'csv') return tableOfCsv(textOf(bytes));
  if (format === 'json') return tableOfJson(textOf(bytes));
  try {
    return await codecs[format].decode(bytes, ['date', ...FIGURES]);
  } catch (error) {
    if (error instanceof PortError && error.code === 'candles_invalid') throw new AppError('candles_invalid', `the file cannot be used: ${error.message}`);
    throw error;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('candles_invalid', 'the file is not text in UTF-8; is it of another format, or compressed?');
  }
}

function tableOfCsv(text: string): NumberTable {
  const candles = parseCandles(text, { gaps: 'skip' });
  const columns = FIGURES.map((name) => [name, Float64Array.from(candles[name], Number)] as const);
  return { rows: candles.length, columns: new Map([['date', candles.startAt], ...columns]) };
}

function check(candles: CandleColumns, intervalMs: number, where: (index: number) => string): void {
  const { startAt, length } = candles;
  if (length > MAX_IMPORTED_CANDLES)
    throw new AppError('candles_invalid', `the file holds ${length} candles; at most ${MAX_IMPORTED_CANDLES} can be imported at once`);
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < length; index += 1) {
    const at = startAt[index] ?? Number.NaN;
    const before = startAt[index - 1];
    const fault = timeFault(at, before, intervalMs) ?? candleFault(candleAt(candles, index));
    if (fault !== null) throw new AppError('candles_invalid', `${where(index)}: ${fault}; repair or remove it`);
    if (before !== undefined) shortest = Math.min(shortest, at - before);
  }
  if (shortest !== intervalMs && Number.isFinite(shortest) && length > 10)
    throw new AppError(
      'candles_invalid',
      `no two candles of the file are ${intervalMs} ms apart, the nearest are ${shortest} ms; give the interval that they have`,
    );
}

function timeFault(at: number, before: number | undefined, intervalMs: number): string | null {
  if (!Number.isSafeInteger(at) || at <= 0 || at > MAX_TIME) return `date ${at} is not a time in milliseconds`;
  if (at % intervalMs !== 0) return `the candle of ${isoOf(at)} does not open where one of ${intervalMs} ms does`;
  if (before === undefined || at > before) return null;
  return at === before ? `the candle of ${isoOf(at)} is there twice` : `the candle of ${isoOf(at)} comes after that of ${isoOf(before)}`;
}

/** The year 2200: beyond it a time is in another unit. */
const MAX_TIME = 7_258_118_400_000;

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function csvOf(candles: CandleColumns): string {
  const lines = ['timestamp,open,high,low,close,volume'];
  for (let index = 0; index < candles.length; index += 1) {
    const { startAt, ...figures } = candleAt(candles, index);
    lines.push([isoOf(startAt), ...FIGURES.map((name) => decimalText(figures[name]))].join());
  }
  return `${lines.join('\n')}\n`;
}

/** As freqtrade writes it: one list for each candle. */
function jsonOf(candles: CandleColumns): string {
  const rows: string[] = [];
  for (let index = 0; index < candles.length; index += 1) {
    const { startAt, ...figures } = candleAt(candles, index);
    rows.push(`[${[String(startAt), ...FIGURES.map((name) => decimalText(figures[name]))].join()}]`);
  }
  return `[${rows.join(',\n')}]\n`;
}

/** Candles from before a moment, where those after it are not over. */
export function closedBefore(candles: CandleColumns, now: number): CandleColumns {
  let length = candles.length;
  while (length > 0 && (candles.startAt[length - 1] ?? 0) + candles.intervalMs > now) length -= 1;
  if (length === candles.length) return candles;
  const kept = newCandleColumns(length, candles.intervalMs);
  kept.startAt.set(candles.startAt.subarray(0, length));
  for (const name of FIGURES) kept[name].set(candles[name].subarray(0, length));
  return kept;
}

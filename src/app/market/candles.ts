/**
 * Candles from CSV text into bars. Strict: what is not a candle is refused with its line, the reason and the remedy,
 * because a backtest on broken history is worse than none. Columns are found by name; extra ones are ignored.
 */
import { AppError } from '#core/errors.ts';
import type { DecimalString } from '#core/money.ts';

/** Candles one file may hold. */
export const MAX_CANDLES = 10_000_000;

export interface CandleOptions {
  /** What to do where candles are missing: `refuse` (stated where it is left out), `fill` with flat ones of no volume, or `skip`. */
  readonly gaps?: 'refuse' | 'fill' | 'skip';
}

/** Candles as the file tells them: times in milliseconds, prices and volume in plain decimals, column by column. */
export interface Candles {
  readonly length: number;
  readonly intervalMs: number;
  readonly startAt: Float64Array;
  readonly open: readonly DecimalString[];
  readonly high: readonly DecimalString[];
  readonly low: readonly DecimalString[];
  readonly close: readonly DecimalString[];
  readonly volume: readonly DecimalString[];
  /** Missing candles that were filled in or skipped. */
  readonly missing: number;
}

type PriceColumn = 'open' | 'high' | 'low' | 'close';
type Column = 'timestamp' | PriceColumn | 'volume';

/** Other names of the columns, in small letters. */
const NAMES: Readonly<Record<Column, readonly string[]>> = {
  timestamp: ['timestamp', 'time', 'date', 'datetime', 'open_time', 'opentime', 'open time', 'unix', 'ts'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume', 'vol', 'base_volume', 'volume_base'],
};
const COLUMNS = Object.keys(NAMES) as readonly Column[];
const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** Reads candles. Throws AppError `candles_invalid` naming the line (the header is line 1), the reason and the remedy. */
export function parseCandles(text: string, options: CandleOptions = {}): Candles {
  if (text.trim() === '') throw new AppError('candles_invalid', 'the file is empty');
  const rows = new Rows(text);
  const columns = { open: [] as string[], high: [] as string[], low: [] as string[], close: [] as string[], volume: [] as string[] };
  const times: number[] = [];
  for (let row = rows.next(); row !== null; row = rows.next()) {
    if (times.length >= MAX_CANDLES) throw rows.refusal(`there are more than ${MAX_CANDLES} candles`, 'split the file');
    const at = parseTime(row.timestamp, rows);
    checkSequence(at, times, rows);
    for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) columns[column].push(checkNumber(column, row[column], rows));
    checkShape(row, rows);
    times.push(at);
  }
  if (times.length < 2)
    throw new AppError(
      'candles_invalid',
      `the file holds ${times.length === 0 ? 'no candle' : 'one candle only'}; at least two are needed to know their length`,
    );
  return closeGaps(times, columns, options.gaps ?? 'refuse');
}

/** Cuts a text into rows and remembers where it stands. */
class Rows {
  readonly #text: string;
  readonly #delimiter: string;
  readonly #positions: Readonly<Record<Column, number>>;
  readonly #width: number;
  #offset = 0;
  line = 0;

  constructor(text: string) {
    this.#text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    const header = this.#nextLine() ?? '';
    this.#delimiter = [';', '\t'].find((each) => header.includes(each)) ?? ',';
    const names = header.split(this.#delimiter).map((name) => unquote(name).toLowerCase());
    this.#width = names.length;
    const positions = COLUMNS.map((column) => [column, names.findIndex((name) => NAMES[column].includes(name))] as const);
    const absent = positions.filter(([, position]) => position < 0).map(([column]) => column);
    if (absent.length > 0)
      throw this.refusal(
        `the header has no column ${absent.join(', ')}; it reads "${header.slice(0, 120)}"`,
        `let the first line name the columns: ${COLUMNS.join(',')}`,
      );
    this.#positions = Object.fromEntries(positions) as Record<Column, number>;
  }

  next(): Readonly<Record<Column, string>> | null {
    const text = this.#nextLine();
    if (text === null) return null;
    if (text.trim() === '') {
      if (this.#text.slice(this.#offset).trim() === '') return null;
      throw this.refusal('the line is empty', 'remove it');
    }
    const cells = text.split(this.#delimiter);
    if (cells.length !== this.#width) throw this.refusal(`${cells.length} columns, the header has ${this.#width}`, 'repair the line');
    const cell = (column: Column) => unquote(cells[this.#positions[column]] ?? '');
    return { timestamp: cell('timestamp'), open: cell('open'), high: cell('high'), low: cell('low'), close: cell('close'), volume: cell('volume') };
  }

  refusal(reason: string, remedy: string): AppError {
    return new AppError('candles_invalid', `line ${this.line}: ${reason}; ${remedy}`);
  }

  #nextLine(): string | null {
    if (this.#offset >= this.#text.length) return null;
    const found = this.#text.indexOf('\n', this.#offset);
    const end = found < 0 ? this.#text.length : found;
    const line = this.#text.slice(this.#offset, end);
    this.#offset = end + 1;
    this.line += 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

function unquote(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1) : trimmed;
}

/** Milliseconds since 1970 from seconds, milliseconds or microseconds (told apart by size), or from an ISO time (UTC where it names no zone); `null` for no time. */
export function timeOf(text: string): number | null {
  const at = /^\d+(\.\d+)?$/.test(text) ? fromUnix(Number(text)) : fromIso(text);
  return at === null || !Number.isSafeInteger(at) || at <= 0 ? null : at;
}

function parseTime(text: string, rows: Rows): number {
  const at = timeOf(text);
  if (at === null)
    throw rows.refusal(`timestamp ${quoted(text)} is not a time`, 'give milliseconds or seconds since 1970, or an ISO time such as 2026-01-31T00:00:00Z');
  return at;
}

function fromUnix(value: number): number {
  // Seconds reach 1e11 in the year 5138, milliseconds 1e14 then.
  if (value < 1e11) return Math.round(value * 1_000);
  return value < 1e14 ? Math.round(value) : Math.round(value / 1_000);
}

function fromIso(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  if (match === null) return null;
  const at = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  return Number.isNaN(at) ? null : at;
}

function checkSequence(at: number, times: readonly number[], rows: Rows): void {
  const before = times.at(-1);
  if (before === undefined || at > before) return;
  const isDuplicate = at === before;
  throw rows.refusal(
    `the candle of ${isoOf(at)} ${isDuplicate ? 'is there twice' : `comes after that of ${isoOf(before)}`}`,
    isDuplicate ? 'remove one of them' : 'sort the lines by time, oldest first',
  );
}

function checkNumber(column: 'volume' | PriceColumn, text: string, rows: Rows): DecimalString {
  if (NUMBER.test(text)) {
    const isZero = !/[1-9]/.test(text.replace(/[eE].*$/, ''));
    if (!isZero || column === 'volume') return text;
    throw rows.refusal(`${column} is zero`, 'a price must be above zero; repair or remove the candle');
  }
  if (/^-\d/.test(text)) throw rows.refusal(`${column} ${quoted(text)} is negative`, 'repair or remove the candle');
  throw rows.refusal(`${column} ${text === '' ? 'is empty' : `${quoted(text)} is not a number`}`, 'repair or remove the candle');
}

function checkShape(row: Readonly<Record<Column, string>>, rows: Rows): void {
  const [open, high, low, close] = [Number(row.open), Number(row.high), Number(row.low), Number(row.close)];
  if (!Number.isFinite(open + high + low + close + Number(row.volume))) throw rows.refusal('a number is too large', 'repair or remove the candle');
  if (high < low) throw rows.refusal(`high ${row.high} is below low ${row.low}`, 'repair or remove the candle');
  for (const [name, value] of [
    ['open', open],
    ['close', close],
  ] as const)
    if (value > high || value < low) throw rows.refusal(`${name} ${row[name]} lies outside low ${row.low} to high ${row.high}`, 'repair or remove the candle');
}

/** How long candles are, and where one stands in its source. */
export interface CandleSource {
  readonly intervalMs: number;
  readonly where: (index: number) => string;
}

/** Ascending candles with what is to be done about missing ones. Throws AppError `candles_invalid`. */
export function closeGaps(
  times: readonly number[],
  columns: Readonly<Record<PriceColumn | 'volume', string[]>>,
  gaps: 'refuse' | 'fill' | 'skip',
  { intervalMs, where: whereOf }: CandleSource = { intervalMs: shortestStep(times), where: lineOf },
): Candles {
  let missing = 0;
  for (let index = 1; index < times.length; index += 1) {
    const step = (times[index] ?? 0) - (times[index - 1] ?? 0);
    if (step === intervalMs) continue;
    const where = whereOf(index);
    if (step % intervalMs !== 0)
      throw new AppError(
        'candles_invalid',
        `${where}${step} ms after the candle before it, while others are ${intervalMs} ms apart; all candles must be of one length`,
      );
    const lost = step / intervalMs - 1;
    if (gaps === 'refuse')
      throw new AppError(
        'candles_invalid',
        `${where}${lost} ${lost === 1 ? 'candle is' : 'candles are'} missing between ${isoOf(times[index - 1] ?? 0)} and ${isoOf(times[index] ?? 0)}; repair the file, or allow gaps by the option gaps: fill (flat candles without volume) or skip`,
      );
    missing += lost;
  }
  if (missing + times.length > MAX_CANDLES)
    throw new AppError('candles_invalid', `with its gaps filled the file holds more than ${MAX_CANDLES} candles; split it`);
  const whole = missing > 0 && gaps === 'fill' ? filled(times, columns, intervalMs, missing) : { startAt: Float64Array.from(times), ...columns };
  return { length: whole.startAt.length, intervalMs, ...whole, missing };
}

/** The header is line 1, the first candle line 2. */
function lineOf(index: number): string {
  return `line ${index + 2}: `;
}

function shortestStep(times: readonly number[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < times.length; index += 1) shortest = Math.min(shortest, (times[index] ?? 0) - (times[index - 1] ?? 0));
  return shortest;
}

function filled(times: readonly number[], columns: Readonly<Record<PriceColumn | 'volume', string[]>>, intervalMs: number, missing: number) {
  const startAt = new Float64Array(times.length + missing);
  const out = { open: [] as string[], high: [] as string[], low: [] as string[], close: [] as string[], volume: [] as string[] };
  times.forEach((at, index) => {
    const close = columns.close[index - 1] ?? '';
    for (let next = (times[index - 1] ?? at) + intervalMs; next < at; next += intervalMs) {
      startAt[out.open.length] = next;
      for (const column of ['open', 'high', 'low', 'close'] as const) out[column].push(close);
      out.volume.push('0');
    }
    startAt[out.open.length] = at;
    for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) out[column].push(columns[column][index] ?? '');
  });
  return { startAt, ...out };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

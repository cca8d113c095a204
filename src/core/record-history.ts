/** The part of the port of history that keeps what happened at single moments: settlements of funding, and trades. Types only, but for the columns. */
import type { Span } from './span.ts';

/**
 * Columns of each kind. `funding`: the rate of a settlement of a perpetual, paid by longs where positive. `trades`: price in quote, size in
 * base, and the side of who traded at once, 1 for a purchase, -1 for a sale and 0 where nobody says; trades at one price may be told as one.
 */
export const RECORD_COLUMNS = { funding: ['rate'], trades: ['price', 'size', 'side'] } as const;

export type RecordKind = keyof typeof RECORD_COLUMNS;

/** Whose records they are. */
export interface RecordSeries {
  readonly venue: string;
  readonly symbol: string;
  readonly kind: RecordKind;
}

/** In columns, not descending in time; the nearest doubles to the decimals of the venue. */
export interface Records {
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly at: Float64Array;
  /** By the names of {@link RECORD_COLUMNS}. */
  readonly columns: Readonly<Record<string, Float64Array>>;
}

export interface RecordSummary extends RecordSeries {
  readonly rows: number;
  /** `null` where it is known that there are none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly bytes: number;
  /** Files that cannot be read; what they hold is not counted. */
  readonly damaged: number;
}

/** A file that cannot be relied on. */
export interface RecordDamage extends RecordSeries {
  readonly path: string;
  readonly problem: string;
}

/** Throws as {@link CandleHistory} does. */
export interface RecordHistory {
  read(series: RecordSeries, span: Span): Promise<Records>;
  /** What has been asked of the venue of it, ascending and apart. */
  covered(series: RecordSeries, span: Span): Promise<readonly Span[]>;
  /** Takes the place of whatever there was in the span, file by file: each is there wholly or not at all, whatever happens. */
  put(series: RecordSeries, records: Records, span: Span): Promise<void>;
  names(): Promise<readonly RecordSeries[]>;
  list(): Promise<readonly RecordSummary[]>;
  /** Reads every file to its end; what is wrong with which. */
  check(series: RecordSeries): Promise<readonly RecordDamage[]>;
  /** Puts a damaged file aside, so that it can be had again; returns where it lies now. */
  setAside(damage: RecordDamage): Promise<string>;
  /** Removes the files that lie in the span wholly, all without one; returns how many. */
  remove(series: RecordSeries, span?: Span): Promise<number>;
}

/** Records of a span. */
export function recordsWithin({ at, columns }: Records, { from, to }: Span): Records {
  const [begin, end] = [firstFrom(at, from), firstFrom(at, to)];
  return {
    length: Math.max(0, end - begin),
    at: at.slice(begin, end),
    columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(begin, end)])),
  };
}

/** Several one after the other, of a kind. */
export function concatRecords(kind: RecordKind, parts: readonly Records[]): Records {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = (columnOf: (part: Records) => Float64Array): Float64Array => {
    const column = new Float64Array(length);
    let place = 0;
    for (const part of parts) {
      column.set(columnOf(part), place);
      place += part.length;
    }
    return column;
  };
  const columns = RECORD_COLUMNS[kind].map((name) => [name, joined(({ columns: each }) => each[name] ?? new Float64Array())]);
  return { length, at: joined(({ at }) => at), columns: Object.fromEntries(columns) };
}

/** Index of the first at or after a moment. */
function firstFrom(at: Float64Array, moment: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

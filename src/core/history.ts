/**
 * The port of history, types only: candles of the past on disk, what has been asked of the venue so far, and what it
 * turned out not to have. Times are milliseconds since 1970.
 */
import { CANDLE_INTERVALS } from './market-data.ts';
import type { RecordHistory } from './record-history.ts';
import type { Span } from './span.ts';

export type { Span } from './span.ts';

/** Lengths of candles that may be kept: those of every venue, and some that come from files only. */
export const HISTORY_INTERVALS = {
  ...CANDLE_INTERVALS,
  '3m': 180_000,
  '2h': 7_200_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
} as const;

export type HistoryInterval = keyof typeof HISTORY_INTERVALS;

/** Whose candles they are. */
export interface Series {
  /** Id of the venue, such as `binance`. */
  readonly venue: string;
  /** Unified symbol, such as `BTC/USDT`, of a perpetual `BTC/USDT:USDT`. */
  readonly symbol: string;
  readonly interval: HistoryInterval;
}

/**
 * Candles in columns, oldest first, each once. Prices (in quote) and volume (in base) are the doubles nearest to the
 * decimals of the venue: a decimal of up to 15 digits comes back to the last digit.
 */
export interface CandleColumns {
  readonly length: number;
  readonly intervalMs: number;
  readonly startAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** What is known of a series within a span. */
export interface Coverage {
  /** Asked and answered, ascending and apart; nothing in them has to be asked again. */
  readonly covered: readonly Span[];
  /** Parts of those for which there is no candle. */
  readonly holes: readonly Span[];
  readonly candles: number;
}

/** What came of adding candles to those that were there. */
export interface Appended {
  readonly added: number;
  /** Were there already, with the same figures. */
  readonly same: number;
  /** Were there already with other figures; which of the two stays is up to whoever appends. */
  readonly differing: number;
}

export interface SeriesSummary extends Series {
  readonly candles: number;
  readonly holes: number;
  /** Opening times; `null` when nothing but holes is known. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly bytes: number;
  /** Files that cannot be read; what they hold is not counted. */
  readonly damaged: number;
}

/** A file of a series that cannot be relied on. */
export interface Damage extends Series {
  readonly path: string;
  /** The month it holds, as `2026-01`. */
  readonly month: string;
  readonly problem: string;
}

/**
 * Candles on disk. Every method throws PortError `history_damaged` where a file that it needs cannot be relied on,
 * `history_unavailable` where the disk refuses, and `validation_failed` for a venue or symbol that cannot be a name.
 */
export interface CandleHistory {
  /** All candles of the span; none where nothing is known. */
  read(series: Series, span: Span): Promise<CandleColumns>;
  coverage(series: Series, span: Span): Promise<Coverage>;
  /**
   * Adds candles and notes the spans that are covered by them. `keep` leaves those that are there as they are, `replace`
   * takes the new ones. Month by month: each is there wholly or not at all, whatever happens.
   */
  append(series: Series, candles: CandleColumns, covered: readonly Span[], onConflict: 'keep' | 'replace'): Promise<Appended>;
  /** Forgets that the holes within the span were asked for; returns how many candles may come now. */
  forgetHoles(series: Series, span: Span): Promise<number>;
  /** What there is, by its names alone. */
  names(): Promise<readonly Series[]>;
  /** Reads the ends of the files only, and passes over those that are damaged. */
  list(): Promise<readonly SeriesSummary[]>;
  /** Reads every file of a series to its end; what is wrong with which, none when all is well. */
  check(series: Series): Promise<readonly Damage[]>;
  /** Puts a damaged file aside, so that its month can be had again; returns where it lies now. */
  setAside(damage: Damage): Promise<string>;
  /** Removes the months that lie in the span wholly, all without one; returns how many. */
  remove(series: Series, span?: Span): Promise<number>;
  /** What is kept beside the candles. */
  readonly records: RecordHistory;
}

/** Empty columns for so many candles, to be filled once. */
export function newCandleColumns(length: number, intervalMs: number): CandleColumns {
  const column = () => new Float64Array(length);
  return { length, intervalMs, startAt: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
}

/** Rows that one file may bring. */
export const MAX_IMPORTED_CANDLES = 10_000_000;

/** A table as a file holds it: times in milliseconds since 1970 in the column `date`, everything else as numbers. */
export interface NumberTable {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

/** Tables of numbers in one of the formats of others. */
export interface TableCodec {
  /** The columns that are named, as far as there are such. Throws PortError `candles_invalid` for what is no such file, is damaged, or grows past the limits when it is unpacked. */
  decode(bytes: Uint8Array, names: readonly string[]): Promise<NumberTable>;
  /** `date` becomes a time. */
  encode(table: NumberTable): Promise<Uint8Array>;
}

/** The formats that need a library. */
export interface TableCodecs {
  readonly feather: TableCodec;
  readonly parquet: TableCodec;
}

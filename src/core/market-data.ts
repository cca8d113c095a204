/**
 * What a venue tells everybody beyond its best prices: candles, trades, order books and the figures of a day. Amounts
 * are exact decimals, times are milliseconds since 1970.
 */
import type { DecimalString } from './money.ts';
import type { Side } from './order.ts';

/** Lengths of candles that every venue has, in milliseconds; days begin at midnight UTC. */
export const CANDLE_INTERVALS = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;

export type CandleInterval = keyof typeof CANDLE_INTERVALS;

export interface Candle {
  /** When it opened, in venue time. */
  readonly startAt: number;
  readonly open: DecimalString;
  readonly high: DecimalString;
  readonly low: DecimalString;
  readonly close: DecimalString;
  /** In the base asset. */
  readonly volume: DecimalString;
}

/** One trade between others. */
export interface PublicTrade {
  /** `null` where the venue gives its trades no ids. */
  readonly tradeId: string | null;
  readonly symbol: string;
  /** Of who traded at once. */
  readonly side: Side;
  readonly price: DecimalString;
  readonly size: DecimalString;
  /** When it happened, in venue time. */
  readonly at: number;
}

export type BookLevel = readonly [price: DecimalString, size: DecimalString];

/** The best levels of an order book, best first. */
export interface Book {
  readonly symbol: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** When we received its newest part. */
  readonly at: number;
  /** Changes that went into it since the book before: more than one when a newer book took the place of those between. */
  readonly merged: number;
}

/** An instrument's last 24 hours. */
export interface Ticker {
  readonly symbol: string;
  readonly last: DecimalString;
  /** `null` while nobody buys. */
  readonly bid: DecimalString | null;
  /** `null` while nobody sells. */
  readonly ask: DecimalString | null;
  /** What was traded in 24 hours, in the quote asset. */
  readonly quoteVolume: DecimalString;
  /** When we received it. */
  readonly at: number;
}

/** A settlement of funding that was. */
export interface FundingSettlement {
  readonly at: number;
  /** Share of a position's value; longs pay shorts when positive. */
  readonly rate: DecimalString;
}

/** What happened from a moment on, as far as the venue tells at once. */
export interface PastPage<Row> {
  /** Oldest first. */
  readonly rows: readonly Row[];
  /** Nothing before this moment is missing; always later than what was asked from. */
  readonly until: number;
}

export interface PastSource<Row> {
  /** How far back the venue tells; `null` where it tells everything. */
  readonly reachMs: number | null;
  page(from: number, to: number): Promise<PastPage<Row>>;
}

/** What an instrument's venue tells of the past beside candles; absent what it does not tell. */
export interface PastData {
  readonly funding?: PastSource<FundingSettlement>;
  readonly trades?: PastSource<PublicTrade>;
  /** Where the venue offers older ones, or all of them, as files. */
  readonly files?: string;
}

/** What can be asked and watched of it. Every question may throw PortError. */
export interface PublicData {
  /** At least `depth` levels a side, or as many as there are and the venue shows. */
  book(symbol: string, depth: number): Promise<Book>;
  /**
   * Closed candles that opened from `from` (inclusive) to `to` (exclusive), oldest first. Asks as often as the venue's
   * pages demand. Where nobody traded the venue may have none: gaps stay gaps.
   */
  candles(symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]>;
  /** The newest trades, oldest first: `limit` of them, or as many as the venue tells at once. */
  trades(symbol: string, limit: number): Promise<readonly PublicTrade[]>;
  /** Absent where the venue tells nothing of the past but candles. */
  past?(symbol: string): PastData;
  /** The last day of everything the venue trades. */
  tickers(): Promise<readonly Ticker[]>;
  /** Pushes trades in their sequence, each once, until the returned function is called; what a broken stream missed is fetched where that can be. */
  watchTrades(symbol: string, onTrade: (trade: PublicTrade) => void): () => void;
  /** Pushes each candle once, when it is over, in sequence, until the returned function is called; what a broken stream missed is fetched. */
  watchCandles(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void;
  /** Pushes the best levels of the book while it is known to be whole, until the returned function is called: the newest, a few times a second. */
  watchBook(symbol: string, onBook: (book: Book) => void): () => void;
}

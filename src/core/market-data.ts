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

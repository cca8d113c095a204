/**
 * Public data of venues for everybody who asks: what one has asked serves all others for a moment, so that many screens
 * cost a venue's request budget no more than one.
 */
import { AppError } from '#core/errors.ts';
import { type Book, CANDLE_INTERVALS, type Candle, type CandleInterval, type PublicTrade, type Ticker } from '#core/market-data.ts';
import type { Clock } from '#core/ports.ts';
import type { Venue } from '#core/venue-ports.ts';
import { instrumentOf } from '../bots/bot-planning.ts';

/** How long an answer serves others, in milliseconds. */
export const SERVED_MS = { book: 1_000, trades: 1_000, tickers: 5_000, candles: 5_000 } as const;
/** Answers that are kept at once; beyond it the oldest goes. */
export const MAX_KEPT = 500;
export const MAX_CANDLES_AT_ONCE = 1_000;
export const MAX_DEPTH = 100;
export const MAX_TRADES_AT_ONCE = 200;

export interface CandlesWanted {
  readonly interval: CandleInterval;
  /** Candles that opened at or after it; without it the newest before `to`. */
  readonly from?: number | undefined;
  /** Candles that opened before it; without it all that have closed. */
  readonly to?: number | undefined;
  readonly limit: number;
}

export interface CandlePage {
  readonly candles: readonly Candle[];
  /** Where the next page begins; `null` when this reaches to the end of what was wanted or to the present. */
  readonly next: number | null;
}

interface Kept {
  readonly until: number;
  readonly answer: Promise<unknown>;
}

export class MarketReads {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws AppError `symbol_unknown`. */
  async book(venue: Venue, symbol: string, depth: number): Promise<Book> {
    await instrumentOf(venue, symbol);
    const book = await this.#read(`${venue.id} book ${symbol}`, SERVED_MS.book, () => venue.market.book(symbol, MAX_DEPTH));
    return { ...book, bids: book.bids.slice(0, depth), asks: book.asks.slice(0, depth) };
  }

  /** The newest, oldest first. Throws AppError `symbol_unknown`. */
  async trades(venue: Venue, symbol: string, limit: number): Promise<readonly PublicTrade[]> {
    await instrumentOf(venue, symbol);
    const trades = await this.#read(`${venue.id} trades ${symbol}`, SERVED_MS.trades, () => venue.market.trades(symbol, MAX_TRADES_AT_ONCE));
    return trades.slice(-limit);
  }

  tickers(venue: Venue): Promise<readonly Ticker[]> {
    return this.#read(`${venue.id} tickers`, SERVED_MS.tickers, () => venue.market.tickers());
  }

  /** Closed candles, oldest first. Throws AppError `symbol_unknown`, and `validation_failed` for a span that ends before it begins. */
  async candles(venue: Venue, symbol: string, wanted: CandlesWanted): Promise<CandlePage> {
    await instrumentOf(venue, symbol);
    const { interval, limit } = wanted;
    const lengthMs = CANDLE_INTERVALS[interval];
    // Nothing that opened in the present candle's time or later has closed.
    const present = Math.floor(this.#clock.now() / lengthMs) * lengthMs;
    const to = Math.min(wanted.to ?? present, present);
    const from = wanted.from ?? to - limit * lengthMs;
    if (wanted.to !== undefined && from >= wanted.to)
      throw new AppError('validation_failed', 'from must be before to', [{ field: 'from', message: 'must be before to' }]);
    const end = Math.min(to, from + limit * lengthMs);
    if (end <= from) return { candles: [], next: null };
    const key = `${venue.id} candles ${symbol} ${interval} ${from} ${end}`;
    const candles = await this.#read(key, SERVED_MS.candles, () => venue.market.candles(symbol, interval, from, end));
    return { candles, next: end < to ? end : null };
  }

  #read<Answer>(key: string, servedMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    const known = this.#kept.get(key);
    if (known !== undefined && now < known.until) return known.answer as Promise<Answer>;
    this.#kept.delete(key);
    for (const [oldest, { until }] of this.#kept) {
      if (until > now && this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    const answer = ask();
    this.#kept.set(key, { until: now + servedMs, answer });
    // A failure is told to those who wait, and the next one asks anew.
    answer.catch(() => {
      if (this.#kept.get(key)?.answer === answer) this.#kept.delete(key);
    });
    return answer;
  }
}

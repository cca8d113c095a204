/**
 * Closed bars of one instrument for everybody in the process. Who needs bars of the past, to warm up or because nobody
 * ran it for a while, is told these first, from the venue's history, and only then those that close from now on: nobody
 * hears of bars out of sequence, twice, or with one left out that the venue knows.
 */
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import { MAX_WARM_UP_BARS } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { FeedReport } from './feed-report.ts';

/** `isHistory`: it closed before the listener joined. */
export type BarListener = (bar: Candle, isHistory: boolean) => void;

/** Bars of the past that a listener is told at most; older ones are left out. */
export const MAX_PAST_BARS = MAX_WARM_UP_BARS;
/** A bar is still news when it closed this long before its run changed hands. */
export const LATE_MS = 60_000;
const RETRY_MS = 5_000;

export interface LiveBarsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly venue: Venue;
  readonly symbol: string;
  readonly interval: CandleInterval;
}

/** What a listener needs of the past. */
export interface PastBars {
  /** When the newest bar closed that it knows; `null` when it knows none. */
  readonly since: number | null;
  /** How many closed bars it needs when it knows none. */
  readonly warmUp: number;
}

interface Listening {
  readonly listener: BarListener;
  /** Bars that closed by then are history to it. */
  readonly newsAfter: number;
  /** When the next bar to tell opens at the earliest. */
  from: number;
  /** Bars that closed while those before are fetched; `null` when nothing is missing. */
  waiting: Candle[] | null;
  isOver: boolean;
  callOff: () => void;
}

export class LiveBars {
  readonly close: () => void;
  readonly #parts: LiveBarsParts;
  readonly #listening = new Set<Listening>();
  #values = 0;
  #newestAt: number | null = null;

  constructor(parts: LiveBarsParts) {
    this.#parts = parts;
    const { venue, symbol, interval } = parts;
    this.close = venue.market.watchCandles(symbol, interval, (bar) => this.#receive(bar));
  }

  get listeners(): number {
    return this.#listening.size;
  }

  /** Returns how to leave. */
  join({ since, warmUp }: PastBars, listener: BarListener): () => void {
    const now = this.#parts.clock.now();
    const needsPast = since !== null || warmUp > 0;
    const listening: Listening = {
      listener,
      newsAfter: since === null ? now : now - LATE_MS,
      from: since ?? (needsPast ? this.#startOf(now, warmUp) : Number.NEGATIVE_INFINITY),
      waiting: needsPast ? [] : null,
      isOver: false,
      callOff: () => undefined,
    };
    this.#listening.add(listening);
    if (needsPast) void this.#fetchPast(listening);
    return () => {
      listening.isOver = true;
      listening.callOff();
      this.#listening.delete(listening);
    };
  }

  report(now: number): FeedReport {
    const { venue, symbol, interval } = this.#parts;
    const ageMs = this.#newestAt === null ? null : now - this.#newestAt;
    return { venue: venue.id, symbol, kind: `bars ${interval}`, listeners: this.#listening.size, ageMs, values: this.#values, dropped: 0 };
  }

  /** When so many bars before the one that is open now began. */
  #startOf(now: number, count: number): number {
    const lengthMs = CANDLE_INTERVALS[this.#parts.interval];
    return (Math.floor(now / lengthMs) - count) * lengthMs;
  }

  #receive(bar: Candle): void {
    this.#values += 1;
    this.#newestAt = this.#parts.clock.now();
    for (const listening of [...this.#listening]) {
      if (listening.waiting === null) this.#tell(listening, bar);
      else listening.waiting.push(bar);
    }
  }

  async #fetchPast(listening: Listening): Promise<void> {
    const { clock, log, venue, symbol, interval } = this.#parts;
    try {
      const now = clock.now();
      // Our clock may be behind the venue's; candles that have not closed yet are not told in any case.
      const to = now + CANDLE_INTERVALS[interval];
      const past = await venue.market.candles(symbol, interval, Math.max(listening.from, this.#startOf(now, MAX_PAST_BARS)), to);
      if (listening.isOver) return;
      for (const bar of past) this.#tell(listening, bar);
      const waiting = listening.waiting ?? [];
      listening.waiting = null;
      for (const bar of waiting) this.#tell(listening, bar);
    } catch (error) {
      if (listening.isOver) return;
      log.warn({ venue: venue.id, symbol, interval, err: error }, 'bars of the past could not be fetched; trying again');
      listening.callOff = clock.after(RETRY_MS, () => void this.#fetchPast(listening));
    }
  }

  #tell(listening: Listening, bar: Candle): void {
    if (listening.isOver || bar.startAt < listening.from) return;
    const closedAt = bar.startAt + CANDLE_INTERVALS[this.#parts.interval];
    listening.from = closedAt;
    listening.listener(bar, closedAt <= listening.newsAfter);
  }
}

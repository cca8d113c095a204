/**
 * Closed bars of one instrument for everybody in the process. Who has missed some is told them first, from the venue's
 * history, and only then those that close from now on: nobody hears of bars out of sequence, twice or with one left out
 * that the venue knows.
 */
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import type { Clock, Log, Venue } from '#core/ports.ts';
import type { FeedReport } from './feed-report.ts';

export type BarListener = (bar: Candle) => void;

/** Bars that a run is told of the time in which nobody ran it; older ones are left out. */
export const MAX_MISSED_BARS = 500;
const RETRY_MS = 5_000;

export interface BarFeedParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly venue: Venue;
  readonly symbol: string;
  readonly interval: CandleInterval;
}

interface Listening {
  readonly listener: BarListener;
  /** When the next bar to tell opens at the earliest. */
  from: number;
  /** Bars that closed while those before are fetched; `null` when nothing is missing. */
  waiting: Candle[] | null;
  isOver: boolean;
  callOff: () => void;
}

export class BarFeed {
  readonly close: () => void;
  readonly #parts: BarFeedParts;
  readonly #listening = new Set<Listening>();
  #values = 0;
  #newestAt: number | null = null;

  constructor(parts: BarFeedParts) {
    this.#parts = parts;
    const { venue, symbol, interval } = parts;
    this.close = venue.market.watchCandles(symbol, interval, (bar) => this.#receive(bar));
  }

  get listeners(): number {
    return this.#listening.size;
  }

  /** Returns how to leave. */
  join(since: number | null, listener: BarListener): () => void {
    const listening: Listening = { listener, from: since ?? Number.NEGATIVE_INFINITY, waiting: null, isOver: false, callOff: () => undefined };
    this.#listening.add(listening);
    if (since !== null) {
      listening.waiting = [];
      void this.#fetchMissed(listening);
    }
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

  #receive(bar: Candle): void {
    this.#values += 1;
    this.#newestAt = this.#parts.clock.now();
    for (const listening of [...this.#listening]) {
      if (listening.waiting === null) this.#tell(listening, bar);
      else listening.waiting.push(bar);
    }
  }

  async #fetchMissed(listening: Listening): Promise<void> {
    const { clock, log, venue, symbol, interval } = this.#parts;
    const lengthMs = CANDLE_INTERVALS[interval];
    try {
      // Our clock may be behind the venue's; candles that have not closed yet are not told in any case.
      const to = clock.now() + lengthMs;
      const missed = await venue.market.candles(symbol, interval, Math.max(listening.from, to - (MAX_MISSED_BARS + 1) * lengthMs), to);
      if (listening.isOver) return;
      for (const bar of missed) this.#tell(listening, bar);
      const waiting = listening.waiting ?? [];
      listening.waiting = null;
      for (const bar of waiting) this.#tell(listening, bar);
    } catch (error) {
      if (listening.isOver) return;
      log.warn({ venue: venue.id, symbol, interval, err: error }, 'bars that a run has missed could not be fetched; trying again');
      listening.callOff = clock.after(RETRY_MS, () => void this.#fetchMissed(listening));
    }
  }

  #tell(listening: Listening, bar: Candle): void {
    if (listening.isOver || bar.startAt < listening.from) return;
    listening.from = bar.startAt + CANDLE_INTERVALS[this.#parts.interval];
    listening.listener(bar);
  }
}

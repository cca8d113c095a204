/**
 * Whether each of several instruments of a run can still be traded: the venue lists it as trading, and tells its price. A run that
 * holds one against another must open nothing in either while one of them is gone.
 */
import type { Leg } from '#core/legs/leg.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Venue } from '#core/venue-ports.ts';
import { Rounds } from '../rounds.ts';

export const MARKET_WATCH_MS = 60_000;
/** Looks in a row at which no price was to be had before a market counts as dead. */
const SILENT_LOOKS = 2;

export interface MarketWatchParts {
  readonly venue: Pick<Venue, 'market' | 'title'>;
  readonly quoteOf: (symbol: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
  readonly legs: readonly Leg[];
  readonly run: { onMarket(leg: Leg, isOpen: boolean, reason: string): void };
}

export class MarketWatch {
  readonly #parts: MarketWatchParts;
  readonly #silences = new Map<Leg, number>();
  readonly #rounds: Rounds;

  constructor(parts: MarketWatchParts) {
    this.#parts = parts;
    // A venue that does not answer says nothing of one of its markets.
    const problem = 'it could not be asked which instruments are traded';
    this.#rounds = new Rounds({ ...parts, pauseMs: MARKET_WATCH_MS, problem }, () => this.#look());
  }

  start(): void {
    this.#rounds.start(0);
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #look(): Promise<void> {
    const { venue, legs, run } = this.#parts;
    const listed = await venue.market.instruments();
    for (const leg of legs) {
      const instrument = listed.get(leg.symbol);
      const reason =
        instrument === undefined
          ? `${venue.title} lists it no more`
          : instrument.status === 'halted'
            ? `${venue.title} has halted it`
            : await this.#silenceOf(leg);
      if (!this.#rounds.isClosed && reason !== null) run.onMarket(leg, reason === '', reason);
    }
  }

  /** Why the market counts as dead; empty when it has a price, `null` while that is not known yet. */
  async #silenceOf(leg: Leg): Promise<string | null> {
    try {
      await this.#parts.quoteOf(leg.symbol);
      this.#silences.delete(leg);
      return '';
    } catch {
      const silences = (this.#silences.get(leg) ?? 0) + 1;
      this.#silences.set(leg, silences);
      return silences >= SILENT_LOOKS ? `no price has been told for ${silences} looks a minute apart` : null;
    }
  }
}

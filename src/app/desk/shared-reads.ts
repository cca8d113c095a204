/**
 * Reads of an account's session that many owners want at about the same time: one request serves all of them, so that
 * hundreds of bots on one account cost the venue's budget no more than one. An answer may be a second old: what it says
 * is open is harmless then, and what it lacks is asked for by itself.
 */

import type { Clock } from '#core/ports.ts';
import type { Balance, TradingSession, VenueFill, VenueOrder } from '#core/venue-ports.ts';

/** How long an answer serves others. */
export const SHARED_MS = 1_000;
/** Beginnings of look-backs are rounded down to this, so that owners who begin together ask for the same. */
export const SINCE_STEP_MS = 60_000;

interface Shared {
  readonly askedAt: number;
  readonly answer: Promise<unknown>;
}

export class SharedReads {
  readonly #session: TradingSession;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Shared>();

  constructor(session: TradingSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  openOrders(symbol: string): Promise<readonly VenueOrder[]> {
    return this.#share(`open ${symbol}`, () => this.#session.openOrders(symbol));
  }

  /** Executions from `since` on or from a little earlier. */
  fillsSince(symbol: string, since: number): Promise<readonly VenueFill[]> {
    const from = Math.floor(since / SINCE_STEP_MS) * SINCE_STEP_MS;
    return this.#share(`fills ${symbol} ${from}`, () => this.#session.fillsSince(symbol, from));
  }

  /** Serves those who ask while it is under way, nobody later: what is promised to a run must be there now. */
  balances(): Promise<readonly Balance[]> {
    const key = 'balances';
    const answer = this.#share(key, () => this.#session.balances());
    const forget = (): void => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key);
    };
    answer.then(forget, forget);
    return answer;
  }

  #share<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    for (const [other, { askedAt }] of this.#answers) if (now - askedAt >= SHARED_MS) this.#answers.delete(other);
    const known = this.#answers.get(key);
    if (known !== undefined) return known.answer as Promise<Answer>;
    const answer = ask();
    this.#answers.set(key, { askedAt: now, answer });
    // A failure is told to those who wait, and the next one asks anew.
    answer.catch(() => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key);
    });
    return answer;
  }
}

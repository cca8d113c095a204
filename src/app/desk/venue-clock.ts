/**
 * The venue's clock beside ours: how far they are apart, compared every minute and after a refusal that may mean that
 * they have drifted.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { TradingSession } from '#core/venue-ports.ts';

export const CLOCK_CHECK_MS = 60_000;
/** After a refusal it is checked too, but no more often than this. */
export const CLOCK_RECHECK_MS = 5_000;
/** A difference worth telling. */
const LARGE_SKEW_MS = 500;

export class VenueClock {
  readonly #session: Pick<TradingSession, 'clockOffsetMs'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #offsetMs = 0;
  #checkedAt = 0;
  #isClosed = false;
  #callOff: () => void = () => undefined;

  constructor(session: Pick<TradingSession, 'clockOffsetMs'>, clock: Clock, log: Log) {
    this.#session = session;
    this.#clock = clock;
    this.#log = log;
  }

  /** A moment of our clock in venue time. */
  at(ours: number): number {
    return ours + this.#offsetMs;
  }

  /** Compares the clocks unless that has just been done, and again in a minute. A venue that does not answer leaves the last difference. */
  async check(): Promise<void> {
    if (this.#isClosed || this.#clock.now() < this.#checkedAt + CLOCK_RECHECK_MS) return;
    this.#checkedAt = this.#clock.now();
    this.#callOff();
    try {
      this.#offsetMs = await this.#session.clockOffsetMs();
      if (Math.abs(this.#offsetMs) > LARGE_SKEW_MS)
        this.#log.warn({ offsetMs: this.#offsetMs }, 'our clock differs from the venue; orders are stamped with its time');
    } catch (error) {
      this.#log.warn({ err: error }, 'the clock of the venue could not be read');
    }
    if (!this.#isClosed) this.#callOff = this.#clock.after(CLOCK_CHECK_MS, () => void this.check());
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }
}

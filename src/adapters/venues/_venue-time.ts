/**
 * The venue's clock against ours: the median of several probes, each taken at the middle of its round trip. Measured
 * anew every minute beside the work, so that no order waits for it, and at once when the venue refuses a request for its time.
 */
import type { Clock } from '#core/ports.ts';
import type { Api } from './_api.ts';
import { failureOf, readAnswer } from './_ask.ts';
import type { CcxtDialect } from './_dialect.ts';

const PROBES = 5;
/** Older than this, a measurement is used once more while the next one runs. */
const FRESH_MS = 60_000;
/** Older than this, it is not used at all. */
const USABLE_MS = 600_000;

export class VenueTime {
  readonly #dialect: CcxtDialect;
  readonly #api: Api;
  readonly #clock: Clock;
  #latest: { readonly at: number; readonly offsetMs: number } | null = null;
  #measuring: Promise<number> | null = null;

  constructor(dialect: CcxtDialect, api: Api, clock: Clock) {
    this.#dialect = dialect;
    this.#api = api;
    this.#clock = clock;
  }

  /** Milliseconds to add to our clock to have the venue's. */
  async offsetMs(): Promise<number> {
    const ageMs = this.#latest === null ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#latest.at;
    if (this.#latest === null || ageMs > USABLE_MS || ageMs < 0) return this.#refresh();
    // The old value serves; whether the new one comes is seen by the next call.
    if (ageMs > FRESH_MS) this.#refresh().catch(() => undefined);
    return this.#latest.offsetMs;
  }

  /** The next use measures anew. */
  forget(): void {
    this.#latest = null;
    this.#measuring = null;
  }

  #refresh(): Promise<number> {
    if (this.#measuring !== null) return this.#measuring;
    const measuring: Promise<number> = this.#measure()
      .then((offsetMs) => {
        if (this.#measuring === measuring) this.#latest = { at: this.#clock.now(), offsetMs };
        return offsetMs;
      })
      .finally(() => {
        if (this.#measuring === measuring) this.#measuring = null;
      });
    this.#measuring = measuring;
    return measuring;
  }

  async #measure(): Promise<number> {
    const offsets: number[] = [];
    const probes = this.#dialect.timeProbes ?? PROBES;
    for (let probe = 0; probe < probes; probe += 1) {
      const sentAt = this.#clock.now();
      const answer = await this.#api.call({ ...this.#dialect.time, priority: 'find', patienceMs: 5000 });
      const receivedAt = this.#clock.now();
      if (answer.kind !== 'answered' || !this.#dialect.isSuccess(answer)) throw failureOf(this.#dialect, answer);
      offsets.push(readAnswer(this.#dialect, this.#dialect.readTime, answer.body) - (sentAt + receivedAt) / 2);
    }
    offsets.sort((one, other) => one - other);
    return Math.round(offsets[Math.floor(probes / 2)] ?? 0);
  }
}

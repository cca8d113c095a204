/**
 * The venue's clock against ours: the median of several probes, each taken at the middle of its round trip, kept for a
 * minute and measured anew as soon as the venue refuses a request for its time.
 */
import type { Clock } from '#core/ports.ts';
import { failureOf } from './_ask.ts';
import type { Api } from './_api.ts';
import type { CcxtDialect } from './_ccxt.ts';

const PROBES = 5;
const KEPT_MS = 60_000;

export class VenueTime {
  readonly #dialect: CcxtDialect;
  readonly #api: Api;
  readonly #clock: Clock;
  #measured: { readonly at: number; readonly offsetMs: Promise<number> } | null = null;

  constructor(dialect: CcxtDialect, api: Api, clock: Clock) {
    this.#dialect = dialect;
    this.#api = api;
    this.#clock = clock;
  }

  /** Milliseconds to add to our clock to have the venue's. */
  offsetMs(): Promise<number> {
    const now = this.#clock.now();
    if (this.#measured !== null && now - this.#measured.at < KEPT_MS) return this.#measured.offsetMs;
    const measuring = this.#measure();
    this.#measured = { at: now, offsetMs: measuring };
    // A failed measurement must not be kept.
    measuring.catch(() => this.forget());
    return measuring;
  }

  /** The next use measures anew. */
  forget(): void {
    this.#measured = null;
  }

  async #measure(): Promise<number> {
    const offsets: number[] = [];
    for (let probe = 0; probe < PROBES; probe += 1) {
      const sentAt = this.#clock.now();
      const answer = await this.#api.call({ ...this.#dialect.time, priority: 'find', patienceMs: 5000 });
      const receivedAt = this.#clock.now();
      if (answer.kind !== 'answered' || answer.status !== 200) throw failureOf(this.#dialect, answer);
      offsets.push(this.#dialect.readTime(answer.body) - (sentAt + receivedAt) / 2);
    }
    offsets.sort((one, other) => one - other);
    return Math.round(offsets[Math.floor(PROBES / 2)] ?? 0);
  }
}

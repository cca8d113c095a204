/** Counts attempts in buckets that fill up again evenly: of whatever may be done only so often. */
import type { Clock } from '#core/ports.ts';

/** Keys remembered at most; the longest untouched are forgotten first. */
export const MAX_REMEMBERED = 20_000;

export interface Pace {
  /** Attempts at once. */
  readonly capacity: number;
  /** One comes back after this, in milliseconds. */
  readonly refillMs: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export class Buckets {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get remembered(): number {
    return this.#buckets.size;
  }

  /** How long until an attempt may be made; 0 for at once. */
  waitMs(key: string, pace: Pace): number {
    const { tokens } = this.#refill(key, pace);
    return tokens >= 1 ? 0 : (1 - tokens) * pace.refillMs;
  }

  /** Counts an attempt, whether there is room for it or not. */
  take(key: string, pace: Pace): void {
    this.#refill(key, pace).tokens -= 1;
  }

  giveBack(key: string, pace: Pace): void {
    this.#refill(key, pace).tokens += 1;
  }

  /** Counts an attempt where there is room for it; otherwise says how long until there is. */
  attempt(key: string, pace: Pace): number {
    const waitMs = this.waitMs(key, pace);
    if (waitMs === 0) this.take(key, pace);
    return waitMs;
  }

  /** The bucket of a key with what has come back since, moved to the end of those to be forgotten. */
  #refill(key: string, { capacity, refillMs }: Pace): Bucket {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, at: now };
    bucket.tokens = Math.min(capacity, bucket.tokens + Math.max(0, now - bucket.at) / refillMs);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > MAX_REMEMBERED && oldest.done === false) this.#buckets.delete(oldest.value);
    return bucket;
  }
}

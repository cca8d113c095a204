/**
 * Slows down guessing of passwords: attempts are counted per address and per e-mail before any password is hashed, and
 * only so many hashes run at once, so that a flood neither guesses well nor starves those who know their password.
 */
import { AppError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';

export interface ThrottleLimits {
  /** Attempts one address may make at once; they come back evenly over a minute. */
  readonly perAddress: number;
  /** Attempts one e-mail stands at once; one comes back every 30 seconds. */
  readonly perEmail: number;
  /** Passwords hashed at the same time; more are sent away. */
  readonly hashesAtOnce: number;
}

export const DEFAULT_THROTTLE: ThrottleLimits = { perAddress: 30, perEmail: 10, hashesAtOnce: 16 };

/** Addresses and e-mails remembered at most; the longest untouched are forgotten first. */
export const MAX_REMEMBERED = 20_000;
const EMAIL_REFILL_MS = 30_000;
const MINUTE_MS = 60_000;

interface Bucket {
  tokens: number;
  at: number;
}

export class LoginThrottle {
  readonly #clock: Clock;
  readonly #limits: ThrottleLimits;
  readonly #buckets = new Map<string, Bucket>();
  #hashing = 0;

  constructor(clock: Clock, limits: ThrottleLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get remembered(): number {
    return this.#buckets.size;
  }

  /**
   * Runs one attempt. `check` says whether it succeeded; a success gives its counts back. Throws AppError
   * `rate_limited` without running `check` when there were too many.
   */
  async attempt<Result>(address: string, email: string, check: () => Promise<Result | null>): Promise<Result | null> {
    const keys = [
      { key: `address ${address}`, capacity: this.#limits.perAddress, refillMs: MINUTE_MS / this.#limits.perAddress },
      { key: `email ${email}`, capacity: this.#limits.perEmail, refillMs: EMAIL_REFILL_MS },
    ];
    const buckets = keys.map(({ key, capacity, refillMs }) => this.#refill(key, capacity, refillMs));
    const waitMs = Math.max(...buckets.map((bucket, index) => (bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) * (keys[index]?.refillMs ?? 0))));
    if (waitMs > 0) throw new AppError('rate_limited', `Too many attempts; try again in ${Math.ceil(waitMs / 1000)} s.`, [], waitMs);
    if (this.#hashing >= this.#limits.hashesAtOnce)
      throw new AppError('rate_limited', 'Too many people are logging in at this moment; try again in 1 s.', [], 1000);
    for (const bucket of buckets) bucket.tokens -= 1;
    this.#hashing += 1;
    try {
      const result = await check();
      if (result !== null) for (const bucket of buckets) bucket.tokens += 1;
      return result;
    } finally {
      this.#hashing -= 1;
    }
  }

  /** The bucket of a key with what has come back since, moved to the end of those to be forgotten. */
  #refill(key: string, capacity: number, refillMs: number): Bucket {
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

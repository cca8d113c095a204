/**
 * Slows down guessing of passwords: attempts are counted per address and per e-mail before any password is hashed, and
 * only so many hashes run at once, so that a flood neither guesses well nor starves those who know their password.
 */
import { AppError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { Buckets } from './buckets.ts';

export interface ThrottleLimits {
  /** Attempts one address may make at once; they come back evenly over a minute. */
  readonly perAddress: number;
  /** Attempts one e-mail stands at once; one comes back every 30 seconds. */
  readonly perEmail: number;
  /** Passwords hashed at the same time; more are sent away. */
  readonly hashesAtOnce: number;
}

export const DEFAULT_THROTTLE: ThrottleLimits = { perAddress: 30, perEmail: 10, hashesAtOnce: 16 };

const EMAIL_REFILL_MS = 30_000;
const MINUTE_MS = 60_000;

export class LoginThrottle {
  readonly #limits: ThrottleLimits;
  readonly #buckets: Buckets;
  #hashing = 0;

  constructor(clock: Clock, limits: ThrottleLimits) {
    this.#buckets = new Buckets(clock);
    this.#limits = limits;
  }

  get remembered(): number {
    return this.#buckets.remembered;
  }

  /**
   * Runs one attempt. `check` says whether it succeeded; a success gives its counts back. Throws AppError
   * `rate_limited` without running `check` when there were too many.
   */
  async attempt<Result>(address: string, email: string, check: () => Promise<Result | null>): Promise<Result | null> {
    const counted = [
      { key: `address ${address}`, pace: { capacity: this.#limits.perAddress, refillMs: MINUTE_MS / this.#limits.perAddress } },
      { key: `email ${email}`, pace: { capacity: this.#limits.perEmail, refillMs: EMAIL_REFILL_MS } },
    ];
    const waitMs = Math.max(...counted.map(({ key, pace }) => this.#buckets.waitMs(key, pace)));
    if (waitMs > 0) throw new AppError('rate_limited', `Too many attempts; try again in ${Math.ceil(waitMs / 1000)} s.`, [], waitMs);
    if (this.#hashing >= this.#limits.hashesAtOnce)
      throw new AppError('rate_limited', 'Too many people are logging in at this moment; try again in 1 s.', [], 1000);
    for (const { key, pace } of counted) this.#buckets.take(key, pace);
    this.#hashing += 1;
    try {
      const result = await check();
      if (result !== null) for (const { key, pace } of counted) this.#buckets.giveBack(key, pace);
      return result;
    } finally {
      this.#hashing -= 1;
    }
  }
}

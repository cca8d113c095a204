/** How often processes may be started for one user: so many a minute, and ever later while they come to a bad end. */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Share of a minute's starts that may come to a bad end within an hour before the next one has to wait. */
const FREE_SHARE = 0.3;
/** The first wait; each further bad end within the hour doubles it. */
const FIRST_WAIT_MS = 1_000;
/** No wait is longer. */
export const LONGEST_WAIT_MS = 300_000;

export class Starts {
  readonly #perMinute: number;
  readonly #free: number;
  readonly #startedAt = new Map<string, number[]>();
  readonly #failedAt = new Map<string, number[]>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#free = Math.floor(perMinute * FREE_SHARE);
  }

  /** Milliseconds until the next one may be started for this user; 0 now. */
  waitMs(owner: string, now: number): number {
    const started = within(this.#startedAt, owner, now - MINUTE_MS);
    const full = started.length < this.#perMinute ? 0 : (started[started.length - this.#perMinute] ?? now) + MINUTE_MS - now;
    const failed = within(this.#failedAt, owner, now - HOUR_MS);
    const over = failed.length - this.#free;
    const late = over <= 0 ? 0 : (failed.at(-1) ?? now) + Math.min(FIRST_WAIT_MS * 2 ** (over - 1), LONGEST_WAIT_MS) - now;
    return Math.max(0, full, late);
  }

  start(owner: string, now: number): void {
    within(this.#startedAt, owner, now - MINUTE_MS).push(now);
  }

  /** One came to a bad end. */
  fail(owner: string, now: number): void {
    within(this.#failedAt, owner, now - HOUR_MS).push(now);
  }
}

/** The times after this one; those before are forgotten. */
function within(times: Map<string, number[]>, owner: string, after: number): number[] {
  const recent = (times.get(owner) ?? []).filter((at) => at > after);
  times.set(owner, recent);
  return recent;
}

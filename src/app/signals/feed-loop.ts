/**
 * One thing that is read again and again: a pause after each reading, a longer one after each failure, as long as was asked for where the
 * other side says. How it fares is known at any time; the log hears of changes only.
 */
import { PortError } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';

/** The longest pause after failures, unless more was asked for. */
export const LONGEST_PAUSE_MS = 60_000;
/** Nothing that is asked for is waited for longer than this. */
const LONGEST_DEMAND_MS = 900_000;

/** How a loop fares. Times are milliseconds since 1970. */
export interface FeedStanding {
  readonly name: string;
  readonly everyMs: number;
  /** When it last read something; `null` before. */
  readonly readAt: number | null;
  /** Rows of the last reading that made no sense. */
  readonly unreadable: number;
  /** What went wrong at the last try; empty when it went well. */
  readonly problem: string;
  /** Code of it, such as `venue_rate_limited`. */
  readonly problemCode: string;
  readonly nextAt: number;
}

export interface FeedLoopOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Reads once; tells how many rows made no sense, or `null` when there was nothing to ask. */
  readonly read: () => Promise<number | null>;
}

export class FeedLoop {
  readonly #options: FeedLoopOptions;
  #standing: FeedStanding;
  #failures = 0;
  #isClosed = false;
  #callOff: () => void = () => undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: FeedLoopOptions) {
    this.#options = options;
    this.#standing = { name: options.name, everyMs: options.everyMs, readAt: null, unreadable: 0, problem: '', problemCode: '', nextAt: 0 };
  }

  get standing(): FeedStanding {
    return this.#standing;
  }

  start(): void {
    this.#reading = this.#read();
  }

  /** Settles when what is being read has been. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { read, clock, everyMs } = this.#options;
    let pauseMs = everyMs;
    try {
      const unreadable = await read();
      this.#failures = 0;
      if (unreadable !== null) this.#note({ readAt: clock.now(), unreadable, problem: '', problemCode: '' });
    } catch (error) {
      const known = error instanceof PortError ? error : null;
      pauseMs = Math.max(Math.min(known?.retryAfterMs ?? 0, LONGEST_DEMAND_MS), Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** Math.min(this.#failures, 10)));
      this.#failures += 1;
      this.#note({ problem: error instanceof Error ? error.message : 'it failed', problemCode: known?.code ?? 'internal' });
      // What no port has said is a fault of ours, and the log must have it whole.
      if (known === null) this.#options.log.error({ feed: this.#options.name, err: error }, 'a feed of signals has failed');
    }
    if (this.#isClosed) return;
    this.#standing = { ...this.#standing, nextAt: clock.now() + pauseMs };
    this.#callOff = clock.after(pauseMs, () => this.start());
  }

  #note(change: Partial<FeedStanding>): void {
    const { log, name } = this.#options;
    const before = this.#standing;
    this.#standing = { ...before, ...change };
    const { problem, problemCode } = this.#standing;
    // Where nothing was ever read there may be no way out at all, which the health says once and for all.
    if (problemCode !== before.problemCode && problem !== '')
      log[before.readAt === null ? 'info' : 'warn']({ feed: name, reason: problem }, 'a feed of signals cannot be read');
    if (problem === '' && before.problem !== '') log.info({ feed: name }, 'a feed of signals is read again');
  }
}

/**
 * Turns at the database: as many at once as there are connections, everybody else in the sequence of asking. The pool
 * of the driver would let those who wait time out as if the server were gone.
 */
import { PortError } from '#core/errors.ts';

interface Waiting {
  readonly begin: () => void;
  readonly timer: NodeJS.Timeout;
}

export class Turns {
  #free: number;
  readonly #patienceMs: number;
  readonly #waiting = new Set<Waiting>();

  constructor(count: number, patienceMs: number) {
    this.#free = count;
    this.#patienceMs = patienceMs;
  }

  /** Waits for a turn; whoever gets one ends it by {@link Turns.end}. PortError `store_unavailable` when none came in time. */
  begin(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(
          new PortError('store_unavailable', `the database has been busy for ${this.#patienceMs / 1000} s with what was asked before`, { outcome: 'failed' }),
        );
      }, this.#patienceMs);
      const waiting: Waiting = { begin: resolve, timer };
      this.#waiting.add(waiting);
    });
  }

  end(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    clearTimeout(next.timer);
    next.begin();
  }
}

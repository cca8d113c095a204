/**
 * The timers of one run, by name: a second timer of a name replaces the first, and none fires after the run is dropped.
 */
import type { Clock } from '#core/ports.ts';

export class RunTimers {
  readonly #clock: Clock;
  readonly #onFired: (name: string) => void;
  readonly #cancels = new Map<string, () => void>();

  constructor(clock: Clock, onFired: (name: string) => void) {
    this.#clock = clock;
    this.#onFired = onFired;
  }

  /** Fires at `at`, or at once when that has passed. */
  set(name: string, at: number): void {
    this.clear(name);
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#cancels.delete(name);
      this.#onFired(name);
    });
    this.#cancels.set(name, cancel);
  }

  clear(name: string): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.#cancels.keys()]) this.clear(name);
  }
}

/** Something that is looked at again and again: at once, and then so long after each look has ended. */
import type { Clock } from '#core/ports.ts';

export class Looks {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #look: () => Promise<void>;
  #callOff: () => void = () => undefined;
  #isClosed = false;

  /** `look` fails by itself: what it throws would be nobody's. */
  constructor(clock: Clock, pauseMs: number, look: () => Promise<void>) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#look = look;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): void {
    this.#again(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }

  #again(delayMs: number): void {
    if (!this.#isClosed) this.#callOff = this.#clock.after(delayMs, () => void this.#look().then(() => this.#again(this.#pauseMs)));
  }
}

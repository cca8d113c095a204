/** What is done again and again: one round at a time, with a pause after each. */
import type { Clock, Log } from '#core/ports.ts';

export interface RoundsParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Between the end of a round and the next, in milliseconds; where it differs it is asked for after each round. */
  readonly pauseMs: number | (() => number);
  /** What the log says of a round that failed; the next one comes all the same. */
  readonly problem: string;
  /** Fields of that line, such as what the rounds are about. */
  readonly about?: Readonly<Record<string, unknown>>;
}

export class Rounds {
  readonly #parts: RoundsParts;
  readonly #round: () => Promise<unknown>;
  #callOff: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: RoundsParts, round: () => Promise<unknown>) {
    this.#parts = parts;
    this.#round = round;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The first round begins at once, or so many milliseconds from now. */
  start(delayMs?: number): void {
    if (delayMs === undefined) this.#running = this.#run();
    else if (!this.#isClosed) this.#callOff = this.#parts.clock.after(delayMs, () => this.start());
  }

  /** No round begins any more; settles when the one under way is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, pauseMs, problem, about } = this.#parts;
    try {
      await this.#round();
    } catch (error) {
      log.warn({ ...about, err: error }, problem);
    }
    this.start(typeof pauseMs === 'number' ? pauseMs : pauseMs());
  }
}

/**
 * Opens runs a few at a time, so that many that are due at once do not all wait for each other at the database and the
 * venues. One that takes long waits for its venue and keeps nobody else waiting.
 */
import type { Clock } from '#core/ports.ts';

/** Openings that work at the same time. */
export const MAX_OPENINGS = 16;
/** After this long an opening counts as waiting for a venue, and its place goes to the next. */
export const OPENING_PLACE_MS = 2_000;

export class Openings {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Map<string, () => Promise<void>>();
  readonly #open = new Map<string, Promise<void>>();
  #places = MAX_OPENINGS;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Whether it waits or is under way. */
  has(id: string): boolean {
    return this.#waiting.has(id) || this.#open.has(id);
  }

  /** Does the work when there is a place for it. `work` must not throw. */
  add(id: string, work: () => Promise<void>): void {
    this.#waiting.set(id, work);
    this.#fill();
  }

  /** Forgets what has not begun, and waits for what has. */
  async close(): Promise<void> {
    this.#waiting.clear();
    await Promise.all(this.#open.values());
  }

  /** Forgets what waits and does not stand in the newest plan. */
  keepOnly(isWanted: (id: string) => boolean): void {
    for (const id of [...this.#waiting.keys()]) if (!isWanted(id)) this.#waiting.delete(id);
  }

  #fill(): void {
    for (const [id, work] of this.#waiting) {
      if (this.#places <= 0) return;
      this.#waiting.delete(id);
      this.#begin(id, work);
    }
  }

  #begin(id: string, work: () => Promise<void>): void {
    this.#places -= 1;
    let hasPlace = true;
    const giveUp = (): void => {
      if (!hasPlace) return;
      hasPlace = false;
      this.#places += 1;
      this.#fill();
    };
    const callOff = this.#clock.after(OPENING_PLACE_MS, giveUp);
    const opening = work().finally(() => {
      callOff();
      this.#open.delete(id);
      giveUp();
    });
    this.#open.set(id, opening);
  }
}

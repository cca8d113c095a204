/**
 * Tells the fleet that a process is there which runs no bots. Whoever runs bots tells it with every sweep.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';

/** Between two signs of life, and how long one counts. */
export const BEAT_MS = 5_000;
export const PRESENCE_TERM_MS = 15_000;

export class Presence {
  readonly #parts: { readonly store: Pick<Store, 'runners'>; readonly clock: Clock; readonly log: Log; readonly self: RunnerAnnouncement };
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(parts: { readonly store: Pick<Store, 'runners'>; readonly clock: Clock; readonly log: Log; readonly self: RunnerAnnouncement }) {
    this.#parts = parts;
  }

  start(): void {
    this.#beating = this.#beat();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#beating;
    await this.#parts.store.runners.leave(this.#parts.self.id);
  }

  async #beat(): Promise<void> {
    const { store, clock, log, self } = this.#parts;
    try {
      await store.runners.beat(self, PRESENCE_TERM_MS);
    } catch (error) {
      log.warn({ err: error }, 'the fleet could not be told that this process is there');
    }
    if (!this.#isClosed) this.#cancelTimer = clock.after(BEAT_MS, () => this.start());
  }
}

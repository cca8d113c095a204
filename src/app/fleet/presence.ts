/**
 * Tells the fleet that a process is there which runs no bots. Whoever runs bots tells it with every sweep.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';

/** Between two signs of life, and how long one counts. */
export const BEAT_MS = 5_000;
export const PRESENCE_TERM_MS = 15_000;

export class Presence {
  readonly #parts: { readonly store: Pick<Store, 'runners'>; readonly clock: Clock; readonly log: Log; readonly self: RunnerAnnouncement };
  readonly #rounds: Rounds;

  constructor(parts: { readonly store: Pick<Store, 'runners'>; readonly clock: Clock; readonly log: Log; readonly self: RunnerAnnouncement }) {
    this.#parts = parts;
    const problem = 'the fleet could not be told that this process is there';
    this.#rounds = new Rounds({ ...parts, pauseMs: BEAT_MS, problem }, () => parts.store.runners.beat(parts.self, PRESENCE_TERM_MS));
  }

  start(): void {
    this.#rounds.start();
  }

  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#parts.store.runners.leave(this.#parts.self.id);
  }
}

/**
 * Carries facts from the outbox to the channels that tell people: claimed so that no two relays tell the same one, told
 * with the fact's own key so that a repetition after a crash can be recognised.
 */
import type { Channel, Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store.ts';

/** Facts are looked for this often. */
export const RELAY_MS = 1_000;
export const RELAY_BATCH = 100;
/** A claim that is not settled by then is free again. */
export const CLAIM_MS = 30_000;

export class Relay {
  readonly #parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly channels: readonly Channel[] };
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly channels: readonly Channel[] }) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancelTimer = this.#parts.clock.after(RELAY_MS, () => {
      this.#round = this.deliver()
        .then(() => undefined)
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'facts could not be told; trying again'))
        .finally(() => {
          if (!this.#isClosed) this.start();
        });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#round;
  }

  /** Tells what is waiting and returns how many facts that were. */
  async deliver(): Promise<number> {
    const { store, clock, channels } = this.#parts;
    const facts = await store.facts.claim(RELAY_BATCH, CLAIM_MS);
    for (const fact of facts) for (const channel of channels) await channel.send(fact);
    if (facts.length > 0)
      await store.facts.told(
        facts.map((fact) => fact.id),
        clock.now(),
      );
    return facts.length;
  }
}

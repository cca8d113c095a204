/**
 * Carries facts from the outbox to the channels that tell people: claimed so that no two relays tell the same one, told
 * with the fact's own key so that a repetition after a crash can be recognised. One that cannot be told keeps no other
 * waiting; after many tries it is parked for a person to look at.
 */
import type { FactRecord } from '#core/facts.ts';
import type { Channel, Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store.ts';

/** Facts are looked for this often. */
export const RELAY_MS = 1_000;
export const RELAY_BATCH = 100;
/** A claim that is not settled by then is free again. */
export const CLAIM_MS = 30_000;
/** After the last try a fact is parked: with these pauses about three hours later, longer than most outages. */
export const PATIENCE = { firstPauseMs: 2_000, longestPauseMs: 1_800_000, tries: 15 } as const;
/** Of a failure's message this much is kept. */
const PROBLEM_LENGTH = 500;

export interface RelayParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: readonly Channel[];
}

export class Relay {
  readonly #parts: RelayParts;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(parts: RelayParts) {
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

  /** Tells what is waiting and returns how many facts were told. */
  async deliver(): Promise<number> {
    const { store, clock, channels } = this.#parts;
    const facts = await store.facts.claim(RELAY_BATCH, CLAIM_MS);
    const told: string[] = [];
    for (const fact of facts) {
      try {
        for (const channel of channels) await channel.send(fact);
        told.push(fact.id);
      } catch (error) {
        await this.#setBack(fact, error);
      }
    }
    if (told.length > 0) await store.facts.told(told, clock.now());
    return told.length;
  }

  async #setBack(fact: FactRecord, error: unknown): Promise<void> {
    const { store, log } = this.#parts;
    const problem = (error instanceof Error ? error.message : String(error)).slice(0, PROBLEM_LENGTH);
    const fields = { factId: fact.id, type: fact.type, userId: fact.userId, err: error };
    if ((await store.facts.failed(fact.id, problem, PATIENCE)) === 'waiting') log.warn(fields, 'a fact could not be told; it is tried again');
    else log.error(fields, `a fact could not be told in ${PATIENCE.tries} tries and is parked: nobody has heard of it`);
  }
}

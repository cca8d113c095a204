/** Work that one process of all that may do it does, under a lease: two would tell everything twice. The others stand by. */
import type { Clock, Log } from '#core/ports.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';
import { type HeldLease, LeaseKeeper } from './lease-keeper.ts';

/** How often one that stands by asks whether it is its turn. */
export const STAND_BY_MS = 5_000;

/** What is done while the lease is held. */
export interface ShiftWork {
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface ShiftParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  /** Subject of the lease, such as `scanner:signals`. */
  readonly subject: string;
}

export class Shift<Work extends ShiftWork> {
  readonly #parts: ShiftParts;
  readonly #begin: (lease: Lease) => Work;
  readonly #keeper: LeaseKeeper;
  readonly #rounds: Rounds;
  #held: HeldLease | null = null;
  #work: Work | null = null;

  constructor(parts: ShiftParts, begin: (lease: Lease) => Work) {
    this.#parts = parts;
    this.#begin = begin;
    this.#keeper = new LeaseKeeper(parts);
    const [problem, about] = ['work of one process could not begin; trying again', { subject: parts.subject }];
    this.#rounds = new Rounds({ ...parts, pauseMs: STAND_BY_MS, problem, about }, () => this.#turn());
  }

  /** What is being done; `null` while another does it. */
  get work(): Work | null {
    return this.#work;
  }

  start(): void {
    this.#rounds.start();
  }

  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#end();
  }

  async #turn(): Promise<void> {
    try {
      if (this.#work === null) await this.#take();
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #take(): Promise<void> {
    const held = await this.#keeper.acquire(this.#parts.subject, () => void this.#end());
    if (held === null) return;
    this.#held = held;
    if (this.#rounds.isClosed) return;
    const work = this.#begin(held.lease);
    this.#work = work;
    await work.start();
    this.#parts.log.info({ subject: this.#parts.subject, epoch: held.lease.epoch }, 'work of one process has begun here');
  }

  async #end(): Promise<void> {
    const [work, held] = [this.#work, this.#held];
    this.#work = null;
    this.#held = null;
    try {
      await work?.close();
      await held?.release();
    } catch (error) {
      // The lease runs out by itself.
      this.#parts.log.warn({ err: error, subject: this.#parts.subject }, 'work of one process did not end cleanly');
    }
  }
}

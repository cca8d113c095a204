/** Work that one process of all that may do it does, under a lease: two would tell everything twice. The others stand by. */
import type { Clock, Log } from '#core/ports.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
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
  #held: HeldLease | null = null;
  #work: Work | null = null;
  #isClosed = false;
  #callOff: () => void = () => undefined;
  #turning: Promise<void> = Promise.resolve();

  constructor(parts: ShiftParts, begin: (lease: Lease) => Work) {
    this.#parts = parts;
    this.#begin = begin;
    this.#keeper = new LeaseKeeper(parts);
  }

  /** What is being done; `null` while another does it. */
  get work(): Work | null {
    return this.#work;
  }

  start(): void {
    this.#turning = this.#turn();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#turning;
    await this.#end();
  }

  async #turn(): Promise<void> {
    const { clock, log, subject } = this.#parts;
    try {
      if (this.#work === null) await this.#take();
    } catch (error) {
      log.warn({ err: error, subject }, 'work of one process could not begin; trying again');
      await this.#end();
    }
    if (!this.#isClosed) this.#callOff = clock.after(STAND_BY_MS, () => this.start());
  }

  async #take(): Promise<void> {
    const held = await this.#keeper.acquire(this.#parts.subject, () => void this.#end());
    if (held === null) return;
    this.#held = held;
    if (this.#isClosed) return;
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

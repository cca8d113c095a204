/** Of all processes that may scan one does, under a lease: two would tell everything twice. The others stand by. */
import type { Clock, Log } from '#core/ports.ts';
import type { Lease, Store } from '#core/store.ts';
import { type HeldLease, LeaseKeeper } from '../lease-keeper.ts';

export const SCANNER_SUBJECT = 'scanner:signals';
/** How often one that stands by asks whether it is its turn. */
export const STAND_BY_MS = 5_000;

/** What is done while the lease is held. */
export interface Shift {
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface ScanShiftParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
}

export class ScanShift<Work extends Shift> {
  readonly #parts: ScanShiftParts;
  readonly #begin: (lease: Lease) => Work;
  readonly #keeper: LeaseKeeper;
  #held: HeldLease | null = null;
  #work: Work | null = null;
  #isClosed = false;
  #callOff: () => void = () => undefined;
  #turning: Promise<void> = Promise.resolve();

  constructor(parts: ScanShiftParts, begin: (lease: Lease) => Work) {
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
    const { clock, log } = this.#parts;
    try {
      if (this.#work === null) await this.#take();
    } catch (error) {
      log.warn({ err: error }, 'scanning could not begin; trying again');
      await this.#end();
    }
    if (!this.#isClosed) this.#callOff = clock.after(STAND_BY_MS, () => this.start());
  }

  async #take(): Promise<void> {
    const held = await this.#keeper.acquire(SCANNER_SUBJECT, () => void this.#end());
    if (held === null || this.#isClosed) return void (await held?.release());
    this.#held = held;
    const work = this.#begin(held.lease);
    this.#work = work;
    await work.start();
    this.#parts.log.info({ epoch: held.lease.epoch }, 'scanning for signals');
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
      this.#parts.log.warn({ err: error }, 'scanning did not end cleanly');
    }
  }
}

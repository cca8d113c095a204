/**
 * Holds leases: one owner per bot and one steward per account, renewed on the database clock. The holder trusts a lease
 * only until the moment its last renewal was sent plus the term, so it always gives up before another may begin.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { Lease, Store } from '#core/store.ts';

export const LEASE_TERM_MS = 15_000;
export const LEASE_RENEWAL_MS = 5_000;

export class LeaseKeeper {
  readonly owner: string;
  readonly #leases: Store['leases'];
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly owner: string }) {
    this.owner = parts.owner;
    this.#leases = parts.store.leases;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Takes the lease and keeps it until released; `null` while another holds it. `onLost` is called once if it goes to another. */
  async acquire(subject: string, onLost: () => void): Promise<HeldLease | null> {
    const askedAt = this.#clock.now();
    const lease = await this.#leases.acquire(subject, this.owner, LEASE_TERM_MS);
    return lease === null ? null : new HeldLease(lease, askedAt + LEASE_TERM_MS, this.#leases, this.#clock, this.#log, onLost);
  }
}

export class HeldLease {
  readonly lease: Lease;
  #validUntil: number;
  #isOver = false;
  #cancelTimer: () => void = () => undefined;
  readonly #leases: Store['leases'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onLost: () => void;

  constructor(lease: Lease, validUntil: number, leases: Store['leases'], clock: Clock, log: Log, onLost: () => void) {
    this.lease = lease;
    this.#validUntil = validUntil;
    this.#leases = leases;
    this.#clock = clock;
    this.#log = log;
    this.#onLost = onLost;
    this.#schedule();
  }

  /** Until when, in our clock, nobody else can own the subject. */
  get validUntil(): number {
    return this.#isOver ? 0 : this.#validUntil;
  }

  /** Makes sure the lease holds until a moment of our clock, renewing it now if need be; `false` when it cannot be had. */
  async holdUntil(at: number): Promise<boolean> {
    if (at <= this.validUntil) return true;
    await this.#renew();
    return at <= this.validUntil;
  }

  async release(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    await this.#leases.release(this.lease);
  }

  /** Forgets the lease without telling the database: it runs out by itself. */
  abandon(): void {
    this.#end();
  }

  #schedule(): void {
    this.#cancelTimer = this.#clock.after(LEASE_RENEWAL_MS, () => {
      void this.#renew().then(() => {
        if (!this.#isOver) this.#schedule();
      });
    });
  }

  async #renew(): Promise<void> {
    if (this.#isOver) return;
    const askedAt = this.#clock.now();
    try {
      if (await this.#leases.renew(this.lease, LEASE_TERM_MS)) this.#validUntil = askedAt + LEASE_TERM_MS;
      else this.#lose('another owner holds it');
    } catch (error) {
      // The database may be away for a moment: the lease stays ours until its term is over.
      this.#log.warn({ subject: this.lease.subject, err: error }, 'lease could not be renewed');
      if (this.#clock.now() >= this.#validUntil) this.#lose('it ran out while the database did not answer');
    }
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.#log.warn({ subject: this.lease.subject, epoch: this.lease.epoch }, `lease lost: ${reason}`);
    this.#end();
    this.#onLost();
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelTimer();
  }
}

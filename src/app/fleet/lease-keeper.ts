/**
 * Holds leases: one owner per bot and one steward per account, renewed on the database clock. The holder trusts a lease
 * only until the moment its last renewal was sent plus the term, so it always gives up before another may begin.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';

export const LEASE_TERM_MS = 15_000;
export const LEASE_RENEWAL_MS = 5_000;
/** Leases due within this are renewed together, and no two rounds are nearer to each other. */
const ROUND_MS = 250;
/** Renewed by one statement at most: while it runs, commits under these leases wait. */
const ROUND_LIMIT = 200;
/** Statements of a round at once; the store keeps connections for so many. */
const STATEMENTS_AT_ONCE = 2;
/** Who is this late with renewals takes nothing more: what it has would be lost. */
export const BEHIND_MS = 2_500;
/** What could not be renewed with others, mostly because a commit held the row, is due again with the next round after this long… */
const AGAIN_MS = 1_000;
/** …and is asked for by itself, waiting for the row, when no more than this is left of its term. */
const LAST_MS = 5_000;

export class LeaseKeeper {
  readonly owner: string;
  readonly #leases: Store['leases'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #held = new Set<HeldLease>();
  #callOff: (() => void) | null = null;
  /** Leases that are being asked for by themselves. */
  readonly #asking = new Set<HeldLease>();
  /** By how much the renewals under way are late. */
  #lagMs = 0;

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly owner: string }) {
    this.owner = parts.owner;
    this.#leases = parts.store.leases;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Whether renewals fall behind what is held. */
  get isBehind(): boolean {
    return this.#lagMs >= BEHIND_MS;
  }

  /** Takes the lease and keeps it until released; `null` while another holds it. `onLost` is called once if it goes to another. */
  async acquire(subject: string, onLost: () => void): Promise<HeldLease | null> {
    const askedAt = this.#clock.now();
    const lease = await this.#leases.acquire(subject, this.owner, LEASE_TERM_MS);
    if (lease === null) return null;
    const held = new HeldLease({ lease, askedAt, leases: this.#leases, clock: this.#clock, log: this.#log, onLost, onOver: () => this.#held.delete(held) });
    this.#held.add(held);
    this.#schedule(held.dueAt);
    return held;
  }

  /** The first lease to fall due sets the round; what falls due while one is set waits for it at most {@link LEASE_RENEWAL_MS}. */
  #schedule(at: number): void {
    this.#callOff ??= this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      void this.#round().finally(() => {
        this.#callOff = null;
        let next = Number.POSITIVE_INFINITY;
        for (const { dueAt } of this.#held) next = Math.min(next, dueAt);
        if (Number.isFinite(next)) this.#schedule(Math.max(next, this.#clock.now() + ROUND_MS));
      });
    });
  }

  /** After a failure nobody else is asked for in this round: what the database does not answer once it does not answer many times. */
  async #round(): Promise<void> {
    const now = this.#clock.now();
    const due = [...this.#held].filter((held) => held.dueAt <= now + ROUND_MS).sort((one, other) => one.dueAt - other.dueAt);
    const many = ROUND_LIMIT * STATEMENTS_AT_ONCE;
    for (let first = 0; first < due.length; first += many) {
      this.#lagMs = this.#clock.now() - (due[first]?.dueAt ?? Number.POSITIVE_INFINITY);
      const failures = await Promise.all([0, ROUND_LIMIT].map((from) => this.#renew(due.slice(first, first + many).slice(from, from + ROUND_LIMIT))));
      const failure = failures.find((each) => each !== null);
      if (failure === undefined) continue;
      this.#log.warn({ count: due.length - first, err: failure }, 'leases could not be renewed');
      for (const held of due.slice(first)) if (held.dueAt <= this.#clock.now()) held.miss();
      return;
    }
    this.#lagMs = 0;
  }

  /** Waits for the row; nobody waits for that. */
  #ask(held: HeldLease): void {
    held.postpone(this.#clock.now() + AGAIN_MS);
    if (this.#asking.has(held)) return;
    this.#asking.add(held);
    void held.renew().finally(() => this.#asking.delete(held));
  }

  /** Not renewed is what is another's by now, and what a commit holds the row of: that is alive, and will be renewed in a moment. */
  async #renew(due: readonly HeldLease[]): Promise<unknown> {
    if (due.length === 0) return null;
    const askedAt = this.#clock.now();
    try {
      const leases = due.map((held) => held.lease);
      const renewed = due.length === 1 ? NONE : await this.#leases.renewAll(leases, LEASE_TERM_MS);
      const missed = due.filter((held) => !held.isOver && !renewed.has(held.lease.subject));
      for (const held of due) if (renewed.has(held.lease.subject)) held.extend(askedAt);
      const isLast = (held: HeldLease): boolean => due.length === 1 || held.validUntil - this.#clock.now() <= LAST_MS;
      for (const held of missed) {
        if (isLast(held)) this.#ask(held);
        else held.postpone(this.#clock.now() + AGAIN_MS);
      }
      return null;
    } catch (error) {
      return error;
    }
  }
}

const NONE: ReadonlySet<string> = new Set();

interface HeldLeaseParts {
  readonly lease: Lease;
  readonly askedAt: number;
  readonly leases: Store['leases'];
  readonly clock: Clock;
  readonly log: Log;
  readonly onLost: () => void;
  readonly onOver: () => void;
}

export class HeldLease {
  readonly lease: Lease;
  readonly #parts: HeldLeaseParts;
  #validUntil: number;
  #dueAt: number;
  #isOver = false;

  constructor(parts: HeldLeaseParts) {
    this.lease = parts.lease;
    this.#parts = parts;
    this.#validUntil = parts.askedAt + LEASE_TERM_MS;
    this.#dueAt = parts.askedAt + LEASE_RENEWAL_MS;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** When it is to be renewed next. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Until when, in our clock, nobody else can own the subject. */
  get validUntil(): number {
    return this.#isOver ? 0 : this.#validUntil;
  }

  /** Makes sure the lease holds until a moment of our clock, renewing it now if need be; `false` when it cannot be had. */
  async holdUntil(at: number): Promise<boolean> {
    if (at <= this.validUntil) return true;
    await this.renew();
    return at <= this.validUntil;
  }

  async release(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    await this.#parts.leases.release(this.lease);
  }

  /** Forgets the lease without telling the database: it runs out by itself. */
  abandon(): void {
    this.#end();
  }

  /** Notes a renewal that was asked for at `askedAt`. */
  extend(askedAt: number): void {
    this.#validUntil = Math.max(this.#validUntil, askedAt + LEASE_TERM_MS);
    this.#dueAt = Math.max(this.#dueAt, askedAt + LEASE_RENEWAL_MS);
  }

  /** It could not be renewed yet; its term is what it was. */
  postpone(until: number): void {
    this.#dueAt = until;
  }

  /** Asks the database now; a lease that went to another is given up. */
  async renew(): Promise<void> {
    if (this.#isOver) return;
    const { leases, clock, log } = this.#parts;
    const askedAt = clock.now();
    try {
      if (await leases.renew(this.lease, LEASE_TERM_MS)) this.extend(askedAt);
      else this.#lose('another owner holds it');
    } catch (error) {
      log.warn({ subject: this.lease.subject, err: error }, 'lease could not be renewed');
      this.miss();
    }
  }

  /** The database may be away for a moment: the lease stays ours until its term is over. */
  miss(): void {
    const now = this.#parts.clock.now();
    this.#dueAt = Math.min(now + LEASE_RENEWAL_MS, Math.max(now, this.#validUntil));
    if (now >= this.#validUntil) this.#lose('it ran out while the database did not answer');
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.#parts.log.warn({ subject: this.lease.subject, epoch: this.lease.epoch }, `lease lost: ${reason}`);
    this.#end();
    this.#parts.onLost();
  }

  #end(): void {
    this.#isOver = true;
    this.#parts.onOver();
  }
}

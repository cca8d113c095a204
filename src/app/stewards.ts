/**
 * The stewards of this process: one for each account that has orders placed by hand, under the account's lease.
 */
import type { Bus, Clock, Ids, Log, Venue } from '#core/ports.ts';
import { type AccountRecord, leaseSubject, type Store } from '#core/store.ts';
import type { Desks } from './desks.ts';
import type { Feeds } from './feeds.ts';
import type { HeldLease, LeaseKeeper } from './lease-keeper.ts';
import { Steward } from './steward.ts';

export interface StewardsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  readonly ids: Ids;
  readonly feeds: Feeds;
  readonly desks: Desks;
  readonly keeper: LeaseKeeper;
}

interface Seat {
  readonly held: HeldLease;
  readonly account: AccountRecord;
  readonly venue: Venue;
  readonly steward: Steward;
  readonly leave: () => void;
}

export class Stewards {
  readonly #parts: StewardsParts;
  readonly #seats = new Map<string, Seat>();
  readonly #attending = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(parts: StewardsParts) {
    this.#parts = parts;
  }

  /** Gives every account that needs one a steward, hands over new orders, and lets stewards go that have nothing left. */
  async sweep(venues: ReadonlyMap<string, Venue>): Promise<void> {
    const due = await this.#parts.store.stewardship.due();
    const dueIds = new Set(due.map(({ account }) => account.id));
    for (const [accountId, seat] of [...this.#seats]) if (!dueIds.has(accountId) && seat.steward.alive().length === 0) await this.#vacate(accountId);
    for (const { account } of due) this.#begin(account, venues.get(account.exchange));
  }

  /** An account whose venue does not answer keeps no other account waiting. */
  #begin(account: AccountRecord, venue: Venue | undefined): void {
    if (venue === undefined || this.#isClosed || this.#attending.has(account.id)) return;
    const work = this.#attend(account, venue)
      .catch((error: unknown) => this.#parts.log.warn({ accountId: account.id, err: error }, 'account could not be attended to'))
      .finally(() => this.#attending.delete(account.id));
    this.#attending.set(account.id, work);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#attending.values());
    for (const accountId of [...this.#seats.keys()]) await this.#vacate(accountId);
  }

  async #attend(account: AccountRecord, venue: Venue): Promise<void> {
    const seat = this.#seats.get(account.id) ?? (await this.#open(account, venue));
    seat?.steward.takeUp();
  }

  async #open(account: AccountRecord, venue: Venue): Promise<Seat | null> {
    const { store, clock, ids, log, bus, desks, keeper, feeds } = this.#parts;
    const held = await keeper.acquire(leaseSubject('account', account.id), () => void this.#vacate(account.id));
    if (held === null) return null;
    try {
      const { desk } = await desks.of(account, venue);
      const owner = `account:${account.number}`;
      const steward = new Steward({
        store,
        clock,
        ids,
        log: log.child({ accountId: account.id }),
        bus,
        held,
        desk,
        userId: account.userId,
        accountId: account.id,
        watchQuotes: (symbol, onQuote) =>
          feeds.subscribe(venue, symbol, (quote) => {
            onQuote(quote);
            return false;
          }),
        onFailed: (error) => {
          log.error({ accountId: account.id, err: error }, 'steward failed; it begins again from the store');
          void this.#vacate(account.id);
        },
      });
      desk.join(owner, steward);
      const seat: Seat = { held, account, venue, steward, leave: () => desk.leave(owner, steward) };
      this.#seats.set(account.id, seat);
      return seat;
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  async #vacate(accountId: string): Promise<void> {
    const seat = this.#seats.get(accountId);
    if (seat === undefined) return;
    this.#seats.delete(accountId);
    seat.leave();
    await seat.steward.close();
    const { desks, log } = this.#parts;
    await seat.held.release().catch((error: unknown) => log.warn({ accountId, err: error }, 'a lease was not given back; it runs out by itself'));
    await desks.leave(seat.account, seat.venue).catch((error: unknown) => log.warn({ accountId, err: error }, 'a desk was not closed cleanly'));
  }
}

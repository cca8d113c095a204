/**
 * The stewards of this process: one for each account that has orders placed by hand, under the account's lease.
 */
import type { Metrics } from '#core/metrics.ts';
import type { Bus, Clock, Ids, Log } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import { isHeldByOther, type RunnerRecord } from '#core/store/runners.ts';
import { leaseSubject, type Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { Desks } from '../desk/desks.ts';
import type { HeldLease, LeaseKeeper } from '../fleet/lease-keeper.ts';
import { Share } from '../fleet/share.ts';
import type { Charge } from '../fleet/spread.ts';
import type { Feeds } from '../market/feeds.ts';
import { Steward } from './steward.ts';

type DueAccount = Awaited<ReturnType<Store['stewardship']['due']>>[number];

export interface StewardsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly bus: Bus;
  readonly ids: Ids;
  readonly feeds: Feeds;
  readonly desks: Desks;
  readonly keeper: LeaseKeeper;
}

/**
 * A steward without anything to do stays for so long at a venue without keys: whoever has placed one order by hand may place
 * another. Elsewhere it goes at once, so that the next order is sent with the keys of then.
 */
export const STEWARD_REST_MS = 30_000;

interface Seat {
  readonly held: HeldLease;
  readonly account: AccountRecord;
  readonly venue: Venue;
  readonly steward: Steward;
  readonly leave: () => void;
  /** When it last had something to do, as of the last sweep. */
  busyAt: number;
}

export class Stewards {
  readonly #parts: StewardsParts;
  readonly #seats = new Map<string, Seat>();
  readonly #attending = new Map<string, Promise<void>>();
  readonly #share: Share;
  /** Accounts that other runners held at the last sweep. */
  #elsewhere: ReadonlySet<string> = new Set();
  #isClosed = false;

  constructor(parts: StewardsParts) {
    this.#parts = parts;
    this.#share = new Share(parts.keeper.owner, parts.clock);
  }

  /** Takes and gives away accounts as is this runner's share, hands over new orders, and lets stewards go that have nothing left. */
  async sweep(venues: ReadonlyMap<string, Venue>, runners: readonly RunnerRecord[]): Promise<void> {
    const due = await this.#parts.store.stewardship.due();
    this.#elsewhere = new Set(due.filter(({ lease }) => isHeldByOther(lease, this.#parts.keeper.owner)).map(({ account }) => account.id));
    const accounts = new Map(due.map((each) => [each.account.id, each]));
    const now = this.#parts.clock.now();
    for (const [accountId, seat] of [...this.#seats]) {
      if (accounts.has(accountId) || seat.steward.alive().length > 0) seat.busyAt = now;
      else if (seat.venue.credentials.length > 0 || now - seat.busyAt >= STEWARD_REST_MS) await this.#vacate(accountId);
    }
    const { takes, gives } = this.#share.plan(
      due.map((each) => this.#toCharge(each)),
      runners.map(({ id, accounts: load }) => ({ id, load, runs: () => true })),
    );
    for (const { id } of gives) await this.#giveAway(id);
    for (const id of new Set([...this.#seats.keys(), ...takes.map((charge) => charge.id)])) {
      const { account, hasOrders } = accounts.get(id) ?? {};
      // A steward that has nothing and is to get nothing is there for the next order, and for what belongs to no run.
      const isIdle = hasOrders === false && this.#seats.get(id)?.steward.isIdle === true;
      if (account !== undefined && !isIdle) this.#begin(account, venues.get(account.exchange));
    }
  }

  /** Whether another runner's steward sees to the account, as of the last sweep. */
  isElsewhere(accountId: unknown): boolean {
    return typeof accountId === 'string' && this.#elsewhere.has(accountId) && !this.#seats.has(accountId);
  }

  /** Has the steward of the account take up what is new; `false` when it has none here. */
  takeUp(accountId: unknown): boolean {
    const seat = typeof accountId === 'string' ? this.#seats.get(accountId) : undefined;
    if (seat === undefined) return false;
    seat.busyAt = this.#parts.clock.now();
    seat.steward.takeUp();
    return true;
  }

  /** A lease of ours without a steward here is free to be taken again: its release, or its taking, had no answer. */
  #toCharge({ account, lease }: DueAccount): Charge {
    const seat = this.#seats.get(account.id);
    const isLost = lease?.owner === this.#parts.keeper.owner && seat === undefined && !this.#attending.has(account.id);
    const isMovable = seat === undefined || !seat.steward.alive().some((order) => order.state === 'submitting');
    return { id: account.id, kind: 'account', group: account.id, lease: isLost ? null : lease, isMovable };
  }

  async #giveAway(accountId: string): Promise<void> {
    if (!this.#seats.has(accountId) || this.#attending.has(accountId)) return;
    await this.#vacate(accountId);
    this.#parts.bus.publish('bot_commands', { from: this.#parts.keeper.owner });
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
    await this.rest();
  }

  /** Lets all stewards go; the next sweep seats those that are needed. */
  async rest(): Promise<void> {
    await Promise.all(this.#attending.values());
    for (const accountId of [...this.#seats.keys()]) await this.#vacate(accountId);
  }

  async #attend(account: AccountRecord, venue: Venue): Promise<void> {
    const seat = this.#seats.get(account.id) ?? (await this.#open(account, venue));
    seat?.steward.takeUp();
  }

  async #open(account: AccountRecord, venue: Venue): Promise<Seat | null> {
    const { store, clock, ids, log, metrics, bus, desks, keeper, feeds } = this.#parts;
    const held = await keeper.acquire(leaseSubject('account', account.id), () => void this.#vacate(account.id));
    if (held === null) return null;
    try {
      const owner = ownerOf(account);
      const { desk } = await desks.of(account, venue, owner);
      const steward = new Steward({
        store,
        clock,
        ids,
        log: log.child({ accountId: account.id }),
        metrics,
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
      const seat: Seat = { held, account, venue, steward, leave: () => desk.leave(owner, steward), busyAt: clock.now() };
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
    await desks
      .leave(seat.account, seat.venue, ownerOf(seat.account))
      .catch((error: unknown) => log.warn({ accountId, err: error }, 'a desk was not closed cleanly'));
  }
}

/** An account as orders placed by hand name it. */
function ownerOf(account: AccountRecord): string {
  return `account:${account.number}`;
}

/**
 * The desks of this process: one for each account and venue in use (at a local venue one for each owner), opened when the
 * first owner needs it and closed after the last has left. Who has asked for a desk uses it until it leaves, also before it is seated.
 */
import type { Metrics } from '#core/metrics.ts';
import type { Clock, Log, Vault } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import type { TradingSession, Venue } from '#core/venue-ports.ts';
import { openCredentials } from '../people/credentials.ts';
import { OrderDesk } from './order-desk.ts';

export interface DesksParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly vault: Vault;
  readonly installation: number;
  readonly metrics?: Metrics | undefined;
  readonly onTrouble: (account: AccountRecord, message: string, code: string) => void;
}

export interface OpenDesk {
  readonly desk: OrderDesk;
  readonly session: TradingSession;
}

interface Use {
  readonly opening: Promise<OpenDesk>;
  /** Once it is open. */
  desk: OrderDesk | null;
  users: number;
}

export class Desks {
  readonly #parts: DesksParts;
  readonly #desks = new Map<string, Use>();

  constructor(parts: DesksParts) {
    this.#parts = parts;
  }

  /**
   * The desk of an account at a venue for an owner (kind and number as in its ClientOrderIds), opened once; every call that succeeds is followed by one of {@link Desks.leave}.
   * Throws PortError when the venue cannot be reached, and then tries again next time.
   */
  async of(account: AccountRecord, venue: Venue, owner: string): Promise<OpenDesk> {
    const key = keyOf(account, venue, owner);
    const use = this.#desks.get(key) ?? { opening: this.#open(account, venue, owner), desk: null, users: 0 };
    this.#desks.set(key, use);
    use.users += 1;
    try {
      const open = await use.opening;
      use.desk = open.desk;
      return open;
    } catch (error) {
      if (this.#desks.get(key) === use) this.#desks.delete(key);
      throw error;
    }
  }

  /** Closes the desk when nobody uses it any more. */
  async leave(account: AccountRecord, venue: Venue, owner: string): Promise<void> {
    const key = keyOf(account, venue, owner);
    const use = this.#desks.get(key);
    if (use === undefined) return;
    use.users -= 1;
    if (use.users > 0) return;
    this.#desks.delete(key);
    await (await use.opening).desk.close();
  }

  /** The desks that are open. */
  open(): readonly OrderDesk[] {
    return [...this.#desks.values()].flatMap(({ desk }) => (desk === null ? [] : [desk]));
  }

  async close(): Promise<void> {
    const desks = await Promise.allSettled([...this.#desks.values()].map((use) => use.opening));
    this.#desks.clear();
    for (const result of desks) if (result.status === 'fulfilled') await result.value.desk.close();
  }

  async #open(account: AccountRecord, venue: Venue, owner: string): Promise<OpenDesk> {
    const { store, clock, vault, installation, metrics, onTrouble } = this.#parts;
    const credentials = venue.credentials.length === 0 ? null : openCredentials(vault, account);
    const session = venue.session({ accountId: account.id, credentials, ...(venue.isLocal === true ? { owner } : {}) });
    const log = this.#parts.log.child({ accountId: account.id, venue: venue.id });
    const desk = new OrderDesk({
      session,
      capabilities: venue.capabilities,
      store,
      clock,
      log,
      accountId: account.id,
      installation,
      venueId: venue.id,
      metrics,
      onTrouble: (message, code) => onTrouble(account, message, code),
    });
    await desk.open();
    return { desk, session };
  }
}

function keyOf(account: AccountRecord, venue: Venue, owner: string): string {
  return `${account.id} ${venue.id}${venue.isLocal === true ? ` ${owner}` : ''}`;
}

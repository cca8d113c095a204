/** Reads networks of coins every ten minutes by the accounts that the owner has named, and tells who lists coins when something of it is new. */
import { openCredentials } from '#app/people/credentials.ts';
import type { Clock, Log, Vault } from '#core/ports.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type { Listing } from '#core/signals/market-scan.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import { FeedLoop, type FeedStanding } from '../feed-loop.ts';
import { KnownNetworks } from './known-networks.ts';

/** Whether an account is named is looked up this often… */
export const SOURCE_LOOK_MS = 30_000;
/** …and the venue is asked by it this often, also after a failure: what was told before holds meanwhile. */
export const NETWORKS_EVERY_MS = 600_000;

export interface NetworkReaderParts {
  readonly store: Pick<Store, 'networkSources'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a feed of a venue needs of its networks. */
export interface NetworkOverlay {
  /** Listings with what is known. */
  over(listings: readonly Listing[]): readonly Listing[];
  /** Calls when {@link over} would say something else; the returned function ends it. */
  onChange(listener: () => void): () => void;
}

export class NetworkReader {
  readonly #venues: ReadonlyMap<string, VenueNetworks>;

  constructor(parts: NetworkReaderParts, places: readonly string[]) {
    const needing = places.flatMap((place) => {
      const venue = parts.venues.get(place);
      return venue?.networksNeedKey === true ? [[place, new VenueNetworks(parts, venue)] as const] : [];
    });
    this.#venues = new Map(needing);
  }

  start(): void {
    for (const venue of this.#venues.values()) venue.start();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#venues.values()].map((venue) => venue.close()));
  }

  /** `null` for a venue that needs no account. */
  of(venue: string): NetworkOverlay | null {
    return this.#venues.get(venue) ?? null;
  }

  /** Of the venues for which an account is named. */
  standing(): readonly FeedStanding[] {
    return [...this.#venues.values()].flatMap((venue) => venue.standing() ?? []);
  }
}

class VenueNetworks implements NetworkOverlay {
  readonly #parts: NetworkReaderParts;
  readonly #venue: Venue;
  readonly #known: KnownNetworks;
  readonly #loop: FeedLoop;
  readonly #listeners = new Set<() => void>();
  /** The account and the version of its keys that were asked with last. */
  #asked: string | null = null;
  #askedAt = 0;

  constructor(parts: NetworkReaderParts, venue: Venue) {
    this.#parts = parts;
    this.#venue = venue;
    this.#known = new KnownNetworks(venue.title);
    this.#loop = new FeedLoop({ ...parts, name: `${venue.id} networks`, everyMs: SOURCE_LOOK_MS, read: () => this.#look() });
  }

  start(): void {
    this.#loop.start();
  }

  close(): Promise<void> {
    return this.#loop.close();
  }

  over(listings: readonly Listing[]): readonly Listing[] {
    return this.#known.over(listings);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  standing(): FeedStanding | null {
    return this.#asked === null ? null : { ...this.#loop.standing, everyMs: NETWORKS_EVERY_MS, readAt: this.#known.readAt };
  }

  async #look(): Promise<number | null> {
    const { store, clock } = this.#parts;
    const sources = await store.networkSources.list();
    const account = sources.find((source) => source.account.exchange === this.#venue.id)?.account ?? null;
    if (this.#known.age(clock.now())) this.#tell();
    if (account === null) return this.#withoutAccount();
    const asking = `${account.id} ${account.sealed}`;
    if (asking !== this.#asked && this.#known.forget('not_read_yet')) this.#tell();
    if (asking === this.#asked && clock.now() - this.#askedAt < NETWORKS_EVERY_MS) return null;
    this.#asked = asking;
    this.#askedAt = clock.now();
    this.#known.told(await this.#ask(account), this.#askedAt);
    this.#tell();
    return 0;
  }

  /** Nothing is wrong then, whatever was before. */
  #withoutAccount(): number {
    this.#asked = null;
    if (this.#known.forget('no_account')) this.#tell();
    return 0;
  }

  async #ask(account: AccountRecord): Promise<readonly CoinNetworks[]> {
    const session = this.#venue.session({ accountId: account.id, credentials: openCredentials(this.#parts.vault, account) });
    try {
      return (await session.coinNetworks?.()) ?? [];
    } finally {
      await session.close();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

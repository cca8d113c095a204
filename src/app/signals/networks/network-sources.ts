/** The owner names, for each venue that tells networks of coins to holders of a key alone, one of his own accounts to read them by. */
import { missing } from '#app/missing.ts';
import { openCredentials } from '#app/people/credentials.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { Clock, Vault } from '#core/ports.ts';
import type { NetworkSource } from '#core/signals/network-sources.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';

export interface NetworkSourcesParts {
  readonly store: Pick<Store, 'accounts' | 'networkSources'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** A venue that may have a source, and the one it has. */
export interface SourceView {
  readonly venue: Venue;
  readonly source: NetworkSource | null;
}

export class NetworkSources {
  readonly #parts: NetworkSourcesParts;

  constructor(parts: NetworkSourcesParts) {
    this.#parts = parts;
  }

  /** Every venue that needs one. */
  async list(): Promise<readonly SourceView[]> {
    const sources = new Map((await this.#parts.store.networkSources.list()).map((source) => [source.account.exchange, source]));
    const needing = [...this.#parts.venues.values()].filter(({ networksNeedKey }) => networksNeedKey === true);
    return needing.map((venue) => ({ venue, source: sources.get(venue.id) ?? null }));
  }

  /**
   * Asks the venue once, so that a key without the right is refused now and not in the log later. Throws AppError `exchange_unknown`,
   * `not_found` for an account that is missing or another's, `validation_failed` for one at another exchange, `key_rejected`, and PortError
   * when the venue cannot be asked.
   */
  async set(userId: string, exchange: string, accountId: string): Promise<SourceView> {
    const { store, clock } = this.#parts;
    const venue = this.#venue(exchange);
    const account = (await store.accounts.get(userId, accountId)) ?? missing();
    if (account.exchange !== exchange) throw invalid('account_id', `is at ${account.exchange}; name an account at ${exchange}`);
    await this.#try(venue, account);
    const source = (await store.networkSources.set(userId, accountId, clock.now())) ?? missing();
    return { venue, source };
  }

  /** Throws AppError `exchange_unknown`, `not_found` where there is none. */
  async remove(exchange: string): Promise<void> {
    this.#venue(exchange);
    if (!(await this.#parts.store.networkSources.remove(exchange))) missing();
  }

  #venue(exchange: string): Venue {
    const { venues } = this.#parts;
    const venue = venues.get(exchange);
    if (venue?.networksNeedKey === true) return venue;
    const needing = [...venues.values()].flatMap(({ id, networksNeedKey }) => (networksNeedKey === true ? [id] : []));
    throw new AppError('exchange_unknown', `"${exchange}" needs no account for this; those that do are ${needing.join(', ')}.`, [
      { field: 'exchange', message: `is none of ${needing.join(', ')}` },
    ]);
  }

  async #try(venue: Venue, account: AccountRecord): Promise<void> {
    const session = venue.session({ accountId: account.id, credentials: openCredentials(this.#parts.vault, account) });
    try {
      await session.coinNetworks?.();
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'key_rejected') throw error;
      throw new AppError('key_rejected', error.message, [
        { field: 'account_id', message: `is of a key that ${venue.title} does not tell networks of coins to` },
      ]);
    } finally {
      await session.close();
    }
  }
}

function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}.`, [{ field, message }]);
}

/**
 * A user's accounts at exchanges. Keys are tried at the venue before they are stored, kept sealed, and never shown again.
 */
import { AppError, PortError } from '#core/errors.ts';
import type { InstrumentKind } from '#core/instrument.ts';
import type { VenuePosition } from '#core/perpetual-ports.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { AccountRecord, NewAccount as NewAccountRecord } from '#core/store/accounts.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { Balance, Credentials, KeyReport, TradingSession, Venue } from '#core/venue-ports.ts';
import { isAtWork } from '../bots/bot-status.ts';
import { missing } from '../missing.ts';
import { openCredentials, sealCredentials } from './credentials.ts';

export interface AccountsParts {
  readonly store: Pick<Store, 'accounts' | 'bots' | 'orders'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Keys as a user gives them; which are needed is the venue's word. */
export interface GivenKeys {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly passphrase?: string | undefined;
}

export interface NewAccount extends GivenKeys {
  readonly name: string;
  readonly exchange: string;
}

/** An account that has passed every check and is not stored yet. */
export type PreparedAccount = NewAccountRecord;

const KEY_FIELDS = { apiKey: 'api_key', apiSecret: 'api_secret', passphrase: 'passphrase' } as const;
const PAGE = 200;

export class Accounts {
  readonly #parts: AccountsParts;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** The venue of an exchange id. Throws AppError `exchange_unknown`. */
  venue(exchange: string): Venue {
    const venue = this.#parts.venues.get(exchange);
    if (venue !== undefined) return venue;
    const detail = `There is no exchange "${exchange}"; known are ${[...this.#parts.venues.keys()].join(', ')}.`;
    throw new AppError('exchange_unknown', detail, [{ field: 'exchange', message: 'is not one of the exchanges' }]);
  }

  /** Tries the keys and stores the account. Throws AppError `exchange_unknown`, `validation_failed`, `key_in_use` and what {@link checkKeys} throws. */
  async create(userId: string, input: NewAccount): Promise<AccountRecord> {
    const prepared = await this.prepare(userId, input);
    if ('existing' in prepared) throw keyInUse(prepared.existing);
    try {
      return await this.#parts.store.accounts.create(prepared.account);
    } catch (error) {
      throw await this.explainTaken(userId, input, error);
    }
  }

  /** All checks of {@link create}, storing nothing; `existing` when this user has an account on these very keys already. */
  async prepare(userId: string, input: NewAccount): Promise<{ readonly account: PreparedAccount } | { readonly existing: AccountRecord }> {
    const { ids, clock, vault } = this.#parts;
    const venue = this.venue(input.exchange);
    const credentials = takeKeys(venue, input);
    const existing = credentials === null ? null : await this.#sameKeys(userId, input.exchange, credentials);
    if (existing !== null) return { existing };
    const id = ids.next();
    if (credentials !== null) await this.#checkKeys(venue, id, credentials);
    const keys = credentials === null ? { sealed: null, keyVersion: 0, keyHint: null } : sealCredentials(vault, userId, id, input.exchange, credentials);
    return { account: { id, userId, name: input.name, exchange: input.exchange, ...keys, createdAt: clock.now() } };
  }

  /** The refusal behind a key that was stored while it was being tried: of which account is only told to its owner. */
  async explainTaken(userId: string, given: GivenKeys & { readonly exchange: string }, error: unknown): Promise<unknown> {
    if (!(error instanceof PortError) || error.code !== 'key_in_use') return error;
    const credentials = takeKeys(this.venue(given.exchange), given);
    const existing = credentials === null ? null : await this.#sameKeys(userId, given.exchange, credentials);
    if (existing !== null) return keyInUse(existing);
    return new AppError('key_in_use', 'Another account of this installation has this key already.', [{ field: 'api_key', message: 'is in use here already' }]);
  }

  list(userId: string, page: PageRequest): Promise<Page<AccountRecord>> {
    return this.#parts.store.accounts.list(userId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<AccountRecord> {
    return (await this.#parts.store.accounts.get(userId, id)) ?? missing();
  }

  /**
   * Renames, replaces keys, or both. New keys are tried first; nothing changes when they fail. Throws AppError `bot_running`
   * for new keys while the account is at work: they may be of another account at the venue, where its orders do not exist.
   */
  async update(userId: string, id: string, change: { readonly name?: string | undefined } & GivenKeys): Promise<AccountRecord> {
    const { store, vault } = this.#parts;
    let account = await this.get(userId, id);
    if (change.apiKey !== undefined || change.apiSecret !== undefined || change.passphrase !== undefined) {
      const venue = this.venue(account.exchange);
      const credentials = takeKeys(venue, change);
      if (credentials === null) return missing();
      const other = await this.#sameKeys(userId, account.exchange, credentials);
      if (other !== null && other.id !== id) throw keyInUse(other);
      await this.#refuseAtWork(userId, id);
      await this.#checkKeys(venue, id, credentials);
      const { exchange } = account;
      try {
        account = (await store.accounts.replaceKeys(userId, id, sealCredentials(vault, userId, id, exchange, credentials))) ?? missing();
      } catch (error) {
        throw await this.explainTaken(userId, { ...change, exchange }, error);
      }
    }
    if (change.name !== undefined) account = (await store.accounts.rename(userId, id, change.name)) ?? missing();
    return account;
  }

  /** Throws AppError `not_found`, or `account_in_use` naming what still uses it. */
  async remove(userId: string, id: string): Promise<void> {
    const removed = await this.#parts.store.accounts.remove(userId, id);
    if (removed.outcome === 'missing') missing();
    if (removed.outcome !== 'inUse') return;
    const users = [
      removed.bots.length > 0 ? `bots (${removed.bots.slice(0, 20).join(', ')})` : '',
      removed.openOrders > 0 ? `orders that are not over (${removed.openOrders})` : '',
    ];
    throw new AppError('account_in_use', `The account still has ${users.filter((part) => part !== '').join(' and ')}.`);
  }

  /** Tries the stored keys at the venue now. Throws what {@link create} throws for keys. */
  async test(userId: string, id: string): Promise<KeyReport & { readonly latencyMs: number }> {
    const account = await this.get(userId, id);
    const startedAt = this.#parts.clock.now();
    const report = await this.#withSession(account, (session) => session.checkKey());
    refuseReport(report);
    return { ...report, latencyMs: this.#parts.clock.now() - startedAt };
  }

  /** What is in the wallet that instruments of this kind draw on. */
  async balances(userId: string, id: string, kind: InstrumentKind = 'spot'): Promise<readonly Balance[]> {
    return this.#withSession(await this.get(userId, id), (session) => session.balances(kind));
  }

  /**
   * The positions in perpetuals that are not flat; none where the exchange has no perpetuals. Throws AppError
   * `account_mode_unsupported` for an account that keeps longs and shorts apart.
   */
  async positions(userId: string, id: string): Promise<readonly VenuePosition[]> {
    return this.#withSession(await this.get(userId, id), async (session) => (await session.perpetual?.positions()) ?? []);
  }

  async #refuseAtWork(userId: string, accountId: string): Promise<void> {
    const { bots, orders } = this.#parts.store;
    const alive = await orders.alive(accountId);
    if (alive.length > 0)
      throw new AppError('bot_running', `Orders of the account are not over (${alive.length}); stop its bots and cancel them before its keys change.`);
    for await (const bot of everyItem((page) => bots.list(userId, page)))
      if (bot.accountId === accountId && isAtWork(bot))
        throw new AppError('bot_running', `The bot "${bot.name}" works on the account; stop it before the keys change.`);
  }

  async #withSession<Result>(account: AccountRecord, use: (session: TradingSession) => Promise<Result>): Promise<Result> {
    const session = this.venue(account.exchange).session({ accountId: account.id, credentials: openCredentials(this.#parts.vault, account) });
    try {
      return await use(session);
    } catch (error) {
      throw explainKeyFailure(error);
    } finally {
      await session.close();
    }
  }

  async #checkKeys(venue: Venue, accountId: string, credentials: Credentials): Promise<void> {
    const session = venue.session({ accountId, credentials });
    try {
      refuseReport(await session.checkKey());
    } catch (error) {
      throw explainKeyFailure(error);
    } finally {
      await session.close();
    }
  }

  /** The user's account on the same key at the same exchange; two of them would promise the same funds twice. The store refuses what slips through. */
  async #sameKeys(userId: string, exchange: string, credentials: Credentials): Promise<AccountRecord | null> {
    for await (const account of everyItem((page) => this.#parts.store.accounts.list(userId, page))) {
      if (account.exchange !== exchange || account.keyHint !== credentials.apiKey.slice(-4)) continue;
      if (openCredentials(this.#parts.vault, account)?.apiKey === credentials.apiKey) return account;
    }
    return null;
  }
}

/** All items of a list, page by page. */
async function* everyItem<Item>(list: (page: PageRequest) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await list({ limit: PAGE, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Checks that exactly the keys the venue asks for are given; `null` for a venue that needs none. */
function takeKeys(venue: Venue, given: GivenKeys): Credentials | null {
  const issues = Object.entries(KEY_FIELDS).flatMap(([name, field]) => {
    const isNeeded = venue.credentials.includes(name as keyof typeof KEY_FIELDS);
    const isGiven = given[name as keyof typeof KEY_FIELDS] !== undefined;
    if (isNeeded && !isGiven) return [{ field, message: `is required by ${venue.title}` }];
    return !isNeeded && isGiven ? [{ field, message: `is not used by ${venue.title}; leave it out` }] : [];
  });
  if (issues.length > 0)
    throw new AppError(
      'validation_failed',
      `${venue.title} takes ${venue.credentials.length === 0 ? 'no keys' : venue.credentials.map((name) => KEY_FIELDS[name]).join(', ')}.`,
      issues,
    );
  if (given.apiKey === undefined || given.apiSecret === undefined) return null;
  return { apiKey: given.apiKey, apiSecret: given.apiSecret, passphrase: given.passphrase ?? null };
}

function refuseReport(report: KeyReport): void {
  if (report.canWithdraw === true) throw new AppError('key_can_withdraw', 'The exchange says that this key may withdraw. Nothing was stored.');
  if (!report.canTrade) throw new AppError('key_cannot_trade', 'The exchange says that this key may not trade. Nothing was stored.');
}

/** A key or a mode the venue does not take is the user's to mend; anything else stays the failure it is. */
function explainKeyFailure(error: unknown): unknown {
  if (error instanceof PortError && error.code === 'account_mode_unsupported') return new AppError(error.code, error.message);
  if (!(error instanceof PortError) || error.code !== 'key_rejected') return error;
  return new AppError('key_rejected', error.message, [
    { field: 'api_key', message: 'is not accepted by the exchange, or not with this secret, passphrase or address' },
  ]);
}

function keyInUse(account: AccountRecord): AppError {
  return new AppError('key_in_use', `The account "${account.name}" (${account.id}) has this key already.`, [
    { field: 'api_key', message: `belongs to the account ${account.id}` },
  ]);
}

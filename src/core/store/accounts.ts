/** Accounts at exchanges as the store keeps them, and the way to them. */
import type { Page, PageRequest } from './page.ts';
import type { LeaseStanding } from './runners.ts';

export interface AccountRecord {
  readonly id: string;
  /** Small running number; part of the ClientOrderIds of orders placed by hand. */
  readonly number: number;
  readonly userId: string;
  readonly name: string;
  readonly exchange: string;
  /** Sealed credentials, or `null` for a venue that needs none. */
  readonly sealed: string | null;
  readonly keyVersion: number;
  /** Last four characters of the API key, to tell keys apart. */
  readonly keyHint: string | null;
  readonly createdAt: number;
}

/** An account to be stored. No two that are not removed have the same fingerprint at the same exchange. */
export type NewAccount = Omit<AccountRecord, 'number'> & {
  /** Of the API key; `null` for a venue that needs none. */
  readonly keyFingerprint?: string | null;
};

export interface AccountStore {
  /** PortError `key_in_use` when another account of this installation has the same key. */
  create(account: NewAccount): Promise<AccountRecord>;
  list(userId: string, page: PageRequest): Promise<Page<AccountRecord>>;
  get(userId: string, id: string): Promise<AccountRecord | null>;
  rename(userId: string, id: string, name: string): Promise<AccountRecord | null>;
  /** PortError `key_in_use` as above. */
  replaceKeys(
    userId: string,
    id: string,
    keys: { readonly sealed: string; readonly keyVersion: number; readonly keyHint: string; readonly keyFingerprint?: string | null },
  ): Promise<AccountRecord | null>;
  /** `inUse` lists the names of the bots on it, counts its orders that are not over, and removes nothing. Removing forgets the keys; orders and fills stay. */
  remove(
    userId: string,
    id: string,
  ): Promise<{ readonly outcome: 'removed' | 'missing' } | { readonly outcome: 'inUse'; readonly bots: readonly string[]; readonly openOrders: number }>;
  /** The next sequence for the ClientOrderId of an order placed by hand, from 1; never given twice. `null` when the account is not this user's. */
  nextOrderSequence(userId: string, id: string): Promise<number | null>;
}

/** Accounts with orders placed by hand that are not over, with automatic actions, or with a running bot: those that need a steward. */
export interface Stewardship {
  due(): Promise<
    readonly {
      readonly userId: string;
      readonly account: AccountRecord;
      readonly lease: LeaseStanding | null;
      /** Whether it has orders placed by hand that are not over, or automatic actions. */
      readonly hasOrders: boolean;
    }[]
  >;
}

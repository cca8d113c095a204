/** Accounts by which networks of coins are read, where a venue tells them to holders of a key alone: the owner's own, one a venue. */
import type { AccountRecord } from '../store/accounts.ts';

export interface NetworkSource {
  /** Whose keys are used; never another user's than the owner's. */
  readonly account: AccountRecord;
  readonly setAt: number;
}

export interface NetworkSourceStore {
  /** Those that may be used now: the account is there and is the owner's. Not reachable by users. */
  list(): Promise<readonly NetworkSource[]>;
  /** Takes the place of the one before. `null`, and nothing is set, when the account is not this user's or he is not the owner. */
  set(userId: string, accountId: string, at: number): Promise<NetworkSource | null>;
  /** `false` when there was none. */
  remove(exchange: string): Promise<boolean>;
}

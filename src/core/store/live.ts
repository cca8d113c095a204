/**
 * The part of the store that tells whoever watches what has changed. Not reachable by users: whoever asks hands each user's
 * rows to that user alone. Types only.
 */

/** Work in the background that a user has asked for. */
export interface UserJob {
  readonly id: string;
  readonly userId: string;
  readonly kind: 'backtest' | 'optimization';
  readonly name: string;
  readonly state: string;
  /** Share that is done, 0 to 1. */
  readonly progress: number;
  readonly failure: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Running numbers of rows that were taken and not seen yet: their transactions may commit later, or never. */
export interface ReadFrom {
  readonly after: number;
  readonly missing: readonly number[];
  readonly limit: number;
}

/** Bots and orders as the store port has them, which refers to this. */
export interface LiveStore<BotRecord, OrderRecord> {
  /** The newest running number of what happened to orders, to begin from. */
  newestOrderEvent(): Promise<number>;
  /** All bots of these users. */
  bots(userIds: readonly string[]): Promise<readonly BotRecord[]>;
  /** Those of these users that are not over, or ended at that time or later. */
  jobs(userIds: readonly string[], endedFrom: number): Promise<readonly UserJob[]>;
  /** A user's orders that are not over, the newest. */
  openOrders(userId: string, limit: number): Promise<readonly OrderRecord[]>;
  /** Which orders something happened to, in the sequence of the numbers. */
  orderEvents(from: ReadFrom): Promise<readonly { readonly id: number; readonly orderId: string }[]>;
  /** Orders of these users among these. */
  orders(ids: readonly string[], userIds: readonly string[]): Promise<readonly OrderRecord[]>;
}

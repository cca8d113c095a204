/** Parts of the store port that perpetuals brought; store.ts is the whole of it. */
import type { DecimalString } from './money.ts';

/** How the beginning of a run ends: see `bots.beginRun`. */
export type RunBeginning =
  | { readonly outcome: 'begun' }
  | { readonly outcome: 'short'; readonly asset: string; readonly missing: DecimalString }
  | { readonly outcome: 'occupied'; readonly botName: string };

/** Funding payments as they are read; they are booked by commits. */
export interface FundingStore {
  /** Which of these payments are booked. */
  known(accountId: string, symbol: string, paymentIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Time of the newest payment that is booked for a run, or `null`. */
  newestAt(runId: string): Promise<number | null>;
}

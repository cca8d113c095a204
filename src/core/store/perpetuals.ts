/** Parts of the store port that perpetuals brought; store.ts is the whole of it. */
import type { InstrumentKind } from '../instrument.ts';
import type { DecimalString } from '../money.ts';

/** How the beginning of a run ends: see `bots.beginRun`. */
export type RunBeginning =
  | { readonly outcome: 'begun' }
  | { readonly outcome: 'short'; readonly asset: string; readonly missing: DecimalString }
  | { readonly outcome: 'occupied'; readonly botName: string; readonly symbol: string };

/** What a run claims of an account for one of its instruments; the first one's where no symbol is given. */
export interface RunNeed {
  readonly symbol?: string;
  readonly asset: string;
  readonly amount: DecimalString;
}

/** What a run claims of one wallet, and what is in that. */
export interface Purse {
  readonly wallet: InstrumentKind;
  readonly needs: readonly RunNeed[];
  readonly available: readonly { readonly asset: string; readonly amount: DecimalString }[];
}

/** Funding payments as they are read; they are booked by commits. */
export interface FundingStore {
  /** Which of these payments are booked. */
  known(accountId: string, symbol: string, paymentIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Time of the newest payment that is booked for a run in an instrument, or `null`. */
  newestAt(runId: string, symbol: string): Promise<number | null>;
}

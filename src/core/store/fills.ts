/** The ledger: every execution once, and what follows from them. */
import type { DecimalString } from '../money.ts';
import type { PositionRecord } from '../perpetual-ports.ts';
import type { VenueFill } from '../venue-ports.ts';
import type { Page, PageRequest } from './page.ts';

export interface FillRecord extends VenueFill {
  readonly orderId: string;
  readonly botId: string | null;
  readonly accountId: string;
  readonly userId: string;
}

export interface FillStore {
  list(userId: string, filter: { readonly botId?: string; readonly orderId?: string }, page: PageRequest): Promise<Page<FillRecord>>;
  /** Fees of each of these orders by asset; orders without fills are left out. */
  feesOf(userId: string, orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly { readonly asset: string; readonly amount: DecimalString }[]>>;
  /** Which of these trade ids are in the ledger. */
  known(accountId: string, symbol: string, tradeIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** What the paper trades of an account have added to or taken from each asset, fees included; signed. For the paper venue's memory. */
  paperFlows(accountId: string): Promise<readonly { readonly asset: string; readonly amount: DecimalString }[]>;
  /** What the paper trades in perpetuals of an account come to; positions that are not flat. For the paper venue's memory. */
  paperPositions(accountId: string): Promise<readonly PositionRecord[]>;
  /** Sums of a run, exact: what was bought, sold and paid; of one instrument where it is given. */
  totals(
    userId: string,
    botId: string,
    runId: string,
    symbol?: string,
  ): Promise<{
    readonly count: number;
    readonly boughtSize: DecimalString;
    readonly boughtQuote: DecimalString;
    readonly soldSize: DecimalString;
    readonly soldQuote: DecimalString;
    readonly fees: readonly { readonly asset: string; readonly amount: DecimalString }[];
  }>;
}

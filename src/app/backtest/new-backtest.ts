/** What a backtest is asked for by. */
import type { ActionRules } from '#core/actions/action-state.ts';
import type { CandleInterval } from '#core/market-data.ts';
import type { DecimalString } from '#core/money.ts';
import type { LotMatching } from '../report/ledger.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { VenueModel } from './venue-model.ts';

export interface NewBacktest {
  readonly name: string;
  readonly strategy: string;
  readonly config: unknown;
  readonly exchange: string;
  readonly symbol: string;
  readonly interval?: CandleInterval | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly datasetId?: string | undefined;
  /** Files of candles of the instruments beside the first, by symbol. */
  readonly legDatasetIds?: Readonly<Record<string, string>> | undefined;
  /** Over the trades of the history, not over candles. */
  readonly fromTrades?: boolean | undefined;
  /** Settlements as the history has them. */
  readonly fundingHistory?: boolean | undefined;
  /** What is to follow from each order of the strategy. */
  readonly actions?: ActionRules | undefined;
  readonly gaps: BacktestSettings['gaps'];
  readonly makerFeeRate?: DecimalString | undefined;
  readonly takerFeeRate?: DecimalString | undefined;
  readonly venue: VenueModel;
  readonly lots: LotMatching;
}

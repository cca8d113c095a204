/** What a backtest is asked for by, as it is kept: plain data from which it can be run again. */
import type { ActionRules } from '#core/actions/action-state.ts';
import type { RunRules } from '#core/actions/run-actions.ts';
import type { Instrument } from '#core/instrument.ts';
import type { NewJob } from '#core/jobs.ts';
import type { CandleInterval } from '#core/market-data.ts';
import type { DecimalString } from '#core/money.ts';
import type { BacktestRecord } from '#core/store/backtests.ts';
import type { LotMatching } from '../report/ledger.ts';
import type { VenueModel } from './venue-model.ts';

export interface BacktestSettings {
  readonly strategy: string;
  /** The version it was asked for with; another is another backtest. */
  readonly strategyVersion: number;
  readonly config: unknown;
  /** Where the instrument is traded, with the fees that are assumed. */
  readonly instrument: Instrument;
  /** Of a strategy that trades several: the instruments beside the first, in the sequence in which it wants them. */
  readonly legs?: readonly { readonly name: string; readonly instrument: Instrument }[];
  readonly source:
    | {
        readonly kind: 'venue';
        readonly exchange: string;
        readonly interval: CandleInterval;
        readonly from: number;
        readonly to: number;
        /** Over every trade of the history, of which bars of the interval are made; over candles where it is absent. */
        readonly over?: 'trades';
      }
    | { readonly kind: 'dataset'; readonly exchange: string; readonly datasetId: string; readonly legDatasetIds?: Readonly<Record<string, string>> };
  readonly gaps: 'refuse' | 'fill' | 'skip';
  readonly venue: VenueModel;
  /** Settlements as the history has them, in place of a rate that is assumed. */
  readonly fundingHistory?: true;
  readonly lots: LotMatching;
  /** What follows from each order of the strategy: as its user gave it, and in the integers of the instrument. */
  readonly actions?: ActionRules;
  readonly rules?: RunRules;
  /** The run of a bot that it is to be compared with. */
  readonly against?: {
    readonly botId: string;
    readonly runId: string;
    /** The middle of the market at which that began, within the first candle; left out where that is not known. */
    readonly beginPrice?: DecimalString;
  };
}

/** What a backtest was asked for by. */
export function settingsOf(record: BacktestRecord): BacktestSettings {
  return record.settings as unknown as BacktestSettings;
}

/** The job that computes one: an exchange that does not answer is asked once more a moment later. */
export function backtestJob(id: string): NewJob {
  return { kind: 'backtest', data: { id }, dedupeId: `backtest:${id}`, attempts: 2, backoffMs: 5_000 };
}

/** What a backtest over several instruments goes through of one of them. */
import type { Bars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';

export interface LegHistory {
  readonly instrument: Instrument;
  readonly bars: Bars;
  /** Bars before those, for strategies that warm up. */
  readonly history?: Bars | undefined;
}

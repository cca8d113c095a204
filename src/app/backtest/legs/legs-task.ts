/** A backtest over several instruments as a task: candles of each in, its document out. */

import type { Bars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { CandleColumns } from '#core/history.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Text } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import type { BacktestDocument } from '../backtest-document.ts';
import type { BacktestSettings } from '../backtest-settings.ts';
import { readyCandles } from '../ready-candles.ts';
import type { LegHistory } from './leg-history.ts';
import { type LegsBacktestOptions, runLegsBacktest } from './legs-backtest.ts';
import { legsDocumentOf } from './legs-document.ts';
import { legsModels } from './legs-models.ts';
import { timelineOf } from './timeline.ts';

/** Candles of one instrument: read from the history on disk, or the text of a file. */
export type LegCandles = string | CandleColumns;

/** Bars of an instrument, and those before them. */
export interface LegHistoryRead {
  readonly bars: Bars;
  readonly history?: Bars | null | undefined;
}

/** A run made ready, and what is to be known of its candles. */
export interface ReadyLegs {
  readonly options: LegsBacktestOptions;
  readonly warnings: readonly Text[];
}

/** `candles` are of the first instrument and of the others in the sequence of the settings. Throws AppError as the run does. */
export function runLegs(settings: BacktestSettings, strategy: Strategy, candles: readonly LegCandles[], onProgress: (share: number) => void): BacktestDocument {
  const { options, warnings } = readyLegs(settings, strategy, candles);
  const { length } = timelineOf([options.first, ...options.others.values()].map(({ bars }) => bars));
  const result = runLegsBacktest({ ...options, onProgress: (done) => onProgress(done / length) });
  const { config, venue, lots } = settings;
  return legsDocumentOf({ config, venue, lots, warnings }, result);
}

/** The same as far as nothing is run. */
export function readyLegs(settings: BacktestSettings, strategy: Strategy, candles: readonly LegCandles[]): ReadyLegs {
  const ready = instrumentsIn(settings).map((instrument, index) => ({ instrument, ...readyCandles({ ...settings, instrument }, candles[index] ?? '') }));
  assertOneLength(ready.map(({ instrument, bars }) => ({ instrument, bars })));
  return {
    options: legsOptions(settings, strategy, ready),
    warnings: ready.flatMap((leg) => leg.warnings.map((warning) => ofInstrument(leg.instrument.symbol, warning))),
  };
}

/** A run over these histories, which are of the instruments in the sequence of the settings. Throws AppError `validation_failed` for models that are not there for it. */
export function legsOptions(
  settings: Pick<BacktestSettings, 'config' | 'venue' | 'instrument' | 'legs' | 'rules'>,
  strategy: Strategy,
  histories: readonly LegHistoryRead[],
): LegsBacktestOptions {
  const { config, venue, rules } = settings;
  const [first, ...others] = instrumentsIn(settings).map((instrument, index): LegHistory => {
    const own = histories[index];
    if (own === undefined) throw new Error('every instrument has its bars');
    return { instrument, bars: own.bars, history: own.history ?? undefined };
  });
  if (first === undefined) throw new Error('a run has a first instrument');
  return {
    strategy,
    config,
    first,
    others: new Map(others.map((leg) => [leg.instrument.symbol, leg])),
    ...legsModels(venue),
    ...(rules === undefined ? {} : { rules }),
  };
}

/** The first one first. */
export function instrumentsIn({ instrument, legs = [] }: Pick<BacktestSettings, 'instrument' | 'legs'>): readonly Instrument[] {
  return [instrument, ...legs.map((leg) => leg.instrument)];
}

/** Throws AppError `candles_invalid` where bars of one length would meet those of another. */
export function assertOneLength(histories: readonly LegHistory[]): void {
  const [first] = histories;
  const other = histories.find(({ bars }) => bars.intervalMs !== first?.bars.intervalMs);
  if (first === undefined || other === undefined) return;
  throw new AppError(
    'candles_invalid',
    `the candles of ${first.instrument.symbol} last ${first.bars.intervalMs / 1_000} s and those of ${other.instrument.symbol} ${other.bars.intervalMs / 1_000} s; use candles of one length`,
  );
}

function ofInstrument(symbol: string, { en, ru }: Text): Text {
  return { en: `${symbol}: ${en}`, ru: `${symbol}: ${ru}` };
}

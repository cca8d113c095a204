/** A backtest made ready to be computed anywhere: plain data in, plain data out, so that a thread or another machine can do it. */
import type { Bars } from '#core/bars.ts';
import { AppError } from '#core/errors.ts';
import type { Text } from '#core/params.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import type { Strategy } from '#core/strategy.ts';
import { rehearsed } from '../own-strategies/playback.ts';
import { runBacktest } from './backtest.ts';
import { type BacktestDocument, documentOf } from './backtest-document.ts';
import type { BacktestSettings } from './backtest-settings.ts';

export interface BacktestTask {
  readonly settings: BacktestSettings;
  readonly bars: Bars;
  /** Bars before those, for strategies that warm up. */
  readonly history: Bars | null;
  readonly warnings: readonly Text[];
  /** Of a user's own strategy: what it has wished for over these very bars. */
  readonly rehearsed?: RehearsedRun;
}

/** Whoever computes tasks aside, so that nothing else in the process waits for them. */
export interface BacktestBench {
  /** `onProgress` is told the share that is done. Rejects with the AppError of the run, or when it was stopped. */
  run(task: BacktestTask, onProgress: (share: number) => void): { readonly done: Promise<BacktestDocument>; stop(): void };
}

/** Throws AppError as the run does, and `strategy_changed` where the strategy is of another version now. */
export function runTask(task: BacktestTask, strategies: ReadonlyMap<string, Strategy>, onProgress: (share: number) => void): BacktestDocument {
  const { settings, bars, history, warnings } = task;
  const own = task.rehearsed === undefined ? null : rehearsed(task.rehearsed);
  const strategy = own?.strategy ?? strategies.get(settings.strategy);
  if (strategy === undefined || strategy.version !== settings.strategyVersion)
    throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
  const { config, instrument, venue, lots } = settings;
  const result = runBacktest({
    strategy,
    config,
    instrument,
    bars,
    ...(history === null ? {} : { history }),
    venue,
    keepLedger: true,
    onProgress: (barsDone) => {
      onProgress(barsDone / bars.length);
      return true;
    },
  });
  if (own?.wishes.isSpent === false)
    throw new AppError('validation_failed', 'the strategy is out of step with its backtest: it changed what it was only shown');
  return documentOf({ strategy, config, instrument, bars, venue, lots, history: 'candles', warmUpBars: history?.length ?? 0, warnings }, result);
}

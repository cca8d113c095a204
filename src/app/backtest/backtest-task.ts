/** A backtest made ready to be computed anywhere: plain data in, plain data out, so that a thread or another machine can do it. */
import { AppError } from '#core/errors.ts';
import type { Strategy } from '#core/strategy.ts';
import { parseCandles } from '../candles.ts';
import type { ReportFigures } from '../report/run-report.ts';
import { runBacktest } from './backtest.ts';
import { documentOf } from './backtest-document.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { readyCandles } from './ready-candles.ts';

export interface BacktestTask {
  readonly settings: BacktestSettings;
  /** Candles as a file has them: reading so many takes its time, so that is part of the task. */
  readonly csv: string;
}

/** What came of one: the document as text, and what is told without opening it. */
export interface BacktestOutcome {
  readonly document: string;
  readonly figures: ReportFigures;
  readonly candles: number;
}

/** What a file of candles holds. */
export interface CandleFile {
  readonly candles: number;
  readonly intervalMs: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** Whoever computes tasks aside, so that nothing else in the process waits for them. */
export interface BacktestBench {
  /** `onProgress` is told the share that is done. Rejects with the AppError of the run, or when it was stopped. */
  run(task: BacktestTask, onProgress: (share: number) => void): { readonly done: Promise<BacktestOutcome>; stop(): void };
  /** Rejects with AppError `candles_invalid`. */
  inspect(csv: string): Promise<CandleFile>;
}

/** Throws AppError as the run does, and `strategy_changed` where the strategy is of another version now. */
export function runTask(task: BacktestTask, strategies: ReadonlyMap<string, Strategy>, onProgress: (share: number) => void): BacktestOutcome {
  const { settings } = task;
  const strategy = strategies.get(settings.strategy);
  if (strategy === undefined || strategy.version !== settings.strategyVersion)
    throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
  const { config, instrument, venue, lots } = settings;
  const { bars, history, warnings } = readyCandles(task);
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
  const subject = { strategy, config, instrument, bars, venue, lots, history: 'candles', warmUpBars: history?.length ?? 0, warnings } as const;
  const document = documentOf(subject, result);
  return { document: JSON.stringify(document), figures: document.report.figures, candles: document.candles };
}

/** Reads a file of candles strictly. Throws AppError `candles_invalid`. */
export function inspectCandles(csv: string): CandleFile {
  const { length, intervalMs, startAt } = parseCandles(csv, { gaps: 'skip' });
  return { candles: length, intervalMs, startAt: startAt[0] ?? 0, endAt: (startAt[length - 1] ?? 0) + intervalMs };
}

/** A backtest made ready to be computed anywhere: plain data in, plain data out, so that a thread or another machine can do it. */
import type { Bars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { CandleColumns, Series, Span } from '#core/history.ts';
import type { RecordSeries, Records } from '#core/record-history.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';
import { parseCandles } from '../market/candles.ts';
import { rehearsed } from '../own-strategies/playback.ts';
import type { ReportFigures } from '../report/run-report.ts';
import { worldOf } from './against-causes.ts';
import { compareWithLive, type LiveComparison } from './against-live.ts';
import { type BacktestOptions, type BacktestResult, runBacktest } from './backtest.ts';
import { type BacktestDocument, documentOf } from './backtest-document.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { type LegCandles, runLegs } from './legs/legs-task.ts';
import { type ReadyCandles, readyCandles } from './ready-candles.ts';
import { readyTrades } from './ready-trades.ts';
import { RunLog } from './run-log.ts';

/** Candles as a file has them, or where they or the trades stand in the history on this disk. */
export type TaskCandles =
  | { readonly csv: string }
  /** The same compressed with gzip; whoever computes the task unpacks it. */
  | { readonly packed: Uint8Array }
  | { readonly series: Series; readonly span: Span }
  | { readonly trades: RecordSeries; readonly span: Span };

/** What a task names of the history on this disk: candles, or the trades that it runs over. */
export type Stored = CandleColumns | { readonly trades: Records };

export interface BacktestTask {
  readonly settings: BacktestSettings;
  /** Reading many candles takes its time, so that is part of the task. */
  readonly candles: TaskCandles;
  /** Of the other instruments, in the sequence of the settings. */
  readonly legCandles?: readonly TaskCandles[];
  /** The tape of the live run that it is to be compared with. */
  readonly tape?: readonly JournalEntry[];
  /** Of a user's own strategy: what it has wished for over these very candles. */
  readonly rehearsed?: RehearsedRun;
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

/** A file that was read, ready to be kept. */
export interface InspectedFile {
  readonly file: CandleFile;
  readonly packed: Uint8Array;
}

/** Whoever computes tasks aside, so that nothing else in the process waits for them. */
export interface BacktestBench {
  /** `onProgress` is told the share that is done. Rejects with the AppError of the run, or when it was stopped. */
  run(task: BacktestTask, onProgress: (share: number) => void): { readonly done: Promise<BacktestOutcome>; stop(): void };
  /** The bars of a task, for whoever has to go through them before it can be run. Rejects with AppError `candles_invalid`. */
  read(task: Pick<BacktestTask, 'settings' | 'candles'>): Promise<ReadyCandles>;
  /** What the bytes of a file are, and the same compressed with gzip. Rejects with AppError `candles_invalid`. */
  inspect(csv: Uint8Array): Promise<InspectedFile>;
}

/** The bars of a task; `stored` is what the history has, where the task names such. Throws AppError `candles_invalid`. */
export function candlesReadyFor({ settings, candles }: Pick<BacktestTask, 'settings' | 'candles'>, stored: Stored | null): ReadyCandles {
  if (stored !== null && 'trades' in stored) throw new AppError('candles_invalid', 'this goes with candles, not with trades');
  return readyCandles(settings, stored ?? textOf(candles));
}

/** The same, and the trades where the task runs over them. */
function readyFor(task: BacktestTask, stored: Stored | null): ReadyCandles & Pick<BacktestOptions, 'trades'> {
  return stored !== null && 'trades' in stored ? readyTrades(task.settings, stored.trades) : candlesReadyFor(task, stored);
}

function textOf(candles: TaskCandles): string {
  if ('packed' in candles) throw new Error('candles are unpacked before they are read');
  return 'csv' in candles ? candles.csv : '';
}

/** `stored` as there, and `storedLegs` so of the other instruments. Throws AppError as the run does, and `strategy_changed` where the strategy is of another version now. */
export function runTask(
  task: BacktestTask,
  stored: Stored | null,
  strategies: ReadonlyMap<string, Strategy>,
  onProgress: (share: number) => void,
  storedLegs: readonly (Stored | null)[] = [],
): BacktestOutcome {
  const { settings } = task;
  const own = task.rehearsed === undefined ? null : rehearsed(task.rehearsed);
  const strategy = own?.strategy ?? strategies.get(settings.strategy);
  if (strategy === undefined || strategy.version !== settings.strategyVersion)
    throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
  if (task.legCandles !== undefined) {
    const document = runLegs(settings, strategy, legCandlesOf(task, stored, storedLegs), onProgress);
    assertInStep(own);
    return outcomeOf(document);
  }
  const { config, instrument, venue, lots } = settings;
  const { bars, history, warnings, trades } = readyFor(task, stored);
  const result = runBacktest({
    strategy,
    config,
    instrument,
    bars,
    ...(history === null ? {} : { history }),
    ...(trades === undefined ? {} : { trades }),
    venue,
    ...(settings.rules === undefined ? {} : { rules: settings.rules }),
    keepLedger: true,
    ...(own === null ? {} : { heard: own.wishes }),
    onProgress: (barsDone) => {
      onProgress(barsDone / bars.length);
      return true;
    },
  });
  assertInStep(own);
  const subject = {
    strategy,
    config,
    instrument,
    bars,
    venue,
    lots,
    history: trades === undefined ? 'candles' : 'trades',
    warmUpBars: history?.length ?? 0,
    warnings,
  } as const;
  const document = { ...documentOf(subject, result), ...(task.tape === undefined ? {} : { against: againstTape(task.tape, result, bars) }) };
  return outcomeOf(document);
}

function assertInStep(own: ReturnType<typeof rehearsed> | null): void {
  if (own?.wishes.isSpent === false)
    throw new AppError('validation_failed', 'the strategy is out of step with its backtest: it changed what it was only shown');
}

/** Candles of all instruments of a task, the first one's first. */
export function legCandlesOf(
  { candles, legCandles = [] }: Pick<BacktestTask, 'candles' | 'legCandles'>,
  stored: Stored | null,
  storedLegs: readonly (Stored | null)[],
): readonly LegCandles[] {
  return [candles, ...legCandles].map((each, index) => {
    const given = (index === 0 ? stored : storedLegs[index - 1]) ?? textOf(each);
    if (typeof given !== 'string' && 'trades' in given) throw new AppError('candles_invalid', 'a run over trades has one instrument');
    return given;
  });
}

function outcomeOf(document: BacktestDocument): BacktestOutcome {
  return { document: JSON.stringify(document), figures: document.report.figures, candles: document.candles };
}

function againstTape(tape: readonly JournalEntry[], { ledger, setup, bars: done, endedAt }: BacktestResult, bars: Bars): LiveComparison {
  const log = new RunLog({ keepsTape: false, keepsLedger: true, lent: null, barsDone: () => 0 });
  for (const { event, commands } of tape) log.add(event, commands);
  if (log.ledger === null || ledger === null) throw new Error('both runs keep their ledgers');
  const world = worldOf(tape, bars, endedAt);
  return compareWithLive(log.ledger, ledger, { scale: setup.scale, lastTicks: bars.closeTicks[done - 1] ?? 0, world });
}

/** Reads a file of candles strictly. Throws AppError `candles_invalid`. */
export function inspectCandles(csv: string): CandleFile {
  const { length, intervalMs, startAt } = parseCandles(csv, { gaps: 'skip' });
  return { candles: length, intervalMs, startAt: startAt[0] ?? 0, endAt: (startAt[length - 1] ?? 0) + intervalMs };
}

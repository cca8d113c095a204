/** A look into a backtest afterwards, made ready to be computed anywhere: plain data in, plain data out. */
import type { Bars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { Declaration } from '#core/sandbox/program.ts';
import type { Strategy } from '#core/strategy.ts';
import { runBacktest } from '../backtest/backtest.ts';
import { type BacktestTask, candlesReadyFor, legCandlesOf, type Stored } from '../backtest/backtest-task.ts';
import type { LegsBacktestOptions } from '../backtest/legs/legs-backtest.ts';
import { readyLegs } from '../backtest/legs/legs-task.ts';
import { needsTrades } from '../optimize/goal.ts';
import { trialFigures } from '../optimize/trial-figures.ts';
import { playback, SILENT } from '../own-strategies/playback.ts';
import { matchTrades } from '../report/round-trips.ts';
import { legsLookAhead, legsProfits, legsTrySet } from './legs-checks.ts';
import { type LookAheadReport, lookAhead, type Subject } from './look-ahead.ts';
import { LEAST_MIXED_TRADES, type MonteCarloReport, monteCarlo } from './monte-carlo.ts';
import { ownRuns, type Rehearse, type RunOnce } from './own-runs.ts';
import { type RecursionReport, recursion } from './recursion.ts';
import { IN_TO_OUT, LEAST_OUT_BARS, type TrySet, type WalkForwardReport, type WalkForwardWish, walkForward } from './walk-forward.ts';

/** What is looked into, as it is kept. The settings of a walk are those of its backtest but for what is varied. */
export type CheckSettings =
  | { readonly kind: 'look_ahead' }
  | { readonly kind: 'recursion' }
  | { readonly kind: 'monte_carlo'; readonly seed: number }
  | ({ readonly kind: 'walk_forward' } & Omit<WalkForwardWish, 'config'>);

export interface CheckTask extends Pick<BacktestTask, 'settings' | 'candles' | 'legCandles'> {
  readonly check: CheckSettings;
  /** What a user's own strategy declares. */
  readonly own?: Declaration;
}

export type CheckResult = LookAheadReport | RecursionReport | MonteCarloReport | WalkForwardReport;

/** Whoever computes checks aside, so that nothing else in the process waits for them. */
export interface CheckBench {
  /**
   * `onProgress` is told the share that is done, `rehearse` is asked where the strategy is a user's own. Rejects with the AppError of the
   * check, or when it was stopped.
   */
  check(task: CheckTask, onProgress: (share: number) => void, rehearse?: Rehearse): { readonly done: Promise<CheckResult>; stop(): void };
}

/** What a check is computed with beside its candles. */
export interface CheckMeans {
  /** Of a user's own strategy. */
  readonly rehearse?: Rehearse | undefined;
  /** Of the other instruments, as `stored` of the first. */
  readonly storedLegs?: readonly (Stored | null)[];
}

/** `stored` are the candles of the history, where the task names such. Throws AppError where there is too little to look into. */
export async function runCheck(
  task: CheckTask,
  stored: Stored | null,
  strategies: ReadonlyMap<string, Strategy>,
  onProgress: (share: number) => void,
  { rehearse, storedLegs = [] }: CheckMeans = {},
): Promise<CheckResult> {
  const { settings, check } = task;
  const strategy = task.own === undefined ? strategies.get(settings.strategy) : playback(task.own, settings.strategy, null, SILENT);
  if (strategy === undefined || strategy.version !== settings.strategyVersion)
    throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
  if (settings.legs !== undefined) return checkLegs(check, settings, readyLegs(settings, strategy, legCandlesOf(task, stored, storedLegs)).options, onProgress);
  const { bars, history } = candlesReadyFor(task, stored);
  const { config, instrument, venue } = settings;
  const subject: Subject = {
    strategy,
    config,
    instrument,
    bars,
    venue,
    ...(history === null ? {} : { history }),
    ...(settings.rules === undefined ? {} : { rules: settings.rules }),
  };
  const run = rehearse === undefined ? runBacktest : ownRuns(bars, rehearse);
  switch (check.kind) {
    case 'look_ahead':
      return lookAhead(subject, onProgress, run);
    case 'recursion':
      return recursion(subject);
    case 'monte_carlo':
      return monteCarlo(await profitsOf(subject, settings.lots, run), check.seed) ?? tooLittle(`a backtest of at least ${LEAST_MIXED_TRADES} closed trades`);
    case 'walk_forward':
      return walk(check, config, bars, trySetOf({ subject, lots: settings.lots, keepLedger: needsTrades(check.goal), run }), onProgress);
  }
}

async function walk(
  check: Extract<CheckSettings, { readonly kind: 'walk_forward' }>,
  config: unknown,
  bars: Bars,
  trySet: TrySet,
  onProgress: (share: number) => void,
): Promise<WalkForwardReport> {
  const walked = await walkForward(bars, { ...check, config: config as WalkForwardWish['config'] }, trySet, onProgress);
  return walked ?? tooLittle(`at least ${LEAST_OUT_BARS * (check.windows + IN_TO_OUT)} candles for ${check.windows} windows`);
}

/** What rules over bars remember is nothing where none are wanted, as of runs over several instruments. */
function checkLegs(
  check: CheckSettings,
  { strategy, lots }: BacktestTask['settings'],
  options: LegsBacktestOptions,
  onProgress: (share: number) => void,
): CheckResult | Promise<CheckResult> {
  switch (check.kind) {
    case 'look_ahead':
      return legsLookAhead(options, onProgress);
    case 'recursion':
      return { strategy, warmUp: null, figures: [], otherTurns: 0 };
    case 'monte_carlo':
      return monteCarlo(legsProfits(options, lots), check.seed) ?? tooLittle(`a backtest of at least ${LEAST_MIXED_TRADES} closed trades`);
    case 'walk_forward':
      return walk(check, options.config, options.first.bars, legsTrySet(options, lots), onProgress);
  }
}

/** Of closed trades in the sequence of their ends, as shares of the capital. */
async function profitsOf(subject: Subject, lots: BacktestTask['settings']['lots'], run: RunOnce): Promise<readonly number[]> {
  const { ledger, setup, capital } = await run({ ...subject, keepLedger: true });
  const capitalAtoms = setup.scale.atoms(capital, 'nearest');
  const trips = ledger === null ? [] : matchTrades(ledger, lots).trips;
  return trips.toSorted((one, other) => one.leftAt - other.leftAt).map(({ profitAtoms }) => profitAtoms / capitalAtoms);
}

interface Trying {
  readonly subject: Subject;
  readonly lots: BacktestTask['settings']['lots'];
  readonly keepLedger: boolean;
  readonly run: RunOnce;
}

function trySetOf({ subject, lots, keepLedger, run }: Trying): TrySet {
  return async (config, bars: Bars, before) => {
    try {
      const history = before.length > 0 ? { history: before } : {};
      return { state: 'done', figures: trialFigures(await run({ ...subject, config, bars, keepLedger, ...history }), lots) };
    } catch (error) {
      if (error instanceof AppError || error instanceof RangeError) return { state: 'refused', reason: error.message };
      throw error;
    }
  };
}

function tooLittle(wanted: string): never {
  throw new AppError('candles_invalid', `this needs ${wanted}`);
}

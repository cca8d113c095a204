/** A look into a backtest afterwards, made ready to be computed anywhere: plain data in, plain data out. */
import type { Bars } from '#core/bars.ts';
import { AppError } from '#core/errors.ts';
import type { CandleColumns } from '#core/history.ts';
import type { Declaration } from '#core/sandbox/program.ts';
import type { Strategy } from '#core/strategy.ts';
import { runBacktest } from '../backtest/backtest.ts';
import { type BacktestTask, candlesReadyFor } from '../backtest/backtest-task.ts';
import { needsTrades } from '../optimize/goal.ts';
import { trialFigures } from '../optimize/trial-figures.ts';
import { playback, SILENT } from '../own-strategies/playback.ts';
import { matchTrades } from '../report/round-trips.ts';
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

export interface CheckTask extends Pick<BacktestTask, 'settings' | 'candles'> {
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

/** `stored` are the candles of the history, where the task names such. Throws AppError where there is too little to look into. */
export async function runCheck(
  task: CheckTask,
  stored: CandleColumns | null,
  strategies: ReadonlyMap<string, Strategy>,
  onProgress: (share: number) => void,
  rehearse?: Rehearse,
): Promise<CheckResult> {
  const { settings, check } = task;
  const strategy = task.own === undefined ? strategies.get(settings.strategy) : playback(task.own, settings.strategy, null, SILENT);
  if (strategy === undefined || strategy.version !== settings.strategyVersion)
    throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
  const { bars, history } = candlesReadyFor(task, stored);
  const { config, instrument, venue } = settings;
  const subject: Subject = { strategy, config, instrument, bars, venue, ...(history === null ? {} : { history }) };
  const run = rehearse === undefined ? runBacktest : ownRuns(bars, rehearse);
  switch (check.kind) {
    case 'look_ahead':
      return lookAhead(subject, onProgress, run);
    case 'recursion':
      return recursion(subject);
    case 'monte_carlo':
      return monteCarlo(await profitsOf(subject, settings.lots, run), check.seed) ?? tooLittle(`a backtest of at least ${LEAST_MIXED_TRADES} closed trades`);
    case 'walk_forward': {
      const wish = { ...check, config: config as WalkForwardWish['config'] };
      const walked = await walkForward(bars, wish, trySetOf({ subject, lots: settings.lots, keepLedger: needsTrades(check.goal), run }), onProgress);
      return walked ?? tooLittle(`at least ${LEAST_OUT_BARS * (check.windows + IN_TO_OUT)} candles for ${check.windows} windows`);
    }
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

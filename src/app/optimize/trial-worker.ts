/** Whoever runs trials: keeps one history in memory and answers task after task. Plain data in, plain data out, so that it may sit in a thread. */
import { BarColumns, MAX_COLUMNS, type SharedColumns } from '#core/bars/bar-columns.ts';
import { unitsOf } from '#core/bars/bar-units.ts';
import { AppError } from '#core/errors.ts';
import { type FigureSource, planFigures } from '#core/figure-plan.ts';
import type { Allocate } from '#core/indicator-batch.ts';
import { Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import { isOwnStrategy } from '#core/sandbox/program-store.ts';
import type { Strategy } from '#core/strategy.ts';
import { runBacktest } from '../backtest/backtest.ts';
import type { BacktestSettings } from '../backtest/backtest-settings.ts';
import { runLegsBacktest } from '../backtest/legs/legs-backtest.ts';
import { legsOptions } from '../backtest/legs/legs-task.ts';
import { rehearsed } from '../own-strategies/playback.ts';
import { legsTrialFigures, type TrialFigures, trialFigures } from './trial-figures.ts';
import { historyFrom, type Part, partsOf, type TrialHistory } from './trial-history.ts';

export type Config = Readonly<Record<string, unknown>>;

/** What became of a set. */
export type TrialOutcome =
  | { readonly state: 'done'; readonly figures: TrialFigures }
  /** The strategy does not take these settings together, or not on these candles. */
  | { readonly state: 'refused'; readonly reason: string }
  /** Given up after the first part of the history. */
  | { readonly state: 'pruned' };

export type TrialTask =
  /** Takes bars as they are kept; the answer is for everybody to begin with. */
  | { readonly type: 'read'; readonly bytes: Uint8Array; readonly outOfSample: number }
  | { readonly type: 'begin'; readonly settings: BacktestSettings; readonly history: TrialHistory; readonly withTrades: boolean }
  /** Computes the figures that rules look at with these settings, those of `place` in every `of`. */
  | { readonly type: 'columns'; readonly configs: readonly Config[]; readonly place: number; readonly of: number }
  | { readonly type: 'adopt'; readonly columns: readonly SharedColumns[] }
  /** `rehearsed`: what a user's own strategy has wished for with these settings over this part. */
  | { readonly type: 'run'; readonly config: Config; readonly part: Part; readonly rehearsed?: RehearsedRun };

export type TrialAnswer =
  | { readonly type: 'read'; readonly history: TrialHistory }
  | { readonly type: 'columns'; readonly columns: readonly SharedColumns[] }
  | { readonly type: 'ran'; readonly outcome: TrialOutcome }
  | { readonly type: 'noted' };

/** Memory that figures shared by trials may take. */
export const MAX_SHARED_BYTES = 512 * 1024 * 1024;

interface Begun {
  /** `null` for a user's own, which comes with each set. */
  readonly strategy: Strategy | null;
  readonly settings: BacktestSettings;
  readonly withTrades: boolean;
  readonly parts: ReturnType<typeof partsOf>;
  /** Over the part the search sees. */
  readonly columns: BarColumns;
}

export class TrialWorker {
  readonly #strategies: ReadonlyMap<string, Strategy>;
  readonly #allocate: Allocate;
  #begun: Begun | null = null;

  /** `allocate` makes the columns that go into answers. */
  constructor(strategies: ReadonlyMap<string, Strategy>, allocate: Allocate) {
    this.#strategies = strategies;
    this.#allocate = allocate;
  }

  /** Throws AppError `strategy_changed`; what a strategy says of single sets is an outcome. */
  answer(task: TrialTask): TrialAnswer {
    switch (task.type) {
      case 'read':
        return { type: 'read', history: historyFrom(task.bytes, task.outOfSample, this.#allocate) };
      case 'begin':
        this.#begin(task);
        return { type: 'noted' };
      case 'columns':
        return { type: 'columns', columns: this.#columns(task.configs, task.place, task.of) };
      case 'adopt':
        this.#present.columns.adopt(task.columns);
        return { type: 'noted' };
      case 'run':
        return { type: 'ran', outcome: this.#run(task) };
    }
  }

  /** Lets go of everything; somebody else begins another time. */
  forget(): void {
    this.#begun = null;
  }

  get #present(): Begun {
    if (this.#begun === null) throw new Error('a worker is told to begin before anything else');
    return this.#begun;
  }

  #begin({ settings, history, withTrades }: Extract<TrialTask, { readonly type: 'begin' }>): void {
    const strategy = isOwnStrategy(settings.strategy) ? null : (this.#strategies.get(settings.strategy) ?? null);
    if (!isOwnStrategy(settings.strategy) && strategy?.version !== settings.strategyVersion)
      throw new AppError('strategy_changed', `version ${settings.strategyVersion} of ${settings.strategy} is not here any more`);
    const parts = partsOf(history);
    this.#begun = { strategy, settings, withTrades, parts, columns: new BarColumns(parts.inSample.bars, this.#allocate) };
  }

  #columns(configs: readonly Config[], place: number, of: number): readonly SharedColumns[] {
    const { strategy, settings, columns } = this.#present;
    const rule = strategy?.rule;
    if (strategy === null || rule === undefined) return [];
    const sources = new Map<string, FigureSource>();
    for (const config of configs) {
      const parsed = parseParams(strategy.params, config);
      if (parsed.ok) for (const source of planFigures(rule.figures(parsed.value)).sources) sources.set(source.key, source);
    }
    const width = [...sources.values()].reduce((sum, { indicator }) => sum + indicator.outputs.length, 0);
    if (sources.size > MAX_COLUMNS || width * columns.bars.length * Float64Array.BYTES_PER_ELEMENT > MAX_SHARED_BYTES) return [];
    const units = unitsOf(rule, new Scale(settings.instrument));
    for (const [index, source] of [...sources.values()].entries()) if (index % of === place) columns.indicator(source, units);
    return columns.share();
  }

  #run({ config, part, rehearsed: told }: Extract<TrialTask, { readonly type: 'run' }>): TrialOutcome {
    const { settings, withTrades, parts, columns } = this.#present;
    const own = told === undefined ? null : rehearsed(told);
    const strategy = own?.strategy ?? this.#present.strategy;
    if (strategy === null) throw new Error("sets of a user's own strategy come with what it wished for");
    const { instrument, venue, lots } = settings;
    const { bars, history, others } = parts[part];
    if (bars.length === 0) return { state: 'refused', reason: 'there are no candles for it' };
    const shared = bars === columns.bars && columns.share().length > 0 ? { columns } : {};
    const more = { ...(history === null ? {} : { history }), ...shared, ...(own === null ? {} : { heard: own.wishes }) };
    try {
      if (others.length > 0)
        return {
          state: 'done',
          figures: legsTrialFigures(
            runLegsBacktest(legsOptions({ ...settings, config }, strategy, [{ bars }, ...others.map((each) => ({ bars: each }))])),
            lots,
          ),
        };
      const result = runBacktest({ strategy, config, instrument, bars, venue, keepLedger: withTrades, ...more });
      if (own?.wishes.isSpent === false) return { state: 'refused', reason: 'the strategy is out of step with its backtest' };
      return { state: 'done', figures: trialFigures(result, lots) };
    } catch (error) {
      if (error instanceof AppError || error instanceof RangeError) return { state: 'refused', reason: error.message };
      throw error;
    }
  }
}

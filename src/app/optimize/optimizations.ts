/** A user's optimisations: asked for, watched, paused and gone on with, and their results made into bots. The work itself is jobs (work.ts). */

import type { BotWarning, Mode } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import type { Jobs } from '#core/jobs.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import { type Issue, parseParams } from '#core/params.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { OptimizationRecord, OptimizationResult } from '#core/store/optimizations.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Backtests } from '../backtest/backtests.ts';
import type { NewBacktest } from '../backtest/new-backtest.ts';
import type { Bots } from '../bots/bots.ts';
import { missing } from '../missing.ts';
import { anyStrategy } from '../own-strategies/any-strategy.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import { type Goal, goalIssues } from './goal.ts';
import { chunksOf, type OptimizationSettings } from './optimization-settings.ts';
import { POPULATION } from './searches/evolution.ts';
import { SEARCHES } from './searches/index.gen.ts';
import { configAt, type RangeWish, readSpace, sizeOf } from './space.ts';
import { askForWork } from './work.ts';

/** Optimisations of one user that wait, run or are paused. */
export const MAX_UNFINISHED_OPTIMIZATIONS = 2;
/** Optimisations of one user that are kept; then some must be deleted. */
export const MAX_KEPT_OPTIMIZATIONS = 50;
/** Sets that one tries. */
export const MAX_TRIALS = 10_000;
/** Share of the history that may be kept from the search. */
export const MAX_OUT_OF_SAMPLE = 0.9;
/** Trials of one piece of work: what a worker that dies may lose. Each has at least what the threads of a machine share out. */
export const MOST_CHUNK_TRIALS = 100;
export const LEAST_CHUNK_TRIALS = 8;
/** Candles that the trials of one piece of work go over, about: some seconds of work, so that asking for pieces is little beside it. */
const CHUNK_CANDLES = 100_000_000;
/** The same over several instruments: each step goes through a whole exchange, and some strategies look several times within a candle. */
const CHUNK_LEG_CANDLES = 200_000;

export interface OptimizationsParts {
  readonly store: Pick<Store, 'optimizations' | 'backtests'>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies. */
  readonly own?: OwnStrategies | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: () => Promise<Jobs>;
  readonly bots: Bots;
  readonly backtests: Backtests;
}

export interface NewOptimization {
  /** `config` has the settings that are not varied. */
  readonly backtest: NewBacktest;
  readonly ranges: Readonly<Record<string, RangeWish>>;
  readonly search: string;
  /** Left out for a search that tries everything. */
  readonly trials?: number | undefined;
  readonly seed?: number | undefined;
  readonly goal: Goal;
  readonly outOfSample: number;
  readonly pruning: boolean;
}

export class Optimizations {
  readonly #parts: OptimizationsParts;

  constructor(parts: OptimizationsParts) {
    this.#parts = parts;
  }

  /**
   * Checks everything that can be known before the candles are, keeps it and asks for the work. Throws AppError `strategy_unknown`,
   * `exchange_unknown`, `symbol_unknown`, `validation_failed`, `backtest_too_large` or `too_many_kept`.
   */
  async create(userId: string, wanted: NewOptimization): Promise<OptimizationRecord> {
    const { store, ids, clock, jobs } = this.#parts;
    const id = ids.next();
    const settings = await this.#settings(userId, wanted, id);
    const trials = chunksOf(settings).reduce((sum, chunk) => sum + chunk.trials, 0);
    const limits = { unfinished: MAX_UNFINISHED_OPTIMIZATIONS, kept: MAX_KEPT_OPTIMIZATIONS };
    const made = await store.optimizations.create({ id, userId, name: wanted.backtest.name, settings: { ...settings }, trials, at: clock.now() }, limits);
    if (made === 'unfinished') throw new AppError('too_many_kept', `${MAX_UNFINISHED_OPTIMIZATIONS} of your optimisations are not over yet.`);
    if (made === 'kept') throw new AppError('too_many_kept', `You have ${MAX_KEPT_OPTIMIZATIONS} optimisations; delete some.`);
    await askForWork(await jobs(), id, ['prepare']);
    return made;
  }

  list(userId: string, page: PageRequest): Promise<Page<OptimizationRecord>> {
    return this.#parts.store.optimizations.list(userId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<OptimizationRecord> {
    return (await this.#parts.store.optimizations.get(userId, id)) ?? missing();
  }

  /** What is being computed is finished and kept, nothing new is begun. Throws AppError `not_found`, and `job_state_conflict` when it is over or paused. */
  pause(userId: string, id: string): Promise<OptimizationRecord> {
    return this.#change(userId, id, 'paused');
  }

  /** Goes on where it stood. Throws AppError `not_found`, and `job_state_conflict` when it is not paused. */
  async resume(userId: string, id: string): Promise<OptimizationRecord> {
    const resumed = await this.#change(userId, id, 'running');
    await askForWork(await this.#parts.jobs(), id, ['prepare']);
    return resumed;
  }

  /** Ends it without results. Throws AppError `not_found`, and `job_state_conflict` when it is over. */
  cancel(userId: string, id: string): Promise<OptimizationRecord> {
    return this.#change(userId, id, 'cancelled');
  }

  /** Throws AppError `not_found`. */
  async remove(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.optimizations.remove(userId, id))) missing();
  }

  /** The best first. Throws AppError `not_found`, and `backtest_unfinished` where there are none. */
  async results(userId: string, id: string, page: PageRequest): Promise<Page<OptimizationResult>> {
    await this.#done(userId, id);
    return this.#parts.store.optimizations.results(userId, id, page);
  }

  /**
   * Makes a bot of one of the results: same strategy, version and settings. One that was not tried on history that the search had not
   * seen, or lost money there, says so for ever. Throws AppError `strategy_changed` besides what making a bot does.
   */
  async deploy(userId: string, id: string, rank: number, to: { readonly name: string; readonly accountId: string; readonly mode: Mode }): Promise<BotRecord> {
    const { store, bots } = this.#parts;
    const { strategy, strategyVersion, instrument } = optimizationSettings(await this.#done(userId, id)).backtest;
    const result = (await store.optimizations.result(userId, id, rank)) ?? missing();
    const present = (await anyStrategy(this.#parts, userId, strategy)).version;
    if (present !== strategyVersion)
      throw new AppError('strategy_changed', `The optimisation ran version ${strategyVersion} of ${strategy}; this installation has version ${present}.`);
    const { bot } = await bots.create(userId, {
      ...to,
      strategy,
      symbol: instrument.symbol,
      config: result.config,
      actions: null,
      warning: warningOf(result),
    });
    return bot;
  }

  async #done(userId: string, id: string): Promise<OptimizationRecord> {
    const record = await this.get(userId, id);
    if (record.state === 'done') return record;
    throw new AppError('backtest_unfinished', `The optimisation is ${record.state}${record.failure === '' ? '.' : `: ${record.failure}`}`);
  }

  async #change(userId: string, id: string, to: 'paused' | 'running' | 'cancelled'): Promise<OptimizationRecord> {
    const { store, clock } = this.#parts;
    const outcome = await store.optimizations.change(userId, id, to, clock.now());
    const record = await this.get(userId, id);
    if (outcome === 'over') throw new AppError('job_state_conflict', `The optimisation is ${record.state}; it cannot be ${WORDS[to]}.`);
    return record;
  }

  async #settings(userId: string, wanted: NewOptimization, id: string): Promise<OptimizationSettings> {
    const strategy = await anyStrategy(this.#parts, userId, wanted.backtest.strategy);
    const space = readSpace(strategy.params, wanted.ranges);
    const issues: Issue[] = [...(space.ok ? [] : space.issues), ...goalIssues(wanted.goal), ...searchIssues({ ...wanted, most: MAX_TRIALS })];
    if (wanted.outOfSample < 0 || wanted.outOfSample > MAX_OUT_OF_SAMPLE)
      issues.push({ field: 'out_of_sample', message: `must be from 0 to ${MAX_OUT_OF_SAMPLE}` });
    if (!space.ok || issues.length > 0) throw refusal(issues);
    const fixed = fixedConfig(strategy, wanted);
    const first = configAt(
      space.axes,
      space.axes.map(() => 0),
      fixed,
    );
    const backtest = await this.#parts.backtests.settings(userId, { ...wanted.backtest, config: first });
    const { fromTrades, fundingHistory, actions } = wanted.backtest;
    if (actions !== undefined) throw refusal([{ field: 'actions', message: 'cannot be optimised with; give them to the bot that is made of a result' }]);
    if (fromTrades === true) throw refusal([{ field: 'from_trades', message: 'cannot be optimised; search over candles, and run the best over trades' }]);
    if (fundingHistory === true) throw refusal([{ field: 'models.funding_history', message: 'cannot be optimised; give funding_rate' }]);
    if (backtest.legs !== undefined && !this.#parts.strategies.has(strategy.name))
      throw refusal([{ field: 'strategy', message: 'of your own trades several instruments, and such cannot be optimised yet' }]);
    const size = sizeOf(space.axes);
    const isAll = wanted.search === 'grid';
    if (isAll && size > MAX_TRIALS)
      throw refusal([
        { field: 'ranges', message: `has ${size} sets, of which a grid tries all; ${MAX_TRIALS} are allowed, so choose larger steps or another search` },
      ]);
    const candles = await this.#candles(userId, backtest);
    return {
      // Settings that are varied come from the trial; those left out are the same in all.
      backtest: { ...backtest, config: Object.fromEntries(Object.entries(backtest.config as object).filter(([name]) => !Object.hasOwn(wanted.ranges, name))) },
      axes: space.axes,
      search: { kind: wanted.search, trials: isAll ? size : (wanted.trials ?? 0), seed: wanted.seed ?? seedOf(id) },
      goal: wanted.goal,
      outOfSample: wanted.outOfSample,
      pruning: wanted.pruning,
      chunkTrials: chunkSize(candles, backtest.legs === undefined ? CHUNK_CANDLES : CHUNK_LEG_CANDLES, wanted.search),
    };
  }

  /** Of all instruments. */
  async #candles(userId: string, { source, legs = [] }: OptimizationSettings['backtest']): Promise<number> {
    if (source.kind === 'venue') return ((source.to - source.from) / CANDLE_INTERVALS[source.interval]) * (1 + legs.length);
    const files = [source.datasetId, ...Object.values(source.legDatasetIds ?? {})];
    const known = await Promise.all(files.map((id) => this.#parts.store.backtests.dataset(userId, id)));
    return known.reduce((sum, file) => sum + (file?.candles ?? 1), 0);
  }
}

/** What an optimisation was asked for by. */
export function optimizationSettings(record: OptimizationRecord): OptimizationSettings {
  return record.settings as unknown as OptimizationSettings;
}

const WORDS = { paused: 'paused', running: 'resumed', cancelled: 'cancelled' } as const;

/** What is wrong with a way to search and the number of sets it is to try, of which there may be `most`. */
export function searchIssues({
  search,
  trials,
  most,
}: {
  readonly search: string;
  readonly trials?: number | undefined;
  readonly most: number;
}): readonly Issue[] {
  const known = SEARCHES.map(({ kind }) => kind);
  if (!known.includes(search)) return [{ field: 'search', message: `must be one of ${known.join(', ')}` }];
  if (search === 'grid') return trials === undefined ? [] : [{ field: 'trials', message: 'must be left out: a grid tries every set' }];
  return trials === undefined || trials < 1 || trials > most ? [{ field: 'trials', message: `must be given, from 1 to ${most}` }] : [];
}

/** The settings that are not varied, as they were given; naming one that is varied is a contradiction. */
function fixedConfig(strategy: Strategy, { backtest, ranges }: NewOptimization): Readonly<Record<string, unknown>> {
  const { config } = backtest;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    const parsed = parseParams(strategy.params, config);
    throw refusal(parsed.ok ? [] : parsed.issues);
  }
  const both = Object.keys(config).filter((name) => Object.hasOwn(ranges, name));
  if (both.length > 0) throw refusal(both.map((name) => ({ field: `config.${name}`, message: 'is varied by ranges; name it in one of both' })));
  return config as Readonly<Record<string, unknown>>;
}

/** Of the evolution a generation is shared out among several workers. */
function chunkSize(candles: number, most: number, search: string): number {
  const size = Math.min(MOST_CHUNK_TRIALS, Math.max(LEAST_CHUNK_TRIALS, Math.floor(most / Math.max(1, candles))));
  return search === 'evolution' ? Math.min(size, POPULATION / 2) : size;
}

/** A seed where none was given, kept with the result like one that was. */
export function seedOf(id: string): number {
  return [...id].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
}

/** What a bot made of a result carries. */
export function warningOf({ outOfSample }: OptimizationResult): BotWarning | null {
  if (outOfSample === null) return 'in_sample';
  return Number(outOfSample['profitShare']) <= 0 ? 'out_of_sample_loss' : null;
}

function refusal(issues: readonly Issue[]): AppError {
  return new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}

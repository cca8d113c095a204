/** Looks into a user's backtests afterwards: asked for, watched and read. The work itself is a job (jobs/kinds/backtest-check.ts). */

import { AppError } from '#core/errors.ts';
import type { Jobs } from '#core/jobs.ts';
import { type Issue, parseParams } from '#core/params.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { CheckRecord } from '#core/store/checks.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { settingsOf } from '../backtest/backtest-settings.ts';
import { missing } from '../missing.ts';
import { type Goal, goalIssues } from '../optimize/goal.ts';
import { searchIssues, seedOf } from '../optimize/optimizations.ts';
import { configAt, type RangeWish, readSpace, sizeOf } from '../optimize/space.ts';
import { anyStrategy } from '../own-strategies/any-strategy.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import type { CheckSettings } from './check-task.ts';

/** Checks of one user that wait or run at once. */
export const MAX_UNFINISHED_CHECKS = 4;
/** Checks of one backtest that are kept; then some must be deleted. */
export const MAX_KEPT_CHECKS = 20;
export const LEAST_WINDOWS = 2;
export const MAX_WINDOWS = 20;
/** Sets that a walk tries in each of its windows. */
export const MAX_WALK_TRIALS = 500;

/** A walk is told like an optimisation, and in how many windows; ranges replace settings of the backtest. */
export type NewCheck =
  | { readonly kind: 'look_ahead' }
  | { readonly kind: 'recursion' }
  | { readonly kind: 'monte_carlo'; readonly seed?: number | undefined }
  | {
      readonly kind: 'walk_forward';
      readonly ranges: Readonly<Record<string, RangeWish>>;
      readonly search: string;
      readonly trials?: number | undefined;
      readonly seed?: number | undefined;
      readonly goal: Goal;
      readonly windows: number;
    };

export interface ChecksParts {
  readonly store: Pick<Store, 'checks' | 'backtests'>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies. */
  readonly own?: OwnStrategies | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: () => Promise<Jobs>;
}

export class Checks {
  readonly #parts: ChecksParts;

  constructor(parts: ChecksParts) {
    this.#parts = parts;
  }

  /** Throws AppError `not_found`, `backtest_unfinished`, `strategy_unknown`, `strategy_changed`, `validation_failed` or `too_many_kept`. */
  async create(userId: string, backtestId: string, wanted: NewCheck): Promise<CheckRecord> {
    const { store, ids, clock, jobs } = this.#parts;
    const id = ids.next();
    const settings = await this.#settings(userId, backtestId, wanted, id);
    const limits = { unfinished: MAX_UNFINISHED_CHECKS, kept: MAX_KEPT_CHECKS };
    const made = await store.checks.create({ id, userId, backtestId, settings: { ...settings }, at: clock.now() }, limits);
    if (made === 'missing') return missing();
    if (made === 'unfinished') throw new AppError('too_many_kept', `${MAX_UNFINISHED_CHECKS} of your checks wait or run already.`);
    if (made === 'kept') throw new AppError('too_many_kept', `The backtest has ${MAX_KEPT_CHECKS} checks; delete some.`);
    await (await jobs()).enqueue('tasks', checkJob(id));
    return made;
  }

  /** Throws AppError `not_found`. */
  async list(userId: string, backtestId: string): Promise<readonly CheckRecord[]> {
    if ((await this.#parts.store.backtests.get(userId, backtestId)) === null) missing();
    return this.#parts.store.checks.list(userId, backtestId);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, backtestId: string, id: string): Promise<CheckRecord> {
    return (await this.#parts.store.checks.get(userId, backtestId, id)) ?? missing();
  }

  /** Throws AppError `not_found`. */
  async remove(userId: string, backtestId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.checks.remove(userId, backtestId, id))) missing();
  }

  async #settings(userId: string, backtestId: string, wanted: NewCheck, id: string): Promise<CheckSettings> {
    const record = (await this.#parts.store.backtests.get(userId, backtestId)) ?? missing();
    if (record.state !== 'done') throw new AppError('backtest_unfinished', `The backtest is ${record.state}.`);
    const backtest = settingsOf(record);
    if (backtest.source.kind === 'venue' && backtest.source.over === 'trades') {
      const issue = { field: 'id', message: 'is a backtest over trades; look into one over candles of the same span' };
      throw new AppError('validation_failed', `${issue.field} ${issue.message}`, [issue]);
    }
    const strategy = await anyStrategy(this.#parts, userId, backtest.strategy);
    if (backtest.legs !== undefined && !this.#parts.strategies.has(strategy.name)) {
      const issue = { field: 'id', message: 'is of a strategy of your own over several instruments, which cannot be looked into yet' };
      throw new AppError('validation_failed', `${issue.field} ${issue.message}`, [issue]);
    }
    if (strategy.version !== backtest.strategyVersion)
      throw new AppError(
        'strategy_changed',
        `The backtest ran version ${backtest.strategyVersion} of ${strategy.name}; this installation has version ${strategy.version}.`,
      );
    if (wanted.kind === 'look_ahead' || wanted.kind === 'recursion') return { kind: wanted.kind };
    const seed = wanted.seed ?? seedOf(id);
    if (wanted.kind === 'monte_carlo') return { kind: wanted.kind, seed };
    return walkSettings(strategy, backtest.config as Readonly<Record<string, unknown>>, wanted, seed);
  }
}

/** The job that computes one. */
export function checkJob(id: string) {
  return { kind: 'backtest_check', data: { id }, dedupeId: `backtest-check:${id}`, attempts: 2, backoffMs: 5_000 };
}

function walkSettings(
  strategy: Strategy,
  config: Readonly<Record<string, unknown>>,
  wanted: Extract<NewCheck, { readonly kind: 'walk_forward' }>,
  seed: number,
): CheckSettings {
  const { ranges, search, trials, goal, windows } = wanted;
  const space = readSpace(strategy.params, ranges);
  const issues: Issue[] = [...(space.ok ? [] : space.issues), ...goalIssues(goal), ...searchIssues({ search, trials, most: MAX_WALK_TRIALS })];
  if (windows < LEAST_WINDOWS || windows > MAX_WINDOWS) issues.push({ field: 'windows', message: `must be from ${LEAST_WINDOWS} to ${MAX_WINDOWS}` });
  if (space.ok && search === 'grid' && sizeOf(space.axes) > MAX_WALK_TRIALS)
    issues.push({ field: 'ranges', message: `has ${sizeOf(space.axes)} sets, of which a grid tries all; ${MAX_WALK_TRIALS} are allowed in each window` });
  if (!space.ok || issues.length > 0) throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
  const first = parseParams(
    strategy.params,
    configAt(
      space.axes,
      space.axes.map(() => 0),
      config,
    ),
  );
  if (!first.ok) throw new AppError('validation_failed', 'the settings of the backtest are not valid any more', first.issues);
  return { kind: 'walk_forward', axes: space.axes, search: { kind: search, trials: trials ?? sizeOf(space.axes), seed }, goal, windows };
}

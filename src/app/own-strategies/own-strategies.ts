/**
 * Users' own strategies: looked over and kept as versions that never change, found again by the bots that pin one, and
 * asked in the sandbox for what only they can say. Whatever is another user's is not there.
 */

import type { RunState } from '#core/engine/run-state.ts';
import { AppError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { FIRST_LEG } from '#core/legs/legs.ts';
import { parseParams } from '#core/params.ts';
import type { Clock, Ids } from '#core/ports.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type {
  Checked,
  PlanAnswer,
  PlanMarket,
  PlanQuestion,
  ProgramIssue,
  RehearsalLeg,
  RehearsalOptions,
  RehearsedRun,
  StrategySandbox,
} from '#core/sandbox/port.ts';
import type { Declaration, Program, ProgramFile } from '#core/sandbox/program.ts';
import { programFaults } from '#core/sandbox/program.ts';
import {
  MAX_PROGRAM_VERSIONS,
  MAX_PROGRAMS,
  type ProgramRecord,
  type ProgramVersionRecord,
  programReference,
  readReference,
} from '#core/sandbox/program-store.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { VenueModel } from '../backtest/venue-model.ts';
import { missing } from '../missing.ts';
import { OwnRun } from './own-run.ts';
import { playback, SILENT, type WishSource } from './playback.ts';

export interface OwnStrategiesParts {
  readonly store: Pick<Store, 'programs'>;
  readonly sandbox: StrategySandbox;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A version that has been found, with the name by which bots pin it. */
export interface PinnedProgram {
  readonly reference: string;
  readonly owner: string;
  readonly program: Program;
  readonly declaration: Declaration;
}

/** A run that has begun is not planned again. */
const NOT_NOW = { ok: false, issues: [] } as const;

export class OwnStrategies {
  readonly #parts: OwnStrategiesParts;

  constructor(parts: OwnStrategiesParts) {
    this.#parts = parts;
  }

  /** Looks files over and keeps nothing. Throws AppError `validation_failed` for files that are none. */
  async check(userId: string, files: readonly ProgramFile[]): Promise<Checked> {
    const faults = programFaults(files);
    if (faults.length > 0) throw new AppError('validation_failed', faults.map(({ field, message }) => `${field} ${message}`).join('; '), faults);
    return await this.#parts.sandbox.check(userId, files);
  }

  /**
   * Looks files over and keeps them as the next version of the strategy they declare. Throws AppError `program_invalid` with every
   * place to be changed, or `validation_failed`, and then nothing is kept.
   */
  async upload(
    userId: string,
    files: readonly ProgramFile[],
    note: string,
  ): Promise<{ readonly version: ProgramVersionRecord; readonly isNew: boolean; readonly checked: Checked }> {
    const checked = await this.check(userId, files);
    const { declaration, hash, issues } = checked;
    if (declaration === null) throw invalid(issues);
    const { store, ids, clock } = this.#parts;
    const { name } = declaration;
    const kept = await store.programs.add({ id: ids.next(), userId, name, hash, note, files, declaration, createdAt: clock.now() });
    if (kept === 'full')
      throw new AppError(
        'validation_failed',
        `There may be ${MAX_PROGRAMS} strategies of your own, removed ones included, and ${MAX_PROGRAM_VERSIONS} versions of each.`,
        [{ field: 'files', message: 'are one strategy or version too many' }],
      );
    return { version: await this.version(userId, name, kept.version), isNew: kept.isNew, checked };
  }

  list(userId: string): Promise<readonly ProgramRecord[]> {
    return this.#parts.store.programs.list(userId);
  }

  /** Throws AppError `not_found`. */
  async versions(userId: string, name: string): Promise<{ readonly program: ProgramRecord; readonly versions: readonly ProgramVersionRecord[] }> {
    const program = (await this.#parts.store.programs.get(userId, name)) ?? missing();
    return { program, versions: await this.#parts.store.programs.versions(userId, name) };
  }

  /** Throws AppError `not_found`. */
  async version(userId: string, name: string, version: number): Promise<ProgramVersionRecord & { readonly files: readonly ProgramFile[] }> {
    return (await this.#parts.store.programs.version(userId, name, version)) ?? missing();
  }

  /** Makes an older or newer version the one that new bots take; bots keep theirs. Throws AppError `not_found`. */
  async choose(userId: string, name: string, version: number): Promise<ProgramRecord> {
    return (await this.#parts.store.programs.choose(userId, name, version, this.#parts.clock.now())) ?? missing();
  }

  /** Throws AppError `not_found`, or `strategy_in_use` naming the bots. */
  async remove(userId: string, name: string): Promise<void> {
    const removed = await this.#parts.store.programs.remove(userId, name, this.#parts.clock.now());
    if (removed.outcome === 'missing') missing();
    if (removed.outcome === 'inUse') throw new AppError('strategy_in_use', `Bots at work with it: ${removed.bots.join(', ')}.`);
  }

  /** What a bot names as its strategy, pinned to a version; `null` for a strategy of the product. Throws AppError `strategy_unknown`. */
  async find(userId: string, strategy: string): Promise<PinnedProgram | null> {
    const reference = readReference(strategy);
    if (reference === null) return null;
    const { programs } = this.#parts.store;
    const number = reference.version ?? (await programs.get(userId, reference.name))?.version;
    const found = number === undefined ? null : await programs.version(userId, reference.name, number);
    if (found === null)
      throw new AppError('strategy_unknown', `There is no strategy "${strategy}" of yours.`, [{ field: 'strategy', message: 'is not one of your strategies' }]);
    const { declaration, files, hash, name, version } = found;
    return { reference: programReference(name, version), owner: userId, program: { hash, files }, declaration };
  }

  /** A user's own strategies under the names that stand for their present versions. */
  async described(userId: string): Promise<ReadonlyMap<string, Strategy>> {
    const found = await Promise.all((await this.list(userId)).map(({ name, version }) => this.find(userId, programReference(name, version))));
    return new Map(
      found.flatMap((pinned) => {
        if (pinned === null) return [];
        const name = pinned.reference.replace(/@.*$/, '');
        return [[name, playback(pinned.declaration, name, null, SILENT)]];
      }),
    );
  }

  /** The strategy as far as it can be described without asking it. */
  describe({ declaration, reference }: PinnedProgram): Strategy {
    return playback(declaration, reference, null, SILENT);
  }

  /** What it says of these settings. Throws AppError `validation_failed` where it fails at that. */
  async plan({ owner, program, declaration }: PinnedProgram, question: PlanQuestion): Promise<PlanAnswer> {
    const answer = await this.#parts.sandbox.plan(owner, program, question);
    if (!answer.ok) throw new AppError('validation_failed', failureText(answer.failure), [{ field: 'strategy', message: answer.failure.message }]);
    const { legName = FIRST_LEG } = declaration;
    if (answer.value.otherLegs?.some(({ name }) => name === legName) === true) {
      const message = `has two legs named "${legName}"; each needs a name of its own`;
      throw new AppError('validation_failed', `the strategy ${message}`, [{ field: 'strategy', message }]);
    }
    return answer.value;
  }

  /** The strategy with its plan for these settings. Throws as {@link plan}. */
  async planned(pinned: PinnedProgram, question: PlanQuestion, source: WishSource = SILENT): Promise<Strategy> {
    return playback(pinned.declaration, pinned.reference, await this.plan(pinned, question), source);
  }

  /** The strategy of a run, and the end that has to be asked before each event; `state` is that of the run's engine, whenever it is looked at. */
  forRun(
    { owner, program, declaration, reference }: PinnedProgram,
    recipe: RunRecipe,
    state: () => RunState,
  ): { readonly strategy: Strategy; readonly own: OwnRun } {
    const own = new OwnRun(this.#parts.sandbox.open(owner, program, recipe, state));
    return { strategy: playback(declaration, reference, { plan: NOT_NOW, bars: recipe.bars ?? [] }, own), own };
  }

  /** The strategy with the bars and the legs it wants for these settings; there is no price yet. Throws as {@link plan}. */
  async shaped(pinned: PinnedProgram, params: PlanQuestion['params'], instrument: Instrument): Promise<Strategy> {
    return await this.planned(pinned, unpriced(params, instrument));
  }

  /**
   * Sends it through a history in the sandbox. The backtest outside, with the very same options, finds out by its own engine what
   * its wishes come to. Throws AppError `validation_failed` where the program could not be run at all. `legs` are in the sequence of its wishes.
   */
  async rehearse(
    pinned: PinnedProgram,
    options: RehearsalOptions & { readonly venue?: Pick<VenueModel, 'feeAsset' | 'halfSpreadTicks'> },
  ): Promise<RehearsedRun> {
    const { owner, program, declaration, reference } = pinned;
    const { config, instrument, bars, legs = [], venue = {} } = options;
    const parsed = parseParams(declaration.params, config);
    if (!parsed.ok) throw new AppError('validation_failed', parsed.issues.map(({ field, message }) => `${field} ${message}`).join('; '), parsed.issues);
    const market = ({ instrument: of, bars: { openTicks } }: RehearsalLeg): PlanMarket => {
      const [half, open] = [venue.halfSpreadTicks ?? 0, openTicks[0] ?? 0];
      // Of several instruments none may have so low a price that nothing is bid.
      const bidTicks = legs.length === 0 ? open - half : Math.max(1, open - half);
      return { instrument: of, feeAsset: of.kind === 'perpetual' ? 'quote' : (venue.feeAsset ?? 'received'), bidTicks, askTicks: open + half };
    };
    const wishes = legs.length === 0 ? [] : ((await this.plan(pinned, unpriced(parsed.value, instrument))).otherLegs ?? []);
    const others = legs.map((leg, index) => ({ name: wishes[index]?.name ?? '', ...market(leg) }));
    const question = { params: parsed.value, ...market({ instrument, bars }), ...(others.length === 0 ? {} : { otherLegs: others }) };
    const planned = await this.plan(pinned, question);
    const rehearsal = await this.#parts.sandbox.rehearse(owner, program, options);
    if (!rehearsal.ok) throw new AppError('validation_failed', failureText(rehearsal.failure), [{ field: 'strategy', message: rehearsal.failure.message }]);
    return { reference, declaration, planned, rehearsal: rehearsal.value };
  }
}

function unpriced(params: PlanQuestion['params'], instrument: Instrument): PlanQuestion {
  return { params, instrument, feeAsset: 'received', bidTicks: 0, askTicks: 0 };
}

function invalid(issues: readonly ProgramIssue[]): AppError {
  const named = issues.map(({ file, line, column, message, remedy }) => ({ field: `${file}:${line}:${column}`, message: `${message} ${remedy}` }));
  return new AppError(
    'program_invalid',
    named
      .map(({ field, message }) => `${field} ${message}`)
      .join('; ')
      .slice(0, 2_000),
    named,
  );
}

/**
 * The sandbox of users' strategies: processes of their own by user, for runs and for work apart, each with an isolate per
 * program. A program that hits a limit is asked once more, alone; then it is its own fault, and it alone is stopped.
 */
import { createHash } from 'node:crypto';
import type { Bars } from '#core/bars/bars.ts';
import type { RunState } from '#core/engine/run-state.ts';
import { PortError } from '#core/errors.ts';
import type { Event } from '#core/events.ts';
import type { Instrument } from '#core/instrument.ts';
import { oneLine, placeIn, readDeclared, readDone, readPlanAnswer, readRehearsal, readStepAnswer, readTrial } from '#core/sandbox/answers.ts';
import type {
  Answer,
  Checked,
  HistoryKeys,
  PlanQuestion,
  ProgramIssue,
  RehearsalOptions,
  RehearsalWay,
  SandboxedRun,
  SandboxFailure,
  StepAnswer,
  StrategySandbox,
} from '#core/sandbox/port.ts';
import type { Program, ProgramFile } from '#core/sandbox/program.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { CageProcess, CageReply, GuestPaths } from './cage-process.ts';
import { LIMITS, POOL_LIMITS, type PoolLimits } from './limits.ts';
import type { Question } from './messages.ts';
import { CagePool } from './pool.ts';

/** `limits` replaces single limits on processes. */
export function openSandbox(paths: GuestPaths, limits: Partial<PoolLimits> = {}): StrategySandbox {
  return new CagedSandbox(paths, { ...POOL_LIMITS, ...limits });
}

class CagedSandbox implements StrategySandbox {
  readonly #pool: CagePool;
  /** Which history a process knows under which number. */
  readonly #histories = new WeakMap<Bars, number>();
  readonly #known = new WeakMap<CageProcess, number[]>();
  /** The end of each user's newest backtest. */
  readonly #rehearsing = new Map<string, Promise<void>>();
  #lastKey = 0;

  constructor(paths: GuestPaths, limits: PoolLimits) {
    this.#pool = new CagePool(paths, limits);
  }

  async check(owner: string, files: readonly ProgramFile[]): Promise<Checked> {
    const hash = digestOf(files);
    const refused = (issues: readonly ProgramIssue[]): Checked => ({ hash, issues, declaration: null, trial: NO_TRIAL });
    const asked = await this.#work(owner, { op: 'check', files }, LIMITS.loadMs * 2 + LIMITS.trialMs);
    const main = files[0]?.path ?? '';
    if (asked.reply?.ok !== true) return refused([issueOf(failureOf(asked, 'While it was loaded and tried out'), main)]);
    const issues = (asked.reply.issues ?? []).map(readIssue);
    if (issues.length > 0) return refused(issues);
    const declared = readDeclared(asked.text);
    if (!declared.ok) return refused([issueOf(declared.failure, main)]);
    const trial = readTrial(asked.reply.trial ?? '');
    if (trial.failure !== null) return refused([issueOf(trial.failure, main)]);
    const typeIssues = await this.#typeIssues(owner, files);
    if (typeIssues.length > 0) return refused(typeIssues);
    return { hash, issues: [], declaration: declared.value, trial };
  }

  async #typeIssues(owner: string, files: readonly ProgramFile[]): Promise<readonly ProgramIssue[]> {
    if (!files.some(({ path }) => path.endsWith('.ts'))) return [];
    const asked = await this.#work(owner, { op: 'types', files }, LIMITS.typesMs);
    if (asked.reply?.ok === true) return (asked.reply.issues ?? []).map(readIssue);
    return [issueOf(failureOf(asked, 'While its types were checked'), files[0]?.path ?? '')];
  }

  async plan(owner: string, { files, hash }: Program, question: PlanQuestion): ReturnType<StrategySandbox['plan']> {
    const asked = await this.#work(owner, { op: 'plan', files, hash, question: JSON.stringify(question) }, LIMITS.loadMs + LIMITS.planMs);
    return asked.reply?.ok === true ? readPlanAnswer(asked.text) : { ok: false, failure: failureOf(asked, 'In plan') };
  }

  /** One user's go one after the other: they share a process, and the histories it has room for. */
  rehearse(owner: string, program: Program, options: RehearsalOptions): ReturnType<StrategySandbox['rehearse']> {
    const before = this.#rehearsing.get(owner) ?? Promise.resolve();
    const present = before.then(() => this.#rehearse(owner, program, options));
    const settled = present.then(
      () => undefined,
      () => undefined,
    );
    this.#rehearsing.set(owner, settled);
    void settled.then(() => this.#rehearsing.get(owner) === settled && this.#rehearsing.delete(owner));
    return present;
  }

  async #rehearse(owner: string, { files, hash }: Program, options: RehearsalOptions): ReturnType<StrategySandbox['rehearse']> {
    const { bars, history, legs, ...rest } = options;
    const cage = this.#pool.worker(owner);
    const needed = [options, ...(legs ?? [])].flatMap((each) => (each.history === undefined ? [each.bars] : [each.bars, each.history]));
    const keys = needed.map((each) => this.#keyOf(each));
    const hand = async (each: Pick<RehearsalOptions, 'bars' | 'history'>): Promise<HistoryKeys> => ({
      bars: await this.#hand(cage, each.bars, keys),
      history: each.history === undefined ? null : await this.#hand(cage, each.history, keys),
    });
    const first = await hand({ bars, history });
    const others: (HistoryKeys & { readonly instrument: Instrument })[] = [];
    for (const leg of legs ?? []) others.push({ instrument: leg.instrument, ...(await hand(leg)) });
    const way: RehearsalWay = legs === undefined ? rest : { ...rest, legs: others };
    const question: Question = { op: 'rehearse', files, hash, options: JSON.stringify(way), ...first, legs: others.flatMap(keysOf) };
    const asked = await cage.ask(question, LIMITS.loadMs + LIMITS.rehearsalMs + LIMITS.graceMs);
    return asked.reply?.ok === true ? readRehearsal(asked.text) : { ok: false, failure: failureOf(asked, 'In the backtest') };
  }

  open(owner: string, program: Program, recipe: RunRecipe, state: () => RunState): SandboxedRun {
    return new CagedRun(this.#pool, owner, program, recipe, state);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #work(owner: string, question: Question, withinMs: number): Promise<CageReply> {
    return this.#pool.worker(owner).ask(question, withinMs + LIMITS.graceMs);
  }

  #keyOf(bars: Bars): number {
    const key = this.#histories.get(bars) ?? ++this.#lastKey;
    this.#histories.set(bars, key);
    return key;
  }

  /** Gives a process a history unless it has it, in the place of old ones that are not needed now; its number there. */
  async #hand(cage: CageProcess, bars: Bars, needed: readonly number[]): Promise<number> {
    const key = this.#keyOf(bars);
    const known = this.#known.get(cage) ?? [];
    if (known.includes(key)) return key;
    const idle = known.filter((each) => !needed.includes(each));
    const drop = idle.slice(0, Math.max(0, known.length + 1 - LIMITS.histories));
    this.#known.set(cage, [...known.filter((each) => !drop.includes(each)), key]);
    const { startAt, openTicks, highTicks, lowTicks, closeTicks, volumeLots, length, intervalMs } = bars;
    const columns = [startAt, openTicks, highTicks, lowTicks, closeTicks, volumeLots].map(
      (each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength),
    );
    await cage.ask({ op: 'history', key, length, intervalMs, drop }, LIMITS.rehearsalMs, columns);
    return key;
  }
}

function keysOf({ bars, history }: HistoryKeys): readonly number[] {
  return history === null ? [bars] : [bars, history];
}

const HOUR_MS = 3_600_000;

/** A run's strategy in one of the processes of its user; begun anew, from the state outside, where that process is no more. */
class CagedRun implements SandboxedRun {
  readonly #pool: CagePool;
  readonly #owner: string;
  readonly #program: Program;
  readonly #recipe: string;
  readonly #state: () => RunState;
  #cage: CageProcess | null = null;
  #number = 0;
  #isOver = false;
  #chances: number[] = [];

  constructor(pool: CagePool, owner: string, program: Program, recipe: RunRecipe, state: () => RunState) {
    this.#pool = pool;
    this.#owner = owner;
    this.#program = program;
    this.#recipe = JSON.stringify(recipe);
    this.#state = state;
  }

  async step(event: Event): Promise<StepAnswer> {
    let tried = await this.#try(event, false);
    if ('failure' in tried && tried.isLimit && this.#hasChance()) {
      // A neighbour or a busy machine may have been the reason: once more, in a process of its own.
      this.#leave();
      tried = await this.#try(event, true);
    }
    if (!('failure' in tried)) return tried.answer;
    this.close();
    return { tells: [], state: null, figures: null, failure: tried.failure };
  }

  /** A program that fills its memory bit by bit would get a new one for ever. */
  #hasChance(): boolean {
    const now = performance.now();
    this.#chances = this.#chances.filter((at) => now - at < HOUR_MS);
    if (this.#isOver || this.#chances.length >= LIMITS.secondChances) return false;
    this.#chances.push(now);
    return true;
  }

  close(): void {
    this.#isOver = true;
    this.#leave();
  }

  async #try(event: Event, isAlone: boolean): Promise<{ readonly answer: StepAnswer } | { readonly failure: SandboxFailure; readonly isLimit: boolean }> {
    if (this.#isOver) return { failure: { kind: 'crashed', message: 'The strategy has been stopped.', at: null }, isLimit: false };
    const cage = this.#cage;
    if (cage === null || cage.isOver) {
      const opened = await this.#open(isAlone);
      if (!opened.ok) return { failure: opened.failure, isLimit: opened.failure.kind !== 'threw' };
    }
    if (this.#cage === null) return { failure: CRASHED, isLimit: true };
    const asked = await this.#cage.ask({ op: 'step', run: this.#number, event: JSON.stringify(event) }, LIMITS.stepMs + LIMITS.graceMs);
    // Nothing it did: asked again at once, in a process started anew; the pool says how often.
    if (asked.reply === null && asked.reason === 'lost') return this.#try(event, isAlone);
    if (asked.reply?.ok !== true) return { failure: failureOf(asked, `At ${event.type}`), isLimit: true };
    const answer = readStepAnswer(asked.text);
    return answer.ok ? { answer: answer.value } : { failure: answer.failure, isLimit: false };
  }

  async #open(isAlone: boolean): Promise<Answer<null>> {
    const seat = this.#pool.seat(this.#owner, isAlone);
    this.#cage = seat.cage;
    this.#number = seat.run;
    const question = { op: 'open', run: seat.run, files: this.#program.files, recipe: this.#recipe, state: JSON.stringify(this.#state()) } as const;
    const asked = await seat.cage.ask(question, LIMITS.loadMs * 2 + LIMITS.graceMs);
    return asked.reply?.ok === true ? readDone(asked.text) : { ok: false, failure: failureOf(asked, 'While it was loaded') };
  }

  #leave(): void {
    if (this.#cage !== null) this.#pool.leave(this.#cage, this.#number);
    this.#cage = null;
  }
}

/** A machine without room for a process may have some soon. */
const RETRY_AFTER_MS = 10_000;

const CRASHED: SandboxFailure = { kind: 'crashed', message: 'The process of the strategy came to an end.', at: null };

/** Why there was no answer, in words for the author. Throws PortError `sandbox_unavailable` where no program is to blame. */
function failureOf(asked: CageReply, where: string): SandboxFailure {
  if (asked.reply === null && (asked.reason === 'unavailable' || asked.reason === 'lost'))
    throw new PortError('sandbox_unavailable', 'a process for strategies of users could not be started', { outcome: 'failed', retryAfterMs: RETRY_AFTER_MS });
  if (asked.reply === null)
    return asked.reason === 'time'
      ? { kind: 'time', message: `${where} the strategy took longer than it may.`, at: null }
      : { ...CRASHED, message: `${where} the process of the strategy came to an end: it took more memory than it may, or crashed.` };
  if (asked.reply.ok) return CRASHED;
  const { limit, message, stack } = asked.reply;
  if (limit === 'time') return { kind: 'time', message: `${where} the strategy took longer than it may.`, at: placeIn(stack) };
  if (limit === 'memory') return { kind: 'memory', message: `${where} the strategy took more memory than it may (${LIMITS.runMemoryMiB} MiB).`, at: null };
  return { kind: 'threw', message: `${where} the strategy failed: ${oneLine(message)}`, at: placeIn(stack) };
}

const NO_TRIAL = { isDone: false, orders: 0, note: 'The program was not tried out.' } as const;

/** The same files have the same digest, whatever machine they are on. */
function digestOf(files: readonly ProgramFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${path.length}:${path}${text.length}:${text}`);
  return hash.digest('hex');
}

function issueOf({ message, at }: SandboxFailure, main: string): ProgramIssue {
  return { file: at?.file ?? main, line: at?.line ?? 1, column: at?.column ?? 1, message, remedy: 'Correct this and check again.' };
}

function readIssue(given: unknown): ProgramIssue {
  const { file, line, column, message, remedy } = given as Record<string, unknown>;
  const whole = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 1);
  return { file: oneLine(String(file)), line: whole(line), column: whole(column), message: oneLine(String(message)), remedy: oneLine(String(remedy)) };
}

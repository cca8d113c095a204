/**
 * The strategy of a run that lives in a sandbox. Before the engine takes an event, the strategy is asked what it makes of
 * it; then the engine steps as ever, and the wishes come in where the strategy would have acted. Whatever goes wrong over
 * there is a reason to end this run, and no other.
 */
import type { Command } from '#core/commands.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Event } from '#core/events.ts';
import type { SandboxedRun, SandboxFailure, StepAnswer, Wish } from '#core/sandbox/port.ts';
import { isPossible } from '#core/sandbox/wishes.ts';
import type { Context } from '#core/strategy.ts';
import type { KeptState, WishSource } from './playback.ts';

/** Timers a strategy may have waiting. */
export const MAX_TIMERS = 100;
/** Orders in a row that risk refused. */
export const MAX_REFUSED_IN_A_ROW = 500;
/** Facts its user is told within an hour; those beyond are left out. */
export const MAX_REPORTS = 60;
const HOUR_MS = 3_600_000;

const NOTHING: readonly Wish[] = [];
const NO_ANSWER: StepAnswer = { tells: [], state: null, figures: null, failure: null };

export class OwnRun implements WishSource {
  readonly #sandboxed: SandboxedRun;
  #answer: StepAnswer = NO_ANSWER;
  #told = 0;
  #refused = 0;
  #failure: SandboxFailure | null = null;

  constructor(sandboxed: SandboxedRun) {
    this.#sandboxed = sandboxed;
  }

  /** Why the strategy is not asked any more; `null` while all is well. */
  get failure(): SandboxFailure | null {
    return this.#failure;
  }

  /** Asks the strategy about the event that the engine takes next. */
  async prepare(event: Event): Promise<void> {
    this.#told = 0;
    this.#answer = this.#failure === null ? await this.#sandboxed.step(event) : NO_ANSWER;
    if (this.#answer.failure !== null) this.#fail(this.#answer.failure);
  }

  next(context: Context, state: KeptState): readonly Wish[] {
    const { tells, figures, state: json } = this.#answer;
    const wishes = tells[this.#told];
    this.#told += 1;
    if (json !== null) state.json = json;
    if (figures !== null) state.figures = figures;
    if (wishes?.every((wish) => isPossible(context, wish)) === true) return withinReports(wishes, context.at, state);
    if (this.#failure === null) this.#fail(outOfStep());
    return NOTHING;
  }

  /** After the engine's step: whether the strategy's side has taken the same one, and keeps within bounds. */
  settle(commands: readonly Command[], { timers }: RunState): void {
    if (this.#failure !== null) return;
    for (const { type } of commands) {
      if (type === 'denyOrder') this.#refused += 1;
      else if (type === 'submitOrder') this.#refused = 0;
    }
    if (this.#told !== this.#answer.tells.length) this.#fail(outOfStep());
    else if (this.#refused > MAX_REFUSED_IN_A_ROW) this.#fail(tooMuch(`More than ${MAX_REFUSED_IN_A_ROW} orders in a row were refused.`));
    else if (Object.keys(timers).length > MAX_TIMERS) this.#fail(tooMuch(`The strategy has more than ${MAX_TIMERS} timers waiting.`));
  }

  close(): void {
    this.#sandboxed.close();
  }

  #fail(failure: SandboxFailure): void {
    this.#failure = failure;
    this.#sandboxed.close();
  }
}

/** The strategy has seen something else than the run: it has changed what it was only shown, or its answers are made up. */
function outOfStep(): SandboxFailure {
  return { kind: 'lied', message: 'The strategy is out of step with its run: it changed what it was only shown, or its answers are made up.', at: null };
}

function tooMuch(message: string): SandboxFailure {
  return { kind: 'output', message, at: null };
}

/** Leaves out reports beyond what a user can read; the same for every replay, since time is the event's. */
function withinReports(wishes: readonly Wish[], at: number, state: KeptState): readonly Wish[] {
  if (!wishes.some(([type]) => type === 'report')) return wishes;
  if (at - state.reportsSince >= HOUR_MS) {
    state.reportsSince = at;
    state.reports = 0;
  }
  return wishes.filter(([type]) => type !== 'report' || ++state.reports <= MAX_REPORTS);
}

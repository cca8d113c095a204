/** A user's strategy under observation: every call is counted, its wishes are told, and its first error silences it. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import type { Wish } from '#core/sandbox/port.ts';
import type { Context, Strategy, StrategyEvent } from '#core/strategy.ts';
import { enterEvent } from './realm.ts';
import { Recorder } from './recorder.ts';

/** What a program threw, as texts. */
export interface Fault {
  readonly kind: 'threw' | 'output' | 'state';
  readonly message: string;
  readonly stack: string;
}

/** Characters of an error's message and of its stack that are looked at. */
const MAX_MESSAGE = 300;
const MAX_STACK = 4_000;

export class Observed {
  readonly strategy: Strategy;
  /** Calls so far, the present one included. */
  tells = 0;
  fault: Fault | null = null;
  /** The call in which it failed. */
  failedTell = 0;
  /** What the strategy threw; compared by identity only. */
  error: unknown = null;
  readonly #recorder = new Recorder();
  readonly #onWishes: (tell: number, wishes: readonly Wish[]) => void;
  readonly #isMoved: boolean;

  /** `isMoved`: its state goes through JSON before every call, as when a run moves from one process to another each time. */
  constructor(own: Strategy, onWishes: (tell: number, wishes: readonly Wish[]) => void, isMoved = false) {
    this.#onWishes = onWishes;
    this.#isMoved = isMoved;
    this.strategy = {
      ...own,
      start: (context, params) => this.#start(own, context, params),
      on: (context, state, event, params) => this.#on(own, context, state, event, params),
    };
  }

  #start(own: Strategy, context: Context, params: ParamsOf<ParamsSpec>): unknown {
    this.#begin(context);
    try {
      const state = own.start(this.#recorder.begin(context), params);
      if (typeof state !== 'object' || state === null) throw new TypeError('start must return its state, a plain object');
      this.#onWishes(this.tells, this.#recorder.take());
      return state;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #on(own: Strategy, context: Context, state: unknown, event: StrategyEvent, params: ParamsOf<ParamsSpec>): void {
    this.#begin(context);
    if (this.fault !== null) return;
    try {
      if (this.#isMoved) move(state as Record<string, unknown>);
      const result: unknown = own.on(this.#recorder.begin(context), state, event, params);
      if (result !== undefined) throw new TypeError('on must return nothing; it cannot be async, and its state is changed in place');
      this.#onWishes(this.tells, this.#recorder.take());
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #begin(context: Context): void {
    this.tells += 1;
    enterEvent(context.at, this.tells);
  }

  #fail(error: unknown): unknown {
    this.#recorder.take();
    if (this.fault !== null) return error;
    this.error = error;
    this.fault = faultOf(error);
    this.failedTell = this.tells;
    return error;
  }
}

/** What JSON makes of a state, in its place. */
function move(state: Record<string, unknown>): void {
  const copy = JSON.parse(JSON.stringify(state)) as Record<string, unknown>;
  for (const name of Object.keys(state)) delete state[name];
  Object.assign(state, copy);
}

/** An error as texts; whatever reading it does, it does inside. */
export function faultOf(error: unknown): Fault {
  try {
    if (typeof error !== 'object' || error === null) return { kind: 'threw', message: `${typeof error}: ${String(error)}`.slice(0, MAX_MESSAGE), stack: '' };
    const { name, message, stack } = error as Partial<Error>;
    const text = `${String(name)}: ${String(message)}`;
    return { kind: 'threw', message: text.slice(0, MAX_MESSAGE), stack: String(stack).slice(0, MAX_STACK) };
  } catch {
    return { kind: 'threw', message: 'an error that cannot be read', stack: '' };
  }
}

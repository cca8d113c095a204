/** A user's strategy under observation: every call is counted, its wishes are told, and its first error silences it. */

import type { BarClosed } from '#core/events.ts';
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import type { Tell, Wish } from '#core/sandbox/port.ts';
import { carryOut } from '#core/sandbox/wishes.ts';
import type { Context, Strategy, StrategyEvent } from '#core/strategy.ts';
import { type EventInHand, enterEvent } from './realm.ts';
import { type BarAhead, Recorder } from './recorder.ts';

/** What a program threw, as texts. */
export interface Fault {
  readonly kind: 'threw' | 'output' | 'state';
  readonly message: string;
  readonly stack: string;
}

/** Characters of an error's message and of its stack that are looked at. */
const MAX_MESSAGE = 300;
const MAX_STACK = 4_000;
const NOTHING: readonly Wish[] = [];

/** Hears a bar before the engine is told of it; answers whether something was asked for. */
export interface BarHearer {
  hear(bar: BarClosed, ahead: BarAhead): boolean;
}

export class Observed implements EventInHand, BarHearer {
  readonly strategy: Strategy;
  /** Calls so far, the present one included, and how many of them were bars. */
  tells = 0;
  bars = 0;
  fault: Fault | null = null;
  /** The call in which it failed; `null` while it has not. */
  failedAt: Tell | null = null;
  /** What the strategy threw; compared by identity only. */
  error: unknown = null;
  readonly #recorder = new Recorder();
  readonly #onWishes: (wishes: readonly Wish[], isBar: boolean) => void;
  readonly #isMoved: boolean;
  readonly #own: Strategy;
  #begun: { readonly context: Context; readonly state: unknown; readonly params: ParamsOf<ParamsSpec> } | null = null;
  #ahead: BarAhead | null = null;
  /** What was asked for at a bar of which the engine has not been told yet. */
  #early: readonly Wish[] = NOTHING;
  #inHand: { readonly at: number } | null = null;

  /** `isMoved`: its state goes through JSON before every call, as when a run moves from one process to another each time. */
  constructor(own: Strategy, onWishes: (wishes: readonly Wish[], isBar: boolean) => void, isMoved = false) {
    this.#onWishes = onWishes;
    this.#isMoved = isMoved;
    this.#own = own;
    this.strategy = {
      ...own,
      start: (context, params) => this.#start(context, params),
      on: (context, state, event, params) => this.#on(context, state, event, params),
    };
  }

  /** Time of the call in hand. */
  get at(): number {
    return this.#inHand?.at ?? 0;
  }

  hear(bar: BarClosed, ahead: BarAhead): boolean {
    const begun = this.#begun;
    if (begun === null) return false;
    this.#ahead = ahead;
    this.bars += 1;
    this.#begin(ahead);
    try {
      const { context, state, params } = begun;
      this.#early = this.#call(this.#recorder.begin(context, ahead), state, bar, params);
      if (this.#early.length === 0) return false;
      this.#onWishes(this.#early, true);
      return true;
    } catch (error) {
      throw this.#fail(error, true);
    }
  }

  #start(context: Context, params: ParamsOf<ParamsSpec>): unknown {
    this.#begin(context);
    try {
      const state = this.#own.start(this.#recorder.begin(context), params);
      if (typeof state !== 'object' || state === null) throw new TypeError('start must return its state, a plain object');
      this.#onWishes(this.#recorder.take(), false);
      this.#begun = { context, state, params };
      return state;
    } catch (error) {
      throw this.#fail(error, false);
    }
  }

  #on(context: Context, state: unknown, event: StrategyEvent, params: ParamsOf<ParamsSpec>): void {
    const isBar = event.type === 'barClosed';
    if (isBar && this.#ahead?.hasHeard(context.at) === true) return this.#catchUp(context);
    if (isBar) this.bars += 1;
    this.#begin(context);
    if (this.fault !== null) return;
    try {
      if (this.#isMoved) move(state as Record<string, unknown>);
      this.#onWishes(this.#call(this.#recorder.begin(context), state, event, params), isBar);
    } catch (error) {
      throw this.#fail(error, isBar);
    }
  }

  #call(recorder: Recorder, state: unknown, event: StrategyEvent, params: ParamsOf<ParamsSpec>): readonly Wish[] {
    const result: unknown = this.#own.on(recorder, state, event, params);
    if (result !== undefined) throw new TypeError('on must return nothing; it cannot be async, and its state is changed in place');
    return recorder.take();
  }

  /** The engine has come to the bar: from now on it watches what was asked to be watched there. */
  #catchUp(context: Context): void {
    for (const wish of this.#early) if (wish[0] === 'watch') carryOut(context, wish);
    this.#early = NOTHING;
  }

  #begin(inHand: { readonly at: number }): void {
    this.tells += 1;
    this.#inHand = inHand;
    enterEvent(this);
  }

  /** The present call among those of its kind. */
  tellOf(isBar: boolean): Tell {
    return { isBar, tell: isBar ? this.bars : this.tells - this.bars };
  }

  #fail(error: unknown, isBar: boolean): unknown {
    this.#recorder.take();
    if (this.fault !== null) return error;
    this.error = error;
    this.fault = faultOf(error);
    this.failedAt = this.tellOf(isBar);
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

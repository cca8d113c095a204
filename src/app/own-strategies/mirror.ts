/**
 * The engine of a run as a sandboxed strategy sees it: the same code, setup and events as outside, so that everything the
 * strategy looks at is true. Nothing of what this engine decides leaves; only the strategy's wishes do.
 */

import { setupFrom } from '#app/run/run-setup.ts';
import { Engine } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Event } from '#core/events.ts';
import { MAX_STATE } from '#core/sandbox/answers.ts';
import type { Figures, Wish } from '#core/sandbox/port.ts';
import { isFigures } from '#core/sandbox/wishes.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';
import { type Fault, faultOf, Observed } from './observed.ts';
import type { KeptState } from './playback.ts';

const { stringify, parse } = JSON;

/** What a step leaves behind. */
export interface MirrorAnswer {
  readonly tells: readonly (readonly Wish[])[];
  readonly state: string | null;
  readonly figures: Figures | null;
  readonly fault: Fault | null;
}

export class Mirror {
  readonly #engine: Engine;
  readonly #observed: Observed;
  readonly #strategy: Strategy;
  #tells: (readonly Wish[])[] = [];
  #json: string;

  constructor(strategy: Strategy, recipe: RunRecipe, state: RunState) {
    this.#strategy = strategy;
    this.#observed = new Observed(strategy, (wishes) => this.#tells.push(wishes));
    const kept = state.strategy as KeptState | null;
    this.#json = kept?.json ?? 'null';
    const setup = setupFrom(this.#observed.strategy, recipe);
    this.#engine = new Engine(setup, { ...state, strategy: parse(this.#json) as unknown });
  }

  step(event: Event): MirrorAnswer {
    this.#tells = [];
    try {
      this.#engine.step(event);
    } catch (error) {
      if (this.#observed.fault === null) throw error;
    }
    const { fault } = this.#observed;
    if (fault !== null) return { tells: this.#tells, state: null, figures: null, fault };
    return { tells: this.#tells, ...this.#keep() };
  }

  /** The state as it will be after a restart is the state from now on, so that a restart changes nothing. */
  #keep(): Pick<MirrorAnswer, 'state' | 'figures' | 'fault'> {
    const { state } = this.#engine;
    if (this.#tells.length === 0) return UNCHANGED;
    const json: unknown = stringify(state.strategy);
    if (typeof json !== 'string') return badState('the state cannot be written as JSON');
    if (json.length > MAX_STATE) return badState(`the state takes ${json.length} characters as JSON; at most ${MAX_STATE} are possible`);
    if (json === this.#json) return UNCHANGED;
    this.#json = json;
    state.strategy = parse(json) as unknown;
    const figures: unknown = this.#strategy.figures?.(state.strategy, this.#engine.setup.scale) ?? {};
    if (!isFigures(figures))
      return { state: null, figures: null, fault: { ...faultOf(new TypeError('figures must be a small flat object of plain values')), kind: 'output' } };
    return { state: json, figures, fault: null };
  }
}

const UNCHANGED = { state: null, figures: null, fault: null } as const;

function badState(message: string): Pick<MirrorAnswer, 'state' | 'figures' | 'fault'> {
  return { state: null, figures: null, fault: { kind: 'state', message, stack: '' } };
}

/** Tells the strategy of a run what has happened: one event at a time, those of the engine's own making after the call that caused them has returned. */

import { isOfActions } from '../actions/run-actions.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { Strategy, StrategyEvent } from '../strategy.ts';
import type { EngineContext } from './engine-context.ts';
import type { RunState } from './run-state.ts';

/** Refusals a strategy may answer with new orders within one step. */
const MAX_CHAINED_EVENTS = 1_000;

export interface TellerParts {
  readonly strategy: Strategy;
  readonly params: ParamsOf<ParamsSpec>;
  readonly state: RunState;
  readonly context: EngineContext;
  /** Whether the run's user has rules, of whose orders a strategy hears nothing. */
  readonly hasRules: boolean;
  /** A strategy gone wrong must not keep a run from ending. */
  readonly isEnding: () => boolean;
  readonly report: (text: string) => void;
}

export class StrategyTeller {
  readonly #parts: TellerParts;
  readonly #strategy: Strategy;
  readonly #params: ParamsOf<ParamsSpec>;
  readonly #state: RunState;
  readonly #context: EngineContext;
  readonly #hasRules: boolean;
  readonly #pending: StrategyEvent[] = [];

  constructor(parts: TellerParts) {
    this.#parts = parts;
    this.#strategy = parts.strategy;
    this.#params = parts.params;
    this.#state = parts.state;
    this.#context = parts.context;
    this.#hasRules = parts.hasRules;
  }

  /** While a run pauses or stops the strategy still counts its fills, but its wishes are refused. */
  tell(event: StrategyEvent): void {
    if (this.#state.strategy === null || (this.#hasRules && 'order' in event && isOfActions(event.order))) return;
    try {
      this.#strategy.on(this.#context, this.#state.strategy, event, this.#params);
    } catch (error) {
      if (!this.#parts.isEnding()) throw error;
      const text = error instanceof Error ? error.message : String(error);
      this.#parts.report(`the strategy failed while the run was ending, which goes on without it: ${text}`);
    }
  }

  /** To be told by {@link drain}. */
  tellLater(event: StrategyEvent): void {
    this.#pending.push(event);
  }

  drain(): void {
    for (let count = 0; this.#pending.length > 0; count += 1) {
      if (count > MAX_CHAINED_EVENTS) return this.#breakChain();
      const event = this.#pending.shift();
      if (event !== undefined) this.tell(event);
    }
  }

  #breakChain(): void {
    const message = `strategy ${this.#strategy.name} answers its own refusals without end`;
    if (!this.#parts.isEnding()) throw new Error(message);
    this.#pending.length = 0;
    this.#parts.report(message);
  }
}

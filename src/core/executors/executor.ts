/**
 * What carries one intent to its end inside a strategy: a small state machine over plain data that survives JSON. It
 * keeps at most what the intent asks for on the book, and leaves nothing there when it is done.
 */
import type { Scale } from '../instrument.ts';
import type { Context, StrategyEvent } from '../strategy.ts';

/** What an executor says of itself to people: plain decimals, in the wire's snake_case. */
export type ExecutorFigures = Readonly<Record<string, string | number | boolean | null>>;

/** An executor owns all orders and all timers of the strategy that runs it, and its `state` alone changes. */
export interface Executor<Intent, State> {
  /** Begins to work at once, where the run trades. */
  start(context: Context, intent: Intent): State;
  /** Takes one event; safe to call when nothing has changed, and after something else has changed the state. */
  on(context: Context, state: State, event: StrategyEvent, intent: Intent): void;
  /** Nothing of it is at the venue any more, and it will do nothing more. */
  isDone(state: State): boolean;
  figures(state: State, scale: Scale, intent: Intent): ExecutorFigures;
}

/**
 * Moves a run through its phases: begins it once it has an owner and a price, pauses and resumes it, and ends it when nothing of it is left
 * at the venue, what it holds sold or bought as wished.
 */

import type { RunActions } from '../actions/run-actions.ts';
import type { Liquidation } from '../events.ts';
import type { Leg } from '../legs/leg.ts';
import type { Legs } from '../legs/legs.ts';
import type { OrderRequest } from '../order.ts';
import type { TradingState } from '../risk.ts';
import type { StrategyEvent } from '../strategy.ts';
import type { RunDesk } from './run-desk.ts';
import type { RunState } from './run-state.ts';

/** Exit orders in a row without a fill before the run gives up and ends with what it holds. */
const MAX_EXIT_ATTEMPTS = 5;

/** What of the engine the phases need. */
export interface PhasesHost {
  readonly actions: RunActions | null;
  /** Lets the strategy begin. */
  start(): void;
  tell(event: StrategyEvent): void;
  /** Whether the order is on its way. */
  place(leg: Leg, request: OrderRequest): boolean;
  cancel(clientOrderId: string): void;
  clearTimer(name: string): void;
  report(text: string, data: Readonly<Record<string, number>>): void;
}

export class RunPhases {
  readonly #state: RunState;
  readonly #desk: RunDesk;
  readonly #legs: Legs;
  readonly #host: PhasesHost;

  constructor(desk: RunDesk, legs: Legs, host: PhasesHost) {
    this.#state = desk.state;
    this.#desk = desk;
    this.#legs = legs;
    this.#host = host;
  }

  /** From now on the strategy has no say in how the run ends. */
  isEnding(): boolean {
    const { phase } = this.#state;
    return phase === 'stopping' || phase === 'liquidating' || phase === 'finished';
  }

  /** Starts the strategy as soon as the run has an owner and a price. */
  begin(): void {
    const state = this.#state;
    if (state.phase !== 'created' || state.epoch === 0 || !this.#legs.arePriced) return;
    state.phase = 'running';
    for (const leg of this.#legs.all) leg.begin();
    this.#host.start();
  }

  pause(): void {
    const state = this.#state;
    state.isResumeWanted = false;
    if (state.phase !== 'running' && state.phase !== 'created') return;
    state.phase = 'pausing';
    this.#cancelAll();
  }

  resume(): void {
    const state = this.#state;
    if (state.phase === 'pausing') state.isResumeWanted = true;
    if (state.phase !== 'paused') return;
    state.isResumeWanted = false;
    state.phase = state.strategy === null ? 'created' : 'running';
    this.#goOnWithActions();
    this.#host.tell({ type: 'resumed' });
    this.begin();
  }

  switchTrading(tradingState: TradingState): void {
    const state = this.#state;
    const isBack = tradingState === 'active' && state.tradingState !== 'active';
    state.tradingState = tradingState;
    if (tradingState === 'halted') this.#cancelAll();
    else this.#goOnWithActions();
    // What was cancelled or refused meanwhile is the strategy's to place again.
    if (isBack && state.phase === 'running') this.#host.tell({ type: 'resumed' });
  }

  stop(reason: string, liquidation: Liquidation): void {
    const state = this.#state;
    if (state.phase === 'finished') return;
    const isEnding = this.isEnding();
    // A panic during a plain stop still liquidates; a later plain stop does not call a panic off.
    const isNewWish = liquidation !== 'keep' && state.liquidation !== liquidation;
    if (isEnding && !isNewWish) return;
    if (!isEnding) state.finishReason = reason;
    if (isNewWish) {
      state.liquidation = liquidation;
      state.exitAttempts = 0;
    }
    state.phase = 'stopping';
    this.#cancelAll();
  }

  /** Moves pausing, stopping and liquidating on once nothing of the run is left at the venue; `false` when there is nothing to move. */
  advance(): boolean {
    const { phase } = this.#state;
    if (phase === 'running' || this.#desk.orders.list.length > 0) return false;
    if (phase === 'pausing') this.#pauseOrResume();
    else if (phase === 'stopping' || phase === 'liquidating') this.#liquidateOrFinish();
    else return false;
    return true;
  }

  #pauseOrResume(): void {
    this.#state.phase = 'paused';
    this.#host.tell({ type: 'paused' });
    if (this.#state.isResumeWanted) this.resume();
    else if (this.#state.phase === 'paused') this.#desk.emit({ type: 'pauseRun' });
  }

  #liquidateOrFinish(): void {
    const state = this.#state;
    const exits = this.#legs.all.map((leg) => ({ leg, request: leg.exitRequest(state.liquidation) })).filter(({ request }) => request !== null);
    if (exits.length > 0 && state.exitAttempts < MAX_EXIT_ATTEMPTS) {
      state.phase = 'liquidating';
      state.exitAttempts += 1;
      // The order rate guards against a strategy gone wild; it must not keep a run from ending.
      state.orderTokens = Math.max(exits.length, state.orderTokens);
      const placed = exits.map(({ leg, request }) => request !== null && this.#host.place(leg, request));
      if (placed.includes(true)) return;
    }
    if (exits.length > 0) this.#host.report('the exit orders failed, so the run ends with what it holds', { exit_attempts: state.exitAttempts });
    const holdings = this.#legs.holdings();
    if (holdings.length > 0) this.#host.report(`The run ends holding ${holdings.join(', ')}.`, { legs: holdings.length });
    state.phase = 'finished';
    for (const leg of this.#legs.all) leg.watch(0, null);
    this.#legs.watchSpread(null);
    for (const name of Object.keys(state.timers)) this.#host.clearTimer(name);
    this.#desk.emit({ type: 'finishRun', reason: state.finishReason });
  }

  #cancelAll(): void {
    if (this.isEnding()) this.#host.actions?.end();
    else this.#host.actions?.halt();
    for (const order of [...this.#desk.orders.list]) this.#host.cancel(order.clientOrderId);
  }

  #goOnWithActions(): void {
    if (this.#state.phase === 'running' && this.#state.tradingState !== 'halted') this.#host.actions?.goOn();
  }
}

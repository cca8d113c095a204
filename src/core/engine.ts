/**
 * The engine: a function from one event to new state and some commands, the same in backtest, paper and live.
 * It drives the strategy and moves the run through its phases; positions and the gate every order passes are its legs'.
 * It reads no clock, draws no random number and never waits, so the same inbox gives the same commands.
 */
import { formatClientOrderId, type OrderOwner } from './client-order-id.ts';
import type { Command } from './commands.ts';
import { EngineContext } from './engine-context.ts';
import type { BarClosed, Event, FundingPaid, Liquidation, OrderEvent, OrderFilled, UserCommand } from './events.ts';
import { EXIT_TAG } from './exit.ts';
import { Leg, type LegHost } from './legs/leg.ts';
import type { LegTerms } from './legs/leg-state.ts';
import { applyFact, isTerminal, type Order, type OrderFact, type OrderRequest } from './order.ts';
import type { ParamsOf, ParamsSpec } from './params.ts';
import type { TradingState } from './risk.ts';
import { ACTIONS_TIMER, isOfActions, RunActions, type RunActionsHost, type RunRules } from './run-actions.ts';
import { isNewBar, takeCommand } from './run-intake.ts';
import { newRunState, type RunState } from './run-state.ts';
import type { Strategy, StrategyEvent } from './strategy.ts';

/** What a run is made of and what does not change while it lives. */
export interface RunSetup<Spec extends ParamsSpec = ParamsSpec, State = unknown> extends LegTerms {
  readonly strategy: Strategy<Spec, State>;
  readonly params: ParamsOf<Spec>;
  readonly owner: OrderOwner;
  /** What its user has follow from the strategy's orders. */
  readonly rules?: RunRules | null;
}

/** Exit orders in a row without a fill before the run gives up and ends with what it holds. */
const MAX_EXIT_ATTEMPTS = 5;
const NO_COMMANDS: readonly Command[] = [];

export class Engine {
  readonly setup: RunSetup;
  readonly state: RunState;
  readonly #orders = new Map<string, Order>();
  readonly #leg: Leg;
  readonly #context: EngineContext;
  readonly #actions: RunActions | null;
  #commands: Command[] = [];
  /** Events of the engine's own making (denials), told to the strategy after the call that caused them has returned. */
  readonly #pending: StrategyEvent[] = [];
  #at = 0;

  constructor(setup: RunSetup, state?: RunState) {
    this.setup = setup;
    this.state = state ?? newRunState(setup.strategy.version, setup.limits.ordersPerMinute);
    for (const order of this.state.orders) this.#orders.set(order.clientOrderId, order);
    this.#leg = new Leg(this.#legHost(), setup, this.state);
    this.#context = new EngineContext(this);
    this.#actions = setup.rules == null ? null : new RunActions(setup.rules, setup.scale, this.#actionsHost());
  }

  get at(): number {
    return this.#at;
  }

  get orders(): ReadonlyMap<string, Order> {
    return this.#orders;
  }

  /** Whether a quote would change anything: a watched price is reached, the strategy wants every quote or has no price to start at. */
  wantsQuote(bidTicks: number, askTicks: number): boolean {
    const { state } = this;
    if (this.#leg.reached(bidTicks, askTicks) > 0) return true;
    if (this.setup.strategy.wants.quotes || state.phase === 'created') return true;
    return this.#actions !== null && state.phase === 'running' && this.#actions.wantsQuote(bidTicks, askTicks);
  }

  /** Plain data from which {@link Engine} can be made again; shares nothing with this engine once serialised. */
  snapshot(): RunState {
    this.state.orders = [...this.#orders.values()];
    return this.state;
  }

  /** Takes one event and returns what is to be done about it, in order. The array is the caller's to keep, not to change. */
  step(event: Event): readonly Command[] {
    this.#at = event.at;
    this.#apply(event);
    do this.#drain();
    while (this.#advance());
    // Most events ask for nothing: they share one empty answer.
    if (this.#commands.length === 0) return NO_COMMANDS;
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  #apply(event: Event): void {
    const { state } = this;
    switch (event.type) {
      case 'quoteChanged':
        return this.#onQuote(event.bidTicks, event.askTicks);
      case 'barClosed':
        return this.#onBar(event);
      case 'userCommand':
        return this.#onCommand(event);
      case 'runStarted':
        return this.#onStarted(event.epoch);
      case 'timerFired':
        return this.#onTimer(event.name);
      case 'fundingPaid':
        return this.#onFunding(event);
      case 'cancelRequested':
        return this.cancel(event.clientOrderId);
      case 'pauseRequested':
        state.isResumeWanted = false;
        if (state.phase !== 'running' && state.phase !== 'created') return;
        state.phase = 'pausing';
        return this.#cancelAll();
      case 'resumeRequested':
        return this.#onResume();
      case 'tradingStateChanged':
        return this.#onTradingState(event.tradingState);
      case 'stopRequested':
        return this.#stop(event.reason, event.liquidation);
      default:
        return this.#onOrderEvent(event);
    }
  }

  #onStarted(epoch: number): void {
    this.state.epoch = epoch;
    // What the former owner may not have carried out any more is asked for again; both are harmless twice.
    for (const order of this.#orders.values())
      if (order.state === 'cancelling') this.#commands.push({ type: 'cancelOrder', clientOrderId: order.clientOrderId });
    for (const [name, at] of Object.entries(this.state.timers)) this.#commands.push({ type: 'setTimer', name, at });
    this.#begin();
  }

  /** Starts the strategy as soon as the run has an owner and a price. */
  #begin(): void {
    const { state, setup } = this;
    if (state.phase !== 'created' || state.epoch === 0 || state.bidTicks <= 0) return;
    state.phase = 'running';
    this.#leg.begin();
    state.strategy = setup.strategy.start(this.#context, setup.params);
  }

  #onQuote(bidTicks: number, askTicks: number): void {
    const { state } = this;
    // A side without a price is no market; nothing is decided on it.
    if (bidTicks <= 0 || askTicks <= 0) return;
    this.#leg.takeQuote(bidTicks, askTicks);
    if (state.phase === 'created') return this.#begin();
    if (state.phase !== 'running') return;
    this.#actions?.quote(bidTicks, askTicks);
    const priceTicks = this.#leg.reached(bidTicks, askTicks);
    if (priceTicks > 0) this.#tell({ type: 'priceReached', priceTicks });
    if (this.setup.strategy.wants.quotes && this.state.phase === 'running') this.#tell({ type: 'quoteChanged', bidTicks, askTicks });
  }

  /** A paused strategy still counts. */
  #onBar(event: BarClosed): void {
    if (this.setup.strategy.wants.bars && !this.#isEnding && isNewBar(this.state, event)) this.#tell(event);
  }

  #onCommand(event: UserCommand): void {
    const { name } = event;
    const taken = takeCommand(this.state, this.setup.strategy, event);
    if (taken === null) return;
    if ('params' in taken) this.#tell({ type: 'userCommand', name, params: taken.params });
    else this.report('strategy_note', `The command ${name} was not carried out: ${taken.refusal}.`, { command: name, reason: taken.refusal });
  }

  #onTimer(name: string): void {
    const { state } = this;
    const dueAt = state.timers[name];
    if (dueAt === undefined) return;
    // It was set anew while the former one was on its way here.
    if (dueAt > this.#at) return this.setTimer(name, dueAt);
    delete state.timers[name];
    if (name === ACTIONS_TIMER) this.#actions?.time();
    else if (state.phase === 'running') this.#tell({ type: 'timerFired', name });
  }

  #onResume(): void {
    const { state } = this;
    if (state.phase === 'pausing') state.isResumeWanted = true;
    if (state.phase !== 'paused') return;
    state.isResumeWanted = false;
    state.phase = state.strategy === null ? 'created' : 'running';
    this.#goOnWithActions();
    this.#tell({ type: 'resumed' });
    this.#begin();
  }

  #onTradingState(tradingState: TradingState): void {
    const { state } = this;
    const isBack = tradingState === 'active' && state.tradingState !== 'active';
    state.tradingState = tradingState;
    if (tradingState === 'halted') this.#cancelAll();
    else this.#goOnWithActions();
    // What was cancelled or refused meanwhile is the strategy's to place again.
    if (isBack && state.phase === 'running') this.#tell({ type: 'resumed' });
  }

  #onOrderEvent(event: OrderEvent): void {
    const order = this.#orders.get(event.clientOrderId);
    if (event.type === 'orderFilled') return this.#onFilled(event, order);
    if (order === undefined) return;
    if (!applyFact(order, FACTS[event.type])) return;
    this.#leg.cancelOnceKnown(order);
    if (event.type === 'orderAccepted') this.#tell({ type: 'orderAccepted', order });
    if (isTerminal(order.state)) this.#close(order, event.type === 'orderRejected' ? event.code : order.state);
  }

  #onFilled(event: OrderFilled, order: Order | undefined): void {
    this.#leg.fill(order, event.fill);
    // The strategy has counted without an order that is already over.
    if (order === undefined) return;
    if (order.tag === EXIT_TAG) this.state.exitAttempts = 0;
    // What guards it is placed before the strategy thinks of anything else.
    this.#actions?.filled(order, event.fill);
    this.#tell({ type: 'orderFilled', order, fill: event.fill });
  }

  #onFunding(event: FundingPaid): void {
    if (this.#leg.takeFunding(event)) this.#tell({ type: 'fundingPaid', amountAtoms: event.amountAtoms });
  }

  #close(order: Order, code: string): void {
    this.#orders.delete(order.clientOrderId);
    const again = this.#actions?.over(order, code) ?? null;
    this.#tell(again === null ? { type: 'orderClosed', order, code } : { type: 'orderReplaced', order: again, former: order });
  }

  /** Moves pausing, stopping and liquidating on once nothing of the run is left at the venue; `false` when there is nothing to move. */
  #advance(): boolean {
    const { state } = this;
    if (this.#orders.size > 0) return false;
    if (state.phase === 'pausing') this.#pauseOrResume();
    else if (state.phase === 'stopping' || state.phase === 'liquidating') this.#liquidateOrFinish();
    else return false;
    return true;
  }

  #pauseOrResume(): void {
    this.state.phase = 'paused';
    this.#tell({ type: 'paused' });
    if (this.state.isResumeWanted) this.#onResume();
    else if (this.state.phase === 'paused') this.#commands.push({ type: 'pauseRun' });
  }

  #liquidateOrFinish(): void {
    const { state } = this;
    const request = this.#leg.exitRequest(state.liquidation);
    if (request !== null && state.exitAttempts < MAX_EXIT_ATTEMPTS) {
      state.phase = 'liquidating';
      state.exitAttempts += 1;
      // The order rate guards against a strategy gone wild; it must not keep a run from ending.
      state.orderTokens = Math.max(1, state.orderTokens);
      if (this.#submit(request) !== null) return;
    }
    if (request !== null) this.report('strategy_note', 'the exit orders failed, so the run ends with what it holds', { exit_attempts: state.exitAttempts });
    state.phase = 'finished';
    this.#leg.watch(0, null);
    for (const name of Object.keys(state.timers)) this.clearTimer(name);
    this.#commands.push({ type: 'finishRun', reason: state.finishReason });
  }

  #stop(reason: string, liquidation: Liquidation): void {
    const { state } = this;
    if (state.phase === 'finished') return;
    const isEnding = this.#isEnding;
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

  #cancelAll(): void {
    if (this.#isEnding) this.#actions?.end();
    else this.#actions?.halt();
    for (const order of this.#orders.values()) this.cancel(order.clientOrderId);
  }

  #drain(): void {
    for (let count = 0; this.#pending.length > 0; count += 1) {
      if (count > MAX_CHAINED_EVENTS) return this.#breakChain();
      const event = this.#pending.shift();
      if (event !== undefined) this.#tell(event);
    }
  }

  #breakChain(): void {
    const message = `strategy ${this.setup.strategy.name} answers its own refusals without end`;
    if (!this.#isEnding) throw new Error(message);
    this.#pending.length = 0;
    this.report('strategy_note', message);
  }

  /** While a run pauses or stops the strategy still counts its fills, but its wishes are refused. */
  #tell(event: StrategyEvent): void {
    if (this.state.strategy === null || (this.#actions !== null && 'order' in event && isOfActions(event.order))) return;
    try {
      this.setup.strategy.on(this.#context, this.state.strategy, event, this.setup.params);
    } catch (error) {
      if (!this.#isEnding) throw error;
      this.report(
        'strategy_note',
        `the strategy failed while the run was ending, which goes on without it: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** A strategy gone wrong must not keep a run from ending. */
  get #isEnding(): boolean {
    const { phase } = this.state;
    return phase === 'stopping' || phase === 'liquidating' || phase === 'finished';
  }

  // What the strategy's context offers.

  submit(request: OrderRequest): string {
    const { phase } = this.state;
    const clientOrderId = this.#submit(request, phase === 'running' ? null : 'trading_halted');
    const order = this.#actions === null || clientOrderId === null ? undefined : this.#orders.get(clientOrderId);
    if (order !== undefined) this.#actions?.follow(order);
    return clientOrderId ?? this.#lastId();
  }

  cancel(clientOrderId: string): void {
    const order = this.#orders.get(clientOrderId);
    if (order === undefined) return;
    order.cancelRequested = true;
    this.#actions?.cancelWanted(clientOrderId);
    this.#leg.cancelOnceKnown(order);
  }

  setTimer(name: string, at: number): void {
    this.state.timers[name] = at;
    this.#commands.push({ type: 'setTimer', name, at });
  }

  clearTimer(name: string): void {
    if (this.state.timers[name] === undefined) return;
    delete this.state.timers[name];
    this.#commands.push({ type: 'clearTimer', name });
  }

  report(fact: 'target_reached' | 'strategy_note', text: string, data: Readonly<Record<string, string | number | boolean | null>> = {}): void {
    this.#commands.push({ type: 'reportFact', fact, text, data });
  }

  finish(reason: string, liquidation: Liquidation): void {
    // Once a run is ending, by the user or by itself, its strategy has no say in how.
    if (!this.#isEnding) this.#stop(reason, liquidation);
  }

  freeBaseGrains(): number {
    return this.#leg.freeBaseGrains();
  }

  freeQuoteAtoms(): number {
    return this.#leg.freeQuoteAtoms();
  }

  #lastId(): string {
    return formatClientOrderId(this.setup.owner, this.state.epoch, this.state.orderSequence);
  }

  /** The new order's id, or `null` when risk refused it (the strategy is told by `orderClosed`). */
  #submit(request: OrderRequest, forcedDenial: 'trading_halted' | null = null): string | null {
    const { order, denial } = this.#leg.place(request, forcedDenial);
    if (denial === null) return order.clientOrderId;
    this.#pending.push({ type: 'orderClosed', order, code: denial });
    return null;
  }

  #legHost(): LegHost {
    const engine = this;
    return {
      get at() {
        return engine.at;
      },
      state: this.state,
      orders: this.#orders,
      nextOrderId: () => {
        this.state.orderSequence += 1;
        return this.#lastId();
      },
      emit: (command) => this.#commands.push(command),
    };
  }

  /** What the rules of the run's user may look at and ask for. */
  #actionsHost(): RunActionsHost {
    const engine = this;
    this.state.actions ??= [];
    const { actions } = this.state;
    return {
      get at() {
        return engine.at;
      },
      actions,
      place: (request) => this.#leg.place(request, this.state.phase === 'running' ? null : 'trading_halted'),
      cancel: (clientOrderId) => this.cancel(clientOrderId),
      setTimer: (name, at) => {
        if (this.state.timers[name] !== at) this.setTimer(name, at);
      },
      clearTimer: (name) => this.clearTimer(name),
      report: (text, code) => this.report('strategy_note', text, { code }),
    };
  }

  #goOnWithActions(): void {
    if (this.state.phase === 'running' && this.state.tradingState !== 'halted') this.#actions?.goOn();
  }
}

/** Refusals a strategy may answer with new orders within one step. */
const MAX_CHAINED_EVENTS = 1_000;

const FACTS: Readonly<Record<Exclude<OrderEvent['type'], 'orderFilled'>, OrderFact>> = {
  orderAccepted: 'accept',
  orderRejected: 'reject',
  orderCancelled: 'cancel',
  orderExpired: 'expire',
  orderUnknown: 'loseAnswer',
};

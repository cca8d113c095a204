/**
 * The engine: a function from one event to new state and some commands, the same in backtest, paper and live.
 * It drives the strategy and moves the run through its phases; positions and the gate every order passes are its legs'.
 * It reads no clock, draws no random number and never waits, so the same inbox gives the same commands.
 */
import { BarWatch } from './bar-watch.ts';
import type { OrderOwner } from './client-order-id.ts';
import type { Command } from './commands.ts';
import { EngineContext } from './engine-context.ts';
import type { BarClosed, Event, FundingPaid, Liquidation, MarketChanged, OrderEvent, OrderFilled, QuoteChanged, RuleTurned, UserCommand } from './events.ts';
import { EXIT_TAG } from './exit.ts';
import type { Leg } from './legs/leg.ts';
import { type LegQuote, Legs, type LegsSetup } from './legs/legs.ts';
import { applyFact, isTerminal, type Order, type OrderFact, type OrderRequest } from './order.ts';
import type { OrderLookup } from './order-index.ts';
import type { ParamsOf, ParamsSpec } from './params.ts';
import type { TradingState } from './risk.ts';
import { ACTIONS_TIMER, isOfActions, RunActions, type RunActionsHost, type RunRules } from './run-actions.ts';
import { type CommandTaker, RunDesk } from './run-desk.ts';
import { isNewBar, takeCommand } from './run-intake.ts';
import { newRunState, type RunState } from './run-state.ts';
import type { Strategy, StrategyEvent } from './strategy.ts';

/** What a run is made of and what does not change while it lives. */
export interface RunSetup<Spec extends ParamsSpec = ParamsSpec, State = unknown> extends LegsSetup {
  readonly strategy: Strategy<Spec, State>;
  readonly params: ParamsOf<Spec>;
  readonly owner: OrderOwner;
  /** What its user has follow from the strategy's orders. */
  readonly rules?: RunRules | null;
}

/** Exit orders in a row without a fill before the run gives up and ends with what it holds. */
const MAX_EXIT_ATTEMPTS = 5;

export class Engine {
  readonly setup: RunSetup;
  readonly state: RunState;
  readonly #desk: RunDesk;
  /** The instruments of the run. */
  readonly legs: Legs;
  readonly #context: EngineContext;
  readonly #actions: RunActions | null;
  readonly #watch: BarWatch | null;
  /** Events of the engine's own making (denials), told to the strategy after the call that caused them has returned. */
  readonly #pending: StrategyEvent[] = [];

  constructor(setup: RunSetup, state?: RunState, taker: CommandTaker = 'keeper') {
    this.setup = setup;
    this.state = state ?? newRunState(setup.strategy.version, setup.limits.ordersPerMinute);
    this.#desk = new RunDesk(this.state, setup.owner, taker);
    this.legs = new Legs(this.#desk, setup, this.state);
    this.#context = new EngineContext(this);
    const { rule } = setup.strategy;
    this.#watch = rule === undefined ? null : new BarWatch(rule, setup.params, setup.scale);
    // A run from before its strategy had a rule hears its warm-up anew.
    if (this.#watch !== null && this.state.watch === undefined) delete this.state.newestBars;
    this.#actions = setup.rules == null ? null : new RunActions(setup.rules, setup.scale, this.#actionsHost());
  }

  get at(): number {
    return this.#desk.at;
  }

  get orders(): OrderLookup {
    return this.#desk.orders;
  }

  /** Whether a quote would change anything: a watched price is reached, the strategy wants every quote or has no price to start at. */
  wantsQuote(bidTicks: number, askTicks: number, leg: Leg = this.legs.first): boolean {
    const { state } = this;
    if (leg.reached(bidTicks, askTicks) > 0) return true;
    if (this.setup.strategy.wants.quotes || state.phase === 'created') return true;
    return leg === this.legs.first && this.#actions !== null && state.phase === 'running' && this.#actions.wantsQuote(bidTicks, askTicks);
  }

  /** Whether the newest quotes of all legs are what a running strategy waits for together, though none of them is so by itself. */
  wantsSpread(quoteOf: (leg: Leg) => LegQuote): boolean {
    return this.state.spreadWatch !== undefined && this.state.phase === 'running' && this.legs.isSpreadReached(quoteOf);
  }

  /** Plain data from which {@link Engine} can be made again; shares nothing with this engine once serialised. */
  snapshot(): RunState {
    this.state.orders = [...this.#desk.orders.list];
    return this.state;
  }

  /**
   * Takes one event and returns what is to be done about it, in order. The commands are the caller's to keep, not to change, unless it has said
   * that it only reads them. Whoever knows what it has may say so: {@link takeQuote}, {@link takeTurn}, {@link takeOrderEvent}.
   */
  step(event: Event): readonly Command[] {
    this.#desk.at = event.at;
    this.#apply(event);
    return this.#settle();
  }

  takeQuote(event: QuoteChanged): readonly Command[] {
    this.#desk.at = event.at;
    this.#onQuote(event, this.legs.of(event.leg));
    return this.#settle();
  }

  takeTurn(event: RuleTurned): readonly Command[] {
    this.#desk.at = event.at;
    this.#onTurn(event);
    return this.#settle();
  }

  takeOrderEvent(event: OrderEvent): readonly Command[] {
    this.#desk.at = event.at;
    this.#onOrderEvent(event);
    return this.#settle();
  }

  #settle(): readonly Command[] {
    do this.#drain();
    while (this.#advance());
    return this.#desk.takeCommands();
  }

  #apply(event: Event): void {
    const { state } = this;
    switch (event.type) {
      case 'quoteChanged':
        return this.#onQuote(event, this.legs.of(event.leg));
      case 'barClosed':
        return this.#onBar(event);
      case 'ruleTurned':
        return this.#onTurn(event);
      case 'userCommand':
        return this.#onCommand(event);
      case 'runStarted':
        return this.#onStarted(event.epoch);
      case 'timerFired':
        return this.#onTimer(event.name);
      case 'fundingPaid':
        return this.#onFunding(event, this.legs.of(event.leg));
      case 'marketChanged':
        return this.#onMarket(event, this.legs.of(event.leg));
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
    for (const order of this.#desk.orders.list) if (order.state === 'cancelling') this.legs.ofOrder(order).cancelAgain(order);
    for (const [name, at] of Object.entries(this.state.timers)) this.#desk.emit({ type: 'setTimer', name, at });
    this.#begin();
  }

  /** Starts the strategy as soon as the run has an owner and a price. */
  #begin(): void {
    const { state, setup } = this;
    if (state.phase !== 'created' || state.epoch === 0 || !this.legs.arePriced) return;
    state.phase = 'running';
    for (const leg of this.legs.all) leg.begin();
    state.strategy = setup.strategy.start(this.#context, setup.params);
  }

  #onQuote({ bidTicks, askTicks, hasMore }: QuoteChanged, leg: Leg): void {
    const { state } = this;
    // A side without a price is no market; nothing is decided on it.
    if (bidTicks <= 0 || askTicks <= 0) return;
    leg.takeQuote(bidTicks, askTicks);
    if (state.phase === 'created') return this.#begin();
    if (state.phase !== 'running') return;
    if (leg === this.legs.first) this.#actions?.quote(bidTicks, askTicks);
    const priceTicks = leg.reached(bidTicks, askTicks);
    if (priceTicks > 0) this.#tell({ type: 'priceReached', priceTicks, ...leg.mark });
    if (this.setup.strategy.wants.quotes && this.state.phase === 'running') this.#tell({ type: 'quoteChanged', bidTicks, askTicks, ...leg.mark });
    if (state.spreadWatch !== undefined && hasMore !== true && this.state.phase === 'running' && this.legs.isSpreadReached())
      this.#tell({ type: 'spreadReached' });
  }

  /** A paused strategy still counts. */
  #onBar(event: BarClosed): void {
    const { state } = this;
    if (!this.setup.strategy.wants.bars || this.#isEnding() || !isNewBar(this.legs.of(event.leg).state, event)) return;
    if (this.#watch === null) return this.#tell(event);
    if (state.strategy === null) return;
    const turn = this.#watch.step((state.watch ??= this.#watch.start()), event);
    if (turn !== 0) this.#tell({ type: 'barTurned', turn, isHistory: event.isHistory === true });
  }

  #onTurn({ turn, isHistory }: RuleTurned): void {
    if (!this.#isEnding()) this.#tell({ type: 'barTurned', turn, isHistory });
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
    if (dueAt > this.at) return this.setTimer(name, dueAt);
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

  /** Openings end with the first leg that cannot be traded and come back with the last; closing is the venue's to refuse. */
  #onMarket({ isOpen, reason }: MarketChanged, leg: Leg): void {
    if (!leg.takeMarket(isOpen, reason) || this.state.phase === 'finished') return;
    const text = isOpen
      ? `${leg.symbol} can be traded again.`
      : `${leg.symbol} cannot be traded (${reason}): nothing is opened in any instrument until it can; what is held may still be closed.`;
    this.report('strategy_note', text, { symbol: leg.symbol, is_open: isOpen });
    this.#tell({ type: 'marketChanged', isOpen, ...leg.mark });
  }

  #onOrderEvent(event: OrderEvent): void {
    const order = this.orders.get(event.clientOrderId);
    if (event.type === 'orderFilled') return this.#onFilled(event, order);
    if (order === undefined) return;
    if (event.type === 'orderAccepted') return this.#onAccepted(order);
    if (!applyFact(order, FACTS[event.type])) return;
    this.legs.ofOrder(order).cancelOnceKnown(order);
    if (isTerminal(order.state)) this.#close(order, event.type === 'orderRejected' ? event.code : order.state);
  }

  #onAccepted(order: Order): void {
    if (!applyFact(order, 'accept')) return;
    this.legs.ofOrder(order).cancelOnceKnown(order);
    this.#tell({ type: 'orderAccepted', order });
  }

  #onFilled(event: OrderFilled, order: Order | undefined): void {
    this.legs.of(order === undefined ? event.leg : order.leg).fill(order, event.fill);
    // The strategy has counted without an order that is already over.
    if (order === undefined) return;
    if (order.tag === EXIT_TAG) this.state.exitAttempts = 0;
    // What guards it is placed before the strategy thinks of anything else.
    this.#actions?.filled(order, event.fill);
    this.#tell({ type: 'orderFilled', order, fill: event.fill });
  }

  #onFunding(event: FundingPaid, leg: Leg): void {
    if (leg.takeFunding(event)) this.#tell({ type: 'fundingPaid', amountAtoms: event.amountAtoms, ...leg.mark });
  }

  #close(order: Order, code: string): void {
    this.#desk.orders.remove(order);
    const again = this.#actions?.over(order, code) ?? null;
    this.#tell(again === null ? { type: 'orderClosed', order, code } : { type: 'orderReplaced', order: again, former: order });
  }

  /** Moves pausing, stopping and liquidating on once nothing of the run is left at the venue; `false` when there is nothing to move. */
  #advance(): boolean {
    const { phase } = this.state;
    if (phase === 'running' || this.#desk.orders.list.length > 0) return false;
    if (phase === 'pausing') this.#pauseOrResume();
    else if (phase === 'stopping' || phase === 'liquidating') this.#liquidateOrFinish();
    else return false;
    return true;
  }

  #pauseOrResume(): void {
    this.state.phase = 'paused';
    this.#tell({ type: 'paused' });
    if (this.state.isResumeWanted) this.#onResume();
    else if (this.state.phase === 'paused') this.#desk.emit({ type: 'pauseRun' });
  }

  #liquidateOrFinish(): void {
    const { state } = this;
    const exits = this.legs.all.map((leg) => ({ leg, request: leg.exitRequest(state.liquidation) })).filter(({ request }) => request !== null);
    if (exits.length > 0 && state.exitAttempts < MAX_EXIT_ATTEMPTS) {
      state.phase = 'liquidating';
      state.exitAttempts += 1;
      // The order rate guards against a strategy gone wild; it must not keep a run from ending.
      state.orderTokens = Math.max(exits.length, state.orderTokens);
      const placed = exits.map(({ leg, request }) => request !== null && this.#submit(leg, request) !== null);
      if (placed.includes(true)) return;
    }
    if (exits.length > 0) this.report('strategy_note', 'the exit orders failed, so the run ends with what it holds', { exit_attempts: state.exitAttempts });
    const holdings = this.legs.holdings();
    if (holdings.length > 0) this.report('strategy_note', `The run ends holding ${holdings.join(', ')}.`, { legs: holdings.length });
    state.phase = 'finished';
    for (const leg of this.legs.all) leg.watch(0, null);
    this.legs.watchSpread(null);
    for (const name of Object.keys(state.timers)) this.clearTimer(name);
    this.#desk.emit({ type: 'finishRun', reason: state.finishReason });
  }

  #stop(reason: string, liquidation: Liquidation): void {
    const { state } = this;
    if (state.phase === 'finished') return;
    const isEnding = this.#isEnding();
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
    if (this.#isEnding()) this.#actions?.end();
    else this.#actions?.halt();
    for (const order of [...this.#desk.orders.list]) this.cancel(order.clientOrderId);
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
    if (!this.#isEnding()) throw new Error(message);
    this.#pending.length = 0;
    this.report('strategy_note', message);
  }

  /** While a run pauses or stops the strategy still counts its fills, but its wishes are refused. */
  #tell(event: StrategyEvent): void {
    if (this.state.strategy === null || (this.#actions !== null && 'order' in event && isOfActions(event.order))) return;
    try {
      this.setup.strategy.on(this.#context, this.state.strategy, event, this.setup.params);
    } catch (error) {
      if (!this.#isEnding()) throw error;
      this.report(
        'strategy_note',
        `the strategy failed while the run was ending, which goes on without it: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** A strategy gone wrong must not keep a run from ending. */
  #isEnding(): boolean {
    const { phase } = this.state;
    return phase === 'stopping' || phase === 'liquidating' || phase === 'finished';
  }

  // What the strategy's context offers.

  submit(request: OrderRequest, leg: Leg = this.legs.first): string {
    const { phase } = this.state;
    const clientOrderId = this.#submit(leg, request, phase === 'running' ? null : 'trading_halted');
    const order = this.#actions === null || clientOrderId === null || leg !== this.legs.first ? undefined : this.orders.get(clientOrderId);
    if (order !== undefined) this.#actions?.follow(order);
    return clientOrderId ?? this.#desk.lastOrderId();
  }

  cancel(clientOrderId: string): void {
    const order = this.orders.get(clientOrderId);
    if (order === undefined) return;
    order.cancelRequested = true;
    this.#actions?.cancelWanted(clientOrderId);
    this.legs.ofOrder(order).cancelOnceKnown(order);
  }

  setTimer(name: string, at: number): void {
    this.state.timers[name] = at;
    this.#desk.emit({ type: 'setTimer', name, at });
  }

  clearTimer(name: string): void {
    if (this.state.timers[name] === undefined) return;
    delete this.state.timers[name];
    this.#desk.emit({ type: 'clearTimer', name });
  }

  report(fact: 'target_reached' | 'strategy_note', text: string, data: Readonly<Record<string, string | number | boolean | null>> = {}): void {
    this.#desk.emit({ type: 'reportFact', fact, text, data });
  }

  finish(reason: string, liquidation: Liquidation): void {
    // Once a run is ending, by the user or by itself, its strategy has no say in how.
    if (!this.#isEnding()) this.#stop(reason, liquidation);
  }

  freeBaseGrains(): number {
    return this.legs.first.freeBaseGrains();
  }

  freeQuoteAtoms(): number {
    return this.legs.first.freeQuoteAtoms();
  }

  /** The new order's id, or `null` when risk refused it (the strategy is told by `orderClosed`). */
  #submit(leg: Leg, request: OrderRequest, forcedDenial: 'trading_halted' | null = null): string | null {
    const { order, denial } = leg.place(request, forcedDenial);
    if (denial === null) return order.clientOrderId;
    this.#pending.push({ type: 'orderClosed', order, code: denial });
    return null;
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
      place: (request) => this.legs.first.place(request, this.state.phase === 'running' ? null : 'trading_halted'),
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

const FACTS: Readonly<Record<Exclude<OrderEvent['type'], 'orderFilled' | 'orderAccepted'>, OrderFact>> = {
  orderRejected: 'reject',
  orderCancelled: 'cancel',
  orderExpired: 'expire',
  orderUnknown: 'loseAnswer',
};

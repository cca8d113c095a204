/**
 * The engine: a function from one event to new state and some commands, the same in backtest, paper and live.
 * It hands each event to the part that it concerns: positions and the gate every order passes are its legs', the way from the beginning to the
 * end is its phases'.
 * It reads no clock, draws no random number and never waits, so the same inbox gives the same commands.
 */

import { ACTIONS_TIMER, RunActions, type RunRules } from '../actions/run-actions.ts';
import { BarWatch } from '../bars/bar-watch.ts';
import type { OrderOwner } from '../client-order-id.ts';
import type { Command } from '../commands.ts';
import type { BarClosed, Event, FundingPaid, Liquidation, MarketChanged, OrderEvent, QuoteChanged, RuleTurned, UserCommand } from '../events.ts';
import type { Leg } from '../legs/leg.ts';
import { type LegQuote, Legs, type LegsSetup } from '../legs/legs.ts';
import type { Order, OrderRequest } from '../order.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { Strategy } from '../strategy.ts';
import { actionsHostOf } from './actions-host.ts';
import { EngineContext } from './engine-context.ts';
import type { OrderLookup } from './order-index.ts';
import { OrderNews } from './order-news.ts';
import { type CommandTaker, RunDesk } from './run-desk.ts';
import { isNewBar, takeCommand } from './run-intake.ts';
import { type PhasesHost, RunPhases } from './run-phases.ts';
import { newRunState, type RunState } from './run-state.ts';
import { StrategyTeller } from './strategy-teller.ts';

/** What a run is made of and what does not change while it lives. */
export interface RunSetup<Spec extends ParamsSpec = ParamsSpec, State = unknown> extends LegsSetup {
  readonly strategy: Strategy<Spec, State>;
  readonly params: ParamsOf<Spec>;
  readonly owner: OrderOwner;
  /** What its user has follow from the strategy's orders. */
  readonly rules?: RunRules | null;
}

export class Engine {
  readonly setup: RunSetup;
  readonly state: RunState;
  /** What its parts share while it takes an event in. */
  readonly desk: RunDesk;
  /** The instruments of the run. */
  readonly legs: Legs;
  readonly #context: EngineContext;
  readonly #actions: RunActions | null;
  readonly #watch: BarWatch | null;
  readonly #phases: RunPhases;
  readonly #teller: StrategyTeller;
  readonly #news: OrderNews;

  constructor(setup: RunSetup, state?: RunState, taker: CommandTaker = 'keeper') {
    this.setup = setup;
    this.state = state ?? newRunState(setup.strategy.version, setup.limits.ordersPerMinute);
    this.desk = new RunDesk(this.state, setup.owner, taker);
    this.legs = new Legs(this.desk, setup, this.state);
    this.#context = new EngineContext(this);
    const { rule } = setup.strategy;
    this.#watch = rule === undefined ? null : new BarWatch(rule, setup.params, setup.scale);
    // A run from before its strategy had a rule hears its warm-up anew.
    if (this.#watch !== null && this.state.watch === undefined) delete this.state.newestBars;
    this.#actions =
      setup.rules == null
        ? null
        : new RunActions(
            setup.rules,
            setup.scale,
            actionsHostOf(this.desk, this.legs, (clientOrderId) => this.cancel(clientOrderId)),
          );
    this.#phases = new RunPhases(this.desk, this.legs, this.#phasesHost());
    this.#teller = new StrategyTeller({
      strategy: setup.strategy,
      params: setup.params,
      state: this.state,
      context: this.#context,
      hasRules: this.#actions !== null,
      isEnding: () => this.#phases.isEnding(),
      report: (text) => this.desk.report('strategy_note', text),
    });
    this.#news = new OrderNews(this.desk, this.legs, this.#actions, this.#teller);
  }

  get at(): number {
    return this.desk.at;
  }

  get orders(): OrderLookup {
    return this.desk.orders;
  }

  /** Whether a quote would change anything: a watched price is reached, the strategy wants every quote or has no price to start at. */
  wantsQuote(bidTicks: number, askTicks: number, leg: Leg = this.legs.first): boolean {
    const { state } = this;
    if (leg.reached(bidTicks, askTicks) > 0) return true;
    if (this.setup.strategy.wants.quotes || state.phase === 'created') return true;
    return leg === this.legs.first && this.#actions !== null && state.phase === 'running' && this.#actions.wantsQuote(bidTicks, askTicks);
  }

  /** What its user's rules wait for in the first leg while the run is running; `null` where there are none. */
  get rules(): Pick<RunActions, 'watched' | 'wantsQuote' | 'hasBothExits'> | null {
    return this.state.phase === 'running' ? this.#actions : null;
  }

  /** Whether the newest quotes of all legs are what a running strategy waits for together, though none of them is so by itself. */
  wantsSpread(quoteOf: (leg: Leg) => LegQuote): boolean {
    return this.state.spreadWatch !== undefined && this.state.phase === 'running' && this.legs.isSpreadReached(quoteOf);
  }

  /** Plain data from which {@link Engine} can be made again; shares nothing with this engine once serialised. */
  snapshot(): RunState {
    this.state.orders = [...this.desk.orders.list];
    return this.state;
  }

  /**
   * Takes one event and returns what is to be done about it, in order. The commands are the caller's to keep, not to change, unless it has said
   * that it only reads them. Whoever knows what it has may say so: {@link takeQuote}, {@link takeTurn}, {@link takeOrderEvent}.
   */
  step(event: Event): readonly Command[] {
    this.desk.at = event.at;
    this.#apply(event);
    return this.#settle();
  }

  takeQuote(event: QuoteChanged): readonly Command[] {
    this.desk.at = event.at;
    this.#onQuote(event, this.legs.of(event.leg));
    return this.#settle();
  }

  takeTurn(event: RuleTurned): readonly Command[] {
    this.desk.at = event.at;
    this.#onTurn(event);
    return this.#settle();
  }

  /** `given` is the order as `submitOrder` has given it away: it is not looked for where that is the engine's own record. */
  takeOrderEvent(event: OrderEvent, given: Order): readonly Command[] {
    this.desk.at = event.at;
    this.#news.take(event, this.desk.ownOf(given));
    return this.#settle();
  }

  #settle(): readonly Command[] {
    do this.#teller.drain();
    while (this.#phases.advance());
    return this.desk.takeCommands();
  }

  #apply(event: Event): void {
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
        return this.#phases.pause();
      case 'resumeRequested':
        return this.#phases.resume();
      case 'tradingStateChanged':
        return this.#phases.switchTrading(event.tradingState);
      case 'stopRequested':
        return this.#phases.stop(event.reason, event.liquidation);
      default:
        return this.#news.take(event, this.orders.get(event.clientOrderId));
    }
  }

  #onStarted(epoch: number): void {
    this.state.epoch = epoch;
    // What the former owner may not have carried out any more is asked for again; both are harmless twice.
    for (const order of this.desk.orders.list) if (order.state === 'cancelling') this.legs.ofOrder(order).cancelAgain(order);
    for (const [name, at] of Object.entries(this.state.timers)) this.desk.emit({ type: 'setTimer', name, at });
    this.#phases.begin();
  }

  #onQuote({ bidTicks, askTicks, hasMore }: QuoteChanged, leg: Leg): void {
    const { state } = this;
    // A side without a price is no market; nothing is decided on it.
    if (bidTicks <= 0 || askTicks <= 0) return;
    leg.takeQuote(bidTicks, askTicks);
    if (state.phase === 'created') return this.#phases.begin();
    if (state.phase !== 'running') return;
    if (leg === this.legs.first) this.#actions?.quote(bidTicks, askTicks);
    const priceTicks = leg.reached(bidTicks, askTicks);
    if (priceTicks > 0) this.#teller.tell({ type: 'priceReached', priceTicks, ...leg.mark });
    if (this.setup.strategy.wants.quotes && this.state.phase === 'running') this.#teller.tell({ type: 'quoteChanged', bidTicks, askTicks, ...leg.mark });
    if (state.spreadWatch !== undefined && hasMore !== true && this.state.phase === 'running' && this.legs.isSpreadReached())
      this.#teller.tell({ type: 'spreadReached' });
  }

  /** A paused strategy still counts. */
  #onBar(event: BarClosed): void {
    const { state } = this;
    if (!this.setup.strategy.wants.bars || this.#phases.isEnding() || !isNewBar(this.legs.of(event.leg).state, event)) return;
    if (this.#watch === null) return this.#teller.tell(event);
    if (state.strategy === null) return;
    const turn = this.#watch.step((state.watch ??= this.#watch.start()), event);
    if (turn !== 0) this.#teller.tell({ type: 'barTurned', turn, isHistory: event.isHistory === true });
  }

  #onTurn({ turn, isHistory }: RuleTurned): void {
    if (!this.#phases.isEnding()) this.#teller.tell({ type: 'barTurned', turn, isHistory });
  }

  #onCommand(event: UserCommand): void {
    const { name } = event;
    const taken = takeCommand(this.state, this.setup.strategy, event);
    if (taken === null) return;
    if ('params' in taken) this.#teller.tell({ type: 'userCommand', name, params: taken.params });
    else this.desk.report('strategy_note', `The command ${name} was not carried out: ${taken.refusal}.`, { command: name, reason: taken.refusal });
  }

  #onTimer(name: string): void {
    const { state } = this;
    const dueAt = state.timers[name];
    if (dueAt === undefined) return;
    // It was set anew while the former one was on its way here.
    if (dueAt > this.at) return this.desk.setTimer(name, dueAt);
    delete state.timers[name];
    if (name === ACTIONS_TIMER) this.#actions?.time();
    else if (state.phase === 'running') this.#teller.tell({ type: 'timerFired', name });
  }

  /** Openings end with the first leg that cannot be traded and come back with the last; closing is the venue's to refuse. */
  #onMarket({ isOpen, reason }: MarketChanged, leg: Leg): void {
    if (!leg.takeMarket(isOpen, reason) || this.state.phase === 'finished') return;
    const text = isOpen
      ? `${leg.symbol} can be traded again.`
      : `${leg.symbol} cannot be traded (${reason}): nothing is opened in any instrument until it can; what is held may still be closed.`;
    this.desk.report('strategy_note', text, { symbol: leg.symbol, is_open: isOpen });
    this.#teller.tell({ type: 'marketChanged', isOpen, ...leg.mark });
  }

  #onFunding(event: FundingPaid, leg: Leg): void {
    if (leg.takeFunding(event)) this.#teller.tell({ type: 'fundingPaid', amountAtoms: event.amountAtoms, ...leg.mark });
  }

  // What the strategy's context offers.

  submit(request: OrderRequest, leg: Leg = this.legs.first): string {
    const { phase } = this.state;
    const clientOrderId = this.#submit(leg, request, phase === 'running' ? null : 'trading_halted');
    const order = this.#actions === null || clientOrderId === null || leg !== this.legs.first ? undefined : this.orders.get(clientOrderId);
    if (order !== undefined) this.#actions?.follow(order);
    return clientOrderId ?? this.desk.lastOrderId();
  }

  cancel(clientOrderId: string): void {
    const order = this.orders.get(clientOrderId);
    if (order === undefined) return;
    order.cancelRequested = true;
    this.#actions?.cancelWanted(clientOrderId);
    this.legs.ofOrder(order).cancelOnceKnown(order);
  }

  finish(reason: string, liquidation: Liquidation): void {
    // Once a run is ending, by the user or by itself, its strategy has no say in how.
    if (!this.#phases.isEnding()) this.#phases.stop(reason, liquidation);
  }

  /** The new order's id, or `null` when risk refused it (the strategy is told by `orderClosed`). */
  #submit(leg: Leg, request: OrderRequest, forcedDenial: 'trading_halted' | null = null): string | null {
    const { order, denial } = leg.place(request, forcedDenial);
    if (denial === null) return order.clientOrderId;
    this.#teller.tellLater({ type: 'orderClosed', order, code: denial });
    return null;
  }

  #phasesHost(): PhasesHost {
    const { state, setup } = this;
    return {
      actions: this.#actions,
      start: () => {
        state.strategy = setup.strategy.start(this.#context, setup.params);
      },
      tell: (event) => this.#teller.tell(event),
      place: (leg, request) => this.#submit(leg, request) !== null,
      cancel: (clientOrderId) => this.cancel(clientOrderId),
      clearTimer: (name) => this.desk.clearTimer(name),
      report: (text, data) => this.desk.report('strategy_note', text, data),
    };
  }
}

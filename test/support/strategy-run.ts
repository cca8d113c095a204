/**
 * One run of a strategy against a simulated venue whose price, liquidity, delays and faults the test decides, with the
 * laws every strategy must keep checked after every step.
 */
import { expect } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import type { Command, ReportFact } from '#core/commands.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Event, Liquidation } from '#core/events.ts';
import { GRAINS_PER_LOT, type Instrument, Scale } from '#core/instrument.ts';
import { Matching } from '#core/matching/matching.ts';
import { rateFee } from '#core/matching/models.ts';
import type { Report } from '#core/matching/reports.ts';
import type { Order } from '#core/order.ts';
import { parseParams } from '#core/params.ts';
import type { FeeAsset, RiskLimits } from '#core/risk.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';

export const TEST_INSTRUMENT: Instrument = {
  venue: 'test',
  symbol: 'ABC/USDT',
  base: 'ABC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.001',
  minPrice: '0.01',
  maxPrice: null,
  minSize: '0.001',
  maxSize: null,
  minNotional: '5',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

/** The same coin as a perpetual. */
export const TEST_PERPETUAL: Instrument = {
  ...TEST_INSTRUMENT,
  symbol: 'ABC/USDT:USDT',
  kind: 'perpetual',
  perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 50, maintenanceMarginRate: '0.005' },
};

export interface StrategyRunOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly price: string;
  readonly feeAsset?: FeeAsset;
  readonly instrument?: Partial<Instrument>;
  readonly limits?: Partial<RiskLimits>;
  /** What its user has follow from its orders. */
  readonly rules?: RunRules;
}

/** Timers that may fire in one stretch of time; more is a loop. */
const MAX_TIMERS = 10_000;

/** What the venue does with the next request to place. */
export type Fault = 'reject' | 'loseAnswer';

export class StrategyRun {
  readonly setup: RunSetup;
  readonly matching: Matching;
  readonly tape: JournalEntry[] = [];
  readonly notes: ReportFact[] = [];
  /** Settings that the run has made its bot's. */
  kept: Readonly<Record<string, unknown>> = {};
  /** Fills of third-coin fees, which lower profit but no holding. */
  otherFeeAtoms = 0;
  at = 1_000_000;
  engine: Engine;
  finished: string | null = null;
  isPaused = false;
  /** Requests wait until {@link GridRun.flush}. */
  isHolding = false;
  faults: Fault[] = [];
  #barsClosed = 0;
  #commandsGiven = 0;
  readonly #held: Command[] = [];
  readonly #timers = new Map<string, number>();
  readonly #lost = new Map<string, Report[]>();

  constructor(strategy: Strategy, options: StrategyRunOptions) {
    const scale = new Scale({ ...TEST_INSTRUMENT, ...options.instrument });
    const feeAsset = options.feeAsset ?? (scale.isPerpetual ? 'quote' : 'received');
    const params = parseParams(strategy.params, options.config);
    if (!params.ok) throw new Error(JSON.stringify(params.issues));
    const ticks = scale.ticks(options.price, 'nearest');
    const plan = strategy.plan({ params: params.value, scale, feeAsset, bidTicks: ticks, askTicks: ticks });
    if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
    const limits = {
      budgetAtoms: plan.quoteAtoms,
      maxOrderAtoms: Number.MAX_SAFE_INTEGER,
      maxOpenOrders: 1_000,
      priceCollar: 10,
      ordersPerMinute: 1_000_000,
      ...(plan.leverage === undefined ? {} : { leverage: plan.leverage }),
      ...options.limits,
    };
    this.setup = {
      strategy,
      params: params.value,
      scale,
      feeAsset,
      limits,
      owner: { installation: 1, kind: 'bot', number: 1 },
      lentGrains: plan.baseGrains,
      rules: options.rules ?? null,
    };
    this.matching = new Matching({ fee: rateFee(scale.makerFee, scale.takerFee, feeAsset), slippage: () => 0, fillRule: 'touch', halfSpreadTicks: 0 });
    this.engine = new Engine(this.setup);
    this.matching.jump(ticks);
  }

  get orders(): readonly Order[] {
    return [...this.engine.orders.values()];
  }

  /** Live orders as `buy 1.5 @ 100`, by price. */
  get book(): readonly string[] {
    const { scale } = this.setup;
    return this.orders
      .toSorted((a, b) => a.priceTicks - b.priceTicks)
      .map((order) => `${order.side} ${scale.size(order.sizeLots - order.filledLots)} @ ${scale.price(order.priceTicks)}`);
  }

  start(): this {
    this.#quote();
    this.step({ type: 'runStarted', at: this.at, epoch: 1 });
    this.#deliver();
    return this;
  }

  /** Moves the price along its path; at most `liquidity` lots of ours trade on the way. */
  price(price: string, liquidity = Number.POSITIVE_INFINITY): this {
    const target = this.setup.scale.ticks(price, 'nearest');
    this.matching.liquidityLots = liquidity;
    while (this.matching.settle()) this.#deliver();
    while (this.matching.advance(target)) this.#deliver();
    this.at += 1_000;
    this.#quote();
    this.#deliver();
    return this;
  }

  /** Lets time go by; due timers fire. */
  pass(ms: number): this {
    const end = this.at + ms;
    for (let fired = 0; ; fired += 1) {
      if (fired >= MAX_TIMERS) throw new Error('timers fire without end');
      const due = [...this.#timers].filter(([, at]) => at <= end).toSorted((a, b) => a[1] - b[1])[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.at = Math.max(this.at, due[1]);
      this.step({ type: 'timerFired', at: this.at, name: due[0] });
      this.#deliver();
    }
    this.at = end;
    return this;
  }

  /** A bar of a length has closed, at the present time, with these prices. */
  bar(
    intervalMs: number,
    prices: { readonly open: string; readonly high: string; readonly low: string; readonly close: string; readonly volumeLots?: number },
    isHistory = false,
  ): this {
    const ticks = (price: string) => this.setup.scale.ticks(price, 'nearest');
    this.#barsClosed += 1;
    return this.tell({
      type: 'barClosed',
      at: this.at,
      closedAt: this.#barsClosed * intervalMs,
      intervalMs,
      isHistory,
      openTicks: ticks(prices.open),
      highTicks: ticks(prices.high),
      lowTicks: ticks(prices.low),
      closeTicks: ticks(prices.close),
      volumeLots: prices.volumeLots ?? 1_000,
    });
  }

  /** The user tells the strategy to do something. */
  command(name: string, params: Readonly<Record<string, unknown>> = {}): this {
    this.#commandsGiven += 1;
    return this.tell({ type: 'userCommand', at: this.at, commandId: `c${this.#commandsGiven}`, name, params });
  }

  pause(): this {
    return this.tell({ type: 'pauseRequested', at: this.at });
  }

  resume(): this {
    this.isPaused = false;
    return this.tell({ type: 'resumeRequested', at: this.at });
  }

  stop(liquidation: Liquidation): this {
    return this.tell({ type: 'stopRequested', at: this.at, liquidation, reason: 'test' });
  }

  tell(event: Event): this {
    this.step(event);
    this.#deliver();
    return this;
  }

  cancelByHand(side: 'buy' | 'sell', price: string): this {
    return this.tell({ type: 'cancelRequested', at: this.at, clientOrderId: this.orderAt(side, price).clientOrderId });
  }

  orderAt(side: 'buy' | 'sell', price: string): Order {
    const ticks = this.setup.scale.ticks(price, 'nearest');
    const order = this.orders.find((each) => each.side === side && each.priceTicks === ticks);
    if (order === undefined) throw new Error(`no ${side} at ${price}; there are ${this.book.join(', ')}`);
    return order;
  }

  /** The venue takes an order off the book by itself. */
  cancelAtVenue(clientOrderId: string): this {
    this.matching.cancel(clientOrderId);
    this.#deliver();
    return this;
  }

  /** Sends what was held back. */
  flush(): this {
    this.isHolding = false;
    for (const command of this.#held.splice(0)) this.#carryOut(command);
    this.#deliver();
    return this;
  }

  /** Finds out about every order whose answer was lost. */
  reconcile(): this {
    for (const [clientOrderId, reports] of [...this.#lost]) {
      this.#lost.delete(clientOrderId);
      for (const report of reports) this.#tellReport(report);
    }
    this.#deliver();
    return this;
  }

  /** A new process takes over from the stored state. */
  restart(): this {
    const stored = JSON.parse(JSON.stringify(this.engine.snapshot())) as RunState;
    this.engine = new Engine(this.setup, stored);
    this.step({ type: 'runStarted', at: this.at, epoch: stored.epoch + 1 });
    this.#deliver();
    return this;
  }

  step(event: Event): void {
    const commands = this.engine.step(event);
    this.tape.push({ sequence: this.tape.length + 1, event, commands });
    if (event.type === 'orderFilled') this.otherFeeAtoms += event.fill.otherFeeAtoms;
    for (const command of commands) this.#take(command);
    this.checkLaws();
  }

  /** What must be true after every single step. */
  checkLaws(): void {
    const { engine, setup } = this;
    const { position } = engine.state;
    // The cells of a neutral grid share one position, which others of them may lessen; the venue then takes such orders off the book.
    if (setup.params['direction'] !== 'neutral') expect(engine.legs.first.freeBaseGrains(), 'base not offered twice').toBeGreaterThanOrEqual(0);
    if (setup.scale.isPerpetual) return;
    expect(position.baseGrains, 'base held').toBeGreaterThanOrEqual(0);
    expect(setup.limits.budgetAtoms + position.quoteAtoms, 'quote left of the budget').toBeGreaterThanOrEqual(0);
    expect(engine.legs.first.freeQuoteAtoms(), 'quote not bound twice').toBeGreaterThanOrEqual(0);
  }

  #take(command: Command): void {
    if (command.type === 'setTimer') this.#timers.set(command.name, command.at);
    else if (command.type === 'clearTimer') this.#timers.delete(command.name);
    else if (command.type === 'reportFact') this.notes.push(command);
    else if (command.type === 'keepSettings') this.kept = { ...this.kept, ...command.settings };
    else if (command.type === 'pauseRun') this.isPaused = true;
    else if (command.type === 'finishRun') this.finished = command.reason;
    else if (this.isHolding) this.#held.push(command);
    else this.#carryOut(command);
  }

  #carryOut(command: Command): void {
    if (command.type === 'cancelOrder') this.matching.cancel(command.clientOrderId);
    if (command.type !== 'submitOrder') return;
    const { order } = command;
    const fault = this.faults.shift();
    if (fault === 'reject') return this.step({ type: 'orderRejected', at: this.at, clientOrderId: order.clientOrderId, code: 'venue_says_no', message: 'no' });
    if (fault === 'loseAnswer') {
      this.#lost.set(order.clientOrderId, []);
      this.step({ type: 'orderUnknown', at: this.at, clientOrderId: order.clientOrderId });
    }
    this.matching.submit(order, order.clientOrderId);
  }

  #quote(): void {
    const { bidTicks, askTicks } = this.matching;
    const { state } = this.engine;
    if (state.bidTicks !== bidTicks || state.askTicks !== askTicks) this.step({ type: 'quoteChanged', at: this.at, bidTicks, askTicks });
  }

  #deliver(): void {
    for (let reports = this.matching.takeReports(); reports.length > 0; reports = this.matching.takeReports())
      for (const report of reports) this.#tellReport(report);
  }

  #tellReport(report: Report): void {
    const { clientOrderId } = report.order;
    const lost = this.#lost.get(clientOrderId);
    if (lost !== undefined) {
      lost.push(report);
      return;
    }
    const { at } = this;
    this.#quote();
    if (report.type === 'accepted') this.step({ type: 'orderAccepted', at, clientOrderId, venueOrderId: clientOrderId });
    else if (report.type === 'filled') this.step({ type: 'orderFilled', at, clientOrderId, fill: report.fill });
    else if (report.type === 'cancelled') this.step({ type: 'orderCancelled', at, clientOrderId });
    else if (report.type === 'expired') this.step({ type: 'orderExpired', at, clientOrderId });
    else if (report.type === 'rejected') this.step({ type: 'orderRejected', at, clientOrderId, code: report.reason, message: '' });
  }

  /** Base held in whole units of the instrument, as a decimal. */
  get held(): string {
    return this.setup.scale.base(this.engine.state.position.baseGrains);
  }

  get heldLots(): number {
    return this.engine.state.position.baseGrains / GRAINS_PER_LOT;
  }
}

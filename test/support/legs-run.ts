/**
 * One run over several instruments against the simulated exchange, whose prices, sizes behind them and faults the test decides. The
 * exchange's own books stand beside the run's: after every step that leaves nothing in doubt both must hold the same.
 */
import { expect } from 'vitest';
import type { Command, ReportFact } from '#core/commands.ts';
import { Engine, type RunSetup } from '#core/engine.ts';
import type { Event, Liquidation } from '#core/events.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import { parseParams } from '#core/params.ts';
import type { Fill } from '#core/position.ts';
import type { RunState } from '#core/run-state.ts';
import { type ExchangeEvent, SimulatedExchange, type SimulatedFill } from '#core/simulated-exchange.ts';
import type { JournalEntry } from '#core/store.ts';
import type { LegNeed, Strategy } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from './strategy-run.ts';

export const TEST_PERPETUAL: Instrument = {
  ...TEST_INSTRUMENT,
  symbol: 'ABC/USDT:USDT',
  kind: 'perpetual',
  perpetual: { contractSize: '0.01', fundingIntervalMs: 28_800_000, maxLeverage: 50, maintenanceMarginRate: '0.005' },
  sizeIncrement: '0.01',
  minSize: '0.01',
  makerFeeRate: '0.0002',
  takerFeeRate: '0.0005',
};

export interface LegsRunOptions {
  readonly config: Readonly<Record<string, unknown>>;
  /** The first leg's first; each with bid and ask. */
  readonly markets: readonly { readonly instrument: Instrument; readonly bid: string; readonly ask: string }[];
  readonly deposit?: string;
}

/** What becomes of the next order: refused, carried out without an answer, or lost on its way, each found out by {@link LegsRun.reconcile}. */
export type LegsFault = 'none' | 'reject' | 'loseAnswer' | 'neverArrives';

const ACCOUNT = 'me';
const MAX_TIMERS = 10_000;
/** Steps of one run; more is a loop. */
const MAX_STEPS = 20_000;

export class LegsRun {
  readonly setup: RunSetup;
  readonly exchange: SimulatedExchange;
  readonly tape: JournalEntry[] = [];
  readonly notes: ReportFact[] = [];
  engine: Engine;
  at = 1_000_000;
  faults: LegsFault[] = [];
  finished: string | null = null;
  readonly #timers = new Map<string, number>();
  readonly #inDoubt = new Map<string, Event[]>();
  readonly #tradeIds = new Set<string>();

  constructor(strategy: Strategy, { config, markets, deposit = '1000000' }: LegsRunOptions) {
    const parsed = parseParams(strategy.params, config);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    this.exchange = new SimulatedExchange({ instruments: markets.map(({ instrument }) => instrument), marginMode: 'isolated' });
    this.exchange.deposit(ACCOUNT, 'USDT', deposit, this.at);
    const legs = markets.map(({ instrument, bid, ask }) => {
      const scale = new Scale(instrument);
      const feeAsset = scale.isPerpetual ? ('quote' as const) : ('received' as const);
      return { scale, feeAsset, bidTicks: scale.ticks(bid, 'nearest'), askTicks: scale.ticks(ask, 'nearest') };
    });
    const [first, ...others] = legs;
    const [symbol = ''] = markets.map(({ instrument }) => instrument.symbol);
    if (first === undefined) throw new Error('a run needs a market');
    const wishes = strategy.otherLegs?.(parsed.value, symbol) ?? [];
    const plan = strategy.plan({ params: parsed.value, ...first, otherLegs: others.map((leg, index) => ({ ...leg, name: wishes[index]?.name ?? '' })) });
    if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
    const terms = ({ scale, feeAsset }: (typeof legs)[number], { quoteAtoms, baseGrains, leverage }: LegNeed) => ({
      scale,
      feeAsset,
      lentGrains: baseGrains,
      limits: {
        budgetAtoms: quoteAtoms,
        maxOrderAtoms: Number.MAX_SAFE_INTEGER,
        maxOpenOrders: 100,
        priceCollar: 0.1,
        ordersPerMinute: 1_000_000,
        ...(leverage === undefined ? {} : { leverage }),
      },
    });
    this.setup = {
      strategy,
      params: parsed.value,
      owner: { installation: 1, kind: 'bot', number: 1 },
      ...terms(first, plan),
      ...(strategy.legName === undefined ? {} : { legName: strategy.legName }),
      otherLegs: others.map((leg, index) => {
        const need = plan.otherLegs?.[index];
        if (need === undefined) throw new Error('the plan is silent about a leg');
        if (leg.scale.isPerpetual) this.exchange.perpetuals.setLeverage(ACCOUNT, leg.scale.instrument.symbol, need.leverage ?? 1, 'isolated', this.at);
        return { name: wishes[index]?.name ?? '', ...terms(leg, need) };
      }),
    };
    this.engine = new Engine(this.setup);
    for (const [index, { instrument }] of markets.entries())
      this.exchange.setQuote(instrument.symbol, legs[index]?.bidTicks ?? 0, legs[index]?.askTicks ?? 0, this.at);
  }

  start(): this {
    this.#sync();
    return this.tell({ type: 'runStarted', at: this.at, epoch: 1 });
  }

  /** The best prices of a leg from now on, and the lots that stand behind each. */
  quote(leg: string, bid: string, ask: string, liquidityLots = Number.POSITIVE_INFINITY): this {
    const { scale } = this.engine.legs.of(leg).terms;
    this.at += 10;
    this.exchange.setQuote(scale.instrument.symbol, scale.ticks(bid, 'nearest'), scale.ticks(ask, 'nearest'), this.at, liquidityLots);
    this.#sync();
    this.#deliver();
    return this;
  }

  /** Several legs move in the same moment. */
  quotes(prices: Readonly<Record<string, readonly [bid: string, ask: string]>>): this {
    this.at += 10;
    for (const [leg, [bid, ask]] of Object.entries(prices)) {
      const { scale } = this.engine.legs.of(leg).terms;
      this.exchange.setQuote(scale.instrument.symbol, scale.ticks(bid, 'nearest'), scale.ticks(ask, 'nearest'), this.at);
    }
    this.#sync();
    this.#deliver();
    return this;
  }

  pass(ms: number): this {
    const end = this.at + ms;
    for (let fired = 0; ; fired += 1) {
      if (fired >= MAX_TIMERS) throw new Error('timers fire without end');
      const due = [...this.#timers].filter(([, at]) => at <= end).toSorted((one, other) => one[1] - other[1])[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.at = Math.max(this.at, due[1]);
      this.tell({ type: 'timerFired', at: this.at, name: due[0] });
    }
    this.at = end;
    return this;
  }

  command(name: string): this {
    return this.tell({ type: 'userCommand', at: this.at, commandId: `c${this.tape.length}`, name, params: {} });
  }

  stop(liquidation: Liquidation): this {
    return this.tell({ type: 'stopRequested', at: this.at, liquidation, reason: 'test' });
  }

  /** The exchange stops or resumes trading in a leg, and the run is told. */
  market(leg: string, isOpen: boolean): this {
    this.exchange.setHalted(this.engine.legs.of(leg).symbol, !isOpen);
    return this.tell({ type: 'marketChanged', at: this.at, leg, isOpen, reason: isOpen ? '' : 'the exchange has halted it' });
  }

  /** Funding is settled at this rate. */
  funding(leg: string, rate: string): this {
    const { symbol, terms, state } = this.engine.legs.of(leg);
    this.exchange.perpetuals.setFundingRate(symbol, rate);
    this.at += 28_800_000;
    return this.quote(leg, terms.scale.price(state.bidTicks), terms.scale.price(state.askTicks));
  }

  tell(event: Event): this {
    this.#step(event);
    this.#deliver();
    return this;
  }

  /** What became of every order in doubt is found out. */
  reconcile(): this {
    for (const [clientOrderId, events] of [...this.#inDoubt]) {
      this.#inDoubt.delete(clientOrderId);
      for (const event of events) this.#step({ ...event, at: this.at });
    }
    this.#deliver();
    return this;
  }

  /** A new process takes over from the stored state. */
  restart(): this {
    const stored = JSON.parse(JSON.stringify(this.engine.snapshot())) as RunState;
    this.engine = new Engine(this.setup, stored);
    return this.tell({ type: 'runStarted', at: this.at, epoch: stored.epoch + 1 });
  }

  /** Base held in a leg, as a decimal. */
  held(leg: string): string {
    const { terms, state } = this.engine.legs.of(leg);
    return terms.scale.base(state.position.baseGrains);
  }

  /** Base of all legs together. */
  get delta(): number {
    return this.engine.legs.all.reduce((sum, { name }) => sum.plus(this.held(name ?? '')), decimal('0')).toNumber();
  }

  get isInDoubt(): boolean {
    return this.#inDoubt.size > 0;
  }

  /** What the run counts is what the exchange has. */
  checkBooks(): void {
    if (this.isInDoubt) return;
    for (const { name, symbol, terms } of this.engine.legs.all) {
      const inBooks = terms.scale.isPerpetual
        ? (this.exchange.perpetuals.positions(ACCOUNT).find((position) => position.symbol === symbol)?.size ?? '0')
        : (this.exchange.balances(ACCOUNT).find(({ asset }) => asset === terms.scale.instrument.base)?.free ?? '0');
      expect(this.held(name ?? ''), `${symbol} held`).toBe(inBooks);
    }
  }

  #sync(): void {
    const changed = this.engine.legs.all.filter(({ symbol, state }) => {
      const quote = this.exchange.quote(symbol);
      return quote.bidTicks !== state.bidTicks || quote.askTicks !== state.askTicks;
    });
    for (const [index, { symbol, mark }] of changed.entries()) {
      const hasMore = index < changed.length - 1 ? { hasMore: true as const } : {};
      this.#step({ type: 'quoteChanged', at: this.at, ...this.exchange.quote(symbol), ...mark, ...hasMore });
    }
  }

  #step(event: Event): void {
    if (this.tape.length >= MAX_STEPS) throw new Error('the run goes round in circles');
    const commands = this.engine.step(event);
    this.tape.push({ sequence: this.tape.length + 1, event, commands });
    for (const command of commands) this.#take(command);
  }

  #take(command: Command): void {
    if (command.type === 'setTimer') this.#timers.set(command.name, command.at);
    else if (command.type === 'clearTimer') this.#timers.delete(command.name);
    else if (command.type === 'reportFact') this.notes.push(command);
    else if (command.type === 'finishRun') this.finished = command.reason;
    else if (command.type === 'submitOrder') this.#place(command.order);
    else if (command.type === 'cancelOrder')
      this.exchange.cancel(ACCOUNT, this.engine.legs.of(command.leg).symbol, { clientOrderId: command.clientOrderId }, this.at);
  }

  #place(order: Order): void {
    const { clientOrderId } = order;
    const rejected = (code: string): Event => ({ type: 'orderRejected', at: this.at, clientOrderId, code, message: '' });
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'reject') return this.#step(rejected('venue_says_no'));
    if (fault !== 'none') {
      this.#inDoubt.set(clientOrderId, fault === 'neverArrives' ? [rejected('never_placed')] : []);
      this.#step({ type: 'orderUnknown', at: this.at, clientOrderId });
    }
    if (fault === 'neverArrives') return;
    const { scale } = this.engine.legs.ofOrder(order).terms;
    const answer = this.exchange.place(
      ACCOUNT,
      {
        clientOrderId,
        symbol: scale.instrument.symbol,
        side: order.side,
        type: order.type,
        price: order.priceTicks > 0 ? scale.price(order.priceTicks) : null,
        triggerPrice: null,
        size: scale.size(order.sizeLots),
        timeInForce: order.timeInForce,
        postOnly: order.postOnly,
        reduceOnly: order.reduceOnly,
      },
      this.at,
    );
    if (!answer.ok) this.#tell(clientOrderId, rejected(answer.reason));
  }

  #deliver(): void {
    for (let events = this.exchange.takeEvents(); events.length > 0; events = this.exchange.takeEvents()) for (const event of events) this.#hear(event);
  }

  #hear(event: ExchangeEvent): void {
    if (event.type === 'funding') {
      const leg = this.engine.legs.all.find(({ symbol }) => symbol === event.funding.symbol);
      const amountAtoms = Math.round(Number(event.funding.amount) / Number(leg?.terms.scale.quote(1)));
      this.#step({ type: 'fundingPaid', at: this.at, paymentId: event.funding.paymentId, amountAtoms, ...leg?.mark });
    }
    if (event.type !== 'order' && event.type !== 'fill') return;
    const { clientOrderId, venueOrderId, symbol } = event.order;
    const { at } = this;
    if (event.type === 'fill') {
      const leg = this.engine.legs.all.find((each) => each.symbol === symbol);
      this.#tell(clientOrderId, { type: 'orderFilled', at, clientOrderId, fill: this.#fillOf(event.fill), ...leg?.mark });
    } else if (event.cause === 'accepted') this.#tell(clientOrderId, { type: 'orderAccepted', at, clientOrderId, venueOrderId });
    else if (event.cause === 'cancelled') this.#tell(clientOrderId, { type: 'orderCancelled', at, clientOrderId });
    else if (event.cause === 'expired') this.#tell(clientOrderId, { type: 'orderExpired', at, clientOrderId });
  }

  #tell(clientOrderId: string, event: Event): void {
    const waiting = this.#inDoubt.get(clientOrderId);
    if (waiting !== undefined) waiting.push(event);
    else this.#step(event);
  }

  #fillOf({ tradeId, side, priceTicks, sizeLots, feeAsset, feeAmount, isMaker, symbol }: SimulatedFill): Fill {
    expect(this.#tradeIds.has(tradeId), 'an execution is told once').toBe(false);
    this.#tradeIds.add(tradeId);
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) throw new Error(`${symbol} is not traded`);
    const isBase = feeAsset === scale.instrument.base;
    return {
      tradeId,
      side,
      priceTicks,
      sizeLots,
      feeGrains: isBase ? scale.grains(feeAmount, 'up') : 0,
      feeAtoms: isBase ? 0 : scale.atoms(feeAmount, 'up'),
      otherFeeAtoms: 0,
      isMaker,
    };
  }
}

/**
 * One run over several instruments against the simulated exchange, whose prices, sizes behind them and faults the test decides. The
 * exchange's own books stand beside the run's: after every step that leaves nothing in doubt both must hold the same.
 */
import { expect } from 'vitest';
import { DRIVEN_ACCOUNT, ExchangeDriver } from '#app/backtest/exchange-driver.ts';
import { ExchangeMail } from '#app/backtest/exchange-news.ts';
import type { Command, ReportFact } from '#core/commands.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Event, Liquidation } from '#core/events.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import { parseParams } from '#core/params.ts';
import { SimulatedExchange } from '#core/simulated-exchange.ts';
import type { JournalEntry } from '#core/store/runs.ts';
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

const BEGINS_AT = 1_000_000;

export class LegsRun extends ExchangeDriver {
  readonly setup: RunSetup;
  readonly tape: JournalEntry[];
  readonly notes: ReportFact[];
  faults: LegsFault[] = [];
  readonly #inDoubt = new Map<string, Event[]>();
  readonly #tradeIds = new Set<string>();

  constructor(strategy: Strategy, { config, markets, deposit = '1000000' }: LegsRunOptions) {
    const mail = new ExchangeMail();
    const exchange = new SimulatedExchange({ instruments: markets.map(({ instrument }) => instrument), marginMode: 'isolated', listener: mail });
    exchange.deposit(DRIVEN_ACCOUNT, 'USDT', deposit, BEGINS_AT);
    const setup = setupOf(strategy, config, markets);
    const tape: JournalEntry[] = [];
    const notes: ReportFact[] = [];
    const onStep = (event: Event, commands: readonly Command[]): void => {
      tape.push({ sequence: tape.length + 1, event: { ...event }, commands });
      notes.push(...commands.filter((command) => command.type === 'reportFact'));
    };
    super({ engine: new Engine(setup), exchange, mail, onStep });
    this.setup = setup;
    this.tape = tape;
    this.notes = notes;
    this.now = BEGINS_AT;
    for (const { scale, limits } of setup.otherLegs ?? [])
      if (scale.isPerpetual) exchange.perpetuals.setLeverage(DRIVEN_ACCOUNT, scale.instrument.symbol, limits.leverage ?? 1, 'isolated', this.now);
    for (const { instrument, bid, ask } of markets) {
      const scale = new Scale(instrument);
      exchange.setQuote(instrument.symbol, scale.ticks(bid, 'nearest'), scale.ticks(ask, 'nearest'), this.now);
    }
  }

  get finished(): string | null {
    return this.finishReason;
  }

  start(): this {
    this.sync();
    return this.hear({ type: 'runStarted', at: this.now, epoch: 1 });
  }

  /** The best prices of a leg from now on, and the lots that stand behind each. */
  quote(leg: string, bid: string, ask: string, liquidityLots = Number.POSITIVE_INFINITY): this {
    const { scale } = this.engine.legs.of(leg).terms;
    this.passTo(this.now + 10);
    this.exchange.setQuote(scale.instrument.symbol, scale.ticks(bid, 'nearest'), scale.ticks(ask, 'nearest'), this.now, liquidityLots);
    this.sync();
    return this;
  }

  /** Several legs move in the same moment. */
  quotes(prices: Readonly<Record<string, readonly [bid: string, ask: string]>>): this {
    this.passTo(this.now + 10);
    for (const [leg, [bid, ask]] of Object.entries(prices)) {
      const { scale } = this.engine.legs.of(leg).terms;
      this.exchange.setQuote(scale.instrument.symbol, scale.ticks(bid, 'nearest'), scale.ticks(ask, 'nearest'), this.now);
    }
    this.sync();
    return this;
  }

  pass(ms: number): this {
    this.passTo(this.now + ms);
    return this;
  }

  command(name: string, params: Readonly<Record<string, unknown>> = {}): this {
    return this.hear({ type: 'userCommand', at: this.now, commandId: `c${this.tape.length}`, name, params });
  }

  stop(liquidation: Liquidation): this {
    return this.hear({ type: 'stopRequested', at: this.now, liquidation, reason: 'test' });
  }

  /** The exchange stops or resumes trading in a leg, and the run is told. */
  market(leg: string, isOpen: boolean): this {
    this.exchange.setHalted(this.engine.legs.of(leg).symbol, !isOpen);
    return this.hear({ type: 'marketChanged', at: this.now, leg, isOpen, reason: isOpen ? '' : 'the exchange has halted it' });
  }

  /** Funding is settled at this rate. */
  funding(leg: string, rate: string): this {
    const { symbol, terms, state } = this.engine.legs.of(leg);
    this.exchange.perpetuals.setFundingRate(symbol, rate);
    this.passTo(this.now + 28_800_000);
    return this.quote(leg, terms.scale.price(state.bidTicks), terms.scale.price(state.askTicks));
  }

  hear(event: Event): this {
    this.tell(event);
    return this;
  }

  /** What became of every order in doubt is found out. */
  reconcile(): this {
    for (const [clientOrderId, events] of [...this.#inDoubt]) {
      this.#inDoubt.delete(clientOrderId);
      for (const event of events) this.step({ ...event, at: this.now });
    }
    this.deliver();
    return this;
  }

  /** A new process takes over from the stored state. */
  restart(): this {
    const stored = JSON.parse(JSON.stringify(this.engine.snapshot())) as RunState;
    this.engine = new Engine(this.setup, stored);
    return this.hear({ type: 'runStarted', at: this.now, epoch: stored.epoch + 1 });
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
        ? (this.exchange.perpetuals.positions(DRIVEN_ACCOUNT).find((position) => position.symbol === symbol)?.size ?? '0')
        : this.#coins(terms.scale.instrument.base);
      expect(this.held(name ?? ''), `${symbol} held`).toBe(inBooks);
    }
  }

  /** What rests to be sold is held, too. */
  #coins(asset: string): string {
    const balance = this.exchange.balances(DRIVEN_ACCOUNT).find((each) => each.asset === asset);
    return balance === undefined ? '0' : plain(decimal(balance.free).plus(balance.locked));
  }

  protected override place(order: Order): void {
    const { clientOrderId } = order;
    const rejected = (code: string): Event => ({ type: 'orderRejected', at: this.now, clientOrderId, code, message: '' });
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'reject') return this.step(rejected('venue_says_no'));
    if (fault !== 'none') {
      this.#inDoubt.set(clientOrderId, fault === 'neverArrives' ? [rejected('never_placed')] : []);
      this.step({ type: 'orderUnknown', at: this.now, clientOrderId });
    }
    if (fault !== 'neverArrives') super.place(order);
  }

  protected override report(event: Event & { readonly clientOrderId: string }): void {
    if (event.type === 'orderFilled') {
      expect(this.#tradeIds.has(event.fill.tradeId), 'an execution is told once').toBe(false);
      this.#tradeIds.add(event.fill.tradeId);
    }
    const waiting = this.#inDoubt.get(event.clientOrderId);
    if (waiting !== undefined) waiting.push(event);
    else super.report(event);
  }
}

/** The setup that a live run would have, with limits that are nobody's matter here. */
function setupOf(strategy: Strategy, config: unknown, markets: LegsRunOptions['markets']): RunSetup {
  const parsed = parseParams(strategy.params, config);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const legs = markets.map(({ instrument, bid, ask }) => {
    const scale = new Scale(instrument);
    const feeAsset = scale.isPerpetual ? ('quote' as const) : ('received' as const);
    return { scale, feeAsset, bidTicks: scale.ticks(bid, 'nearest'), askTicks: scale.ticks(ask, 'nearest') };
  });
  const [first, ...others] = legs;
  if (first === undefined) throw new Error('a run needs a market');
  const names = strategy.otherLegs?.(parsed.value, first.scale.instrument.symbol).map(({ name }) => name) ?? [];
  const plan = strategy.plan({ params: parsed.value, ...first, otherLegs: others.map((leg, index) => ({ ...leg, name: names[index] ?? '' })) });
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
  return {
    strategy,
    params: parsed.value,
    owner: { installation: 1, kind: 'bot', number: 1 },
    ...terms(first, plan),
    ...(strategy.legName === undefined ? {} : { legName: strategy.legName }),
    otherLegs: others.map((leg, index) => {
      const need = plan.otherLegs?.[index];
      if (need === undefined) throw new Error('the plan is silent about a leg');
      return { name: names[index] ?? '', ...terms(leg, need) };
    }),
  };
}

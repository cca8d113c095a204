/**
 * A backtest: the same engine and strategy as live, driven by history against a simulated venue. What it promises is
 * sameness of decisions, not of fills: the path inside a bar is a rule, and nobody else's orders are known.
 */
import type { BarColumns } from '#core/bar-columns.ts';
import type { Bars } from '#core/bars.ts';
import type { Command } from '#core/commands.ts';
import { Engine, type RunSetup } from '#core/engine.ts';
import { AppError } from '#core/errors.ts';
import type { Event } from '#core/events.ts';
import { GRAINS_PER_LOT, type Instrument, MAX_ATOMS, Scale } from '#core/instrument.ts';
import { Matching } from '#core/matching/matching.ts';
import { constantLatency, type FillRule, proportionalSlippage, rateFee } from '#core/matching/models.ts';
import type { DecimalString } from '#core/money.ts';
import { type Issue, parseParams } from '#core/params.ts';
import { annualReturn, periodsPerYear, returnsOf, sharpeRatio, sortinoRatio } from '#core/performance.ts';
import type { FeeAsset, RiskLimits } from '#core/risk.ts';
import type { JournalEntry } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { BarSimulation } from './bar-simulation.ts';
import { EquityCurve } from './equity-curve.ts';
import { openFeed } from './open-feed.ts';

const DAY_MS = 86_400_000;
/** Notes of the strategy that are kept; the rest is counted. */
export const MAX_NOTES = 100;

/** How the simulated venue behaves; what is left out takes the stated value. */
export interface VenueModel {
  /** Which coin the fee is taken in: `received`. */
  readonly feeAsset?: FeeAsset;
  /** Half the distance between bid and ask, in ticks: 0. */
  readonly halfSpreadTicks?: number;
  /** By which share of the price taking orders are worse than the quote: 0. */
  readonly slippage?: number;
  /** Milliseconds until a request acts at the venue: 0. */
  readonly latencyMs?: number;
  /** `touch`, or `through` for the pessimist who stands last in every queue. */
  readonly fillRule?: FillRule;
  /** Share of a bar's volume our orders may fill: no limit. */
  readonly volumeShare?: number;
}

export interface BacktestOptions {
  readonly strategy: Strategy;
  /** Settings as a user gives them. */
  readonly config: unknown;
  readonly instrument: Instrument;
  readonly bars: Bars;
  /** Bars before those, for strategies that warm up; without any they do so in the run, and wait meanwhile. */
  readonly history?: Bars;
  readonly venue?: VenueModel;
  /** Replaces single limits; the budget is always what the plan asks for. */
  readonly limits?: Partial<Omit<RiskLimits, 'budgetAtoms'>>;
  /** Tells a strategy with a rule every bar, as a live run does, where otherwise those at which it turns are found beforehand. The same, only slower. */
  readonly isStepped?: boolean;
  /** Columns over `bars` that several runs share, such as those of a sweep. */
  readonly columns?: BarColumns;
  /** Keeps the tape: every event and its commands. */
  readonly keepTape?: boolean;
  /** Called now and then with the bars done; `false` ends the run there. */
  readonly onProgress?: (barsDone: number) => boolean;
}

export interface BacktestResult {
  readonly bars: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why the run ended before its last bar; empty when it did not. */
  readonly endReason: string;
  readonly orders: { readonly placed: number; readonly denied: number; readonly cancelled: number; readonly rejected: number; readonly expired: number };
  readonly trades: { readonly count: number; readonly buys: number; readonly sells: number };
  /** Amounts in quote. */
  readonly capital: DecimalString;
  readonly profit: DecimalString;
  /** Share of the capital. */
  readonly profitShare: number;
  /** Profit of what was sold against its average cost, and of what is still held. */
  readonly realised: DecimalString;
  readonly floating: DecimalString;
  readonly fees: DecimalString;
  readonly drawdown: { readonly share: number; readonly amount: DecimalString };
  /** From daily equity; `null` where there is too little to tell. */
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly annualReturn: number | null;
  /** The same capital turned into base at the first open, taker fee paid, and held. */
  readonly holdShare: number;
  readonly curve: readonly { readonly at: number; readonly equity: DecimalString; readonly price: DecimalString }[];
  readonly preview: Readonly<Record<string, unknown>>;
  /** The strategy's own figures. */
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly notesDropped: number;
  /** What {@link replay} needs; entries only when they were asked for. */
  readonly setup: RunSetup;
  readonly tape: readonly JournalEntry[];
}

/** Runs a strategy over history. Throws AppError `validation_failed` naming the settings at fault, `candles_invalid` for no bars. */
export function runBacktest(options: BacktestOptions): BacktestResult {
  const { bars, venue = {} } = options;
  if (bars.length === 0) throw new AppError('candles_invalid', 'there are no candles to run over');
  const { setup, preview } = prepare(options);
  const halfSpreadTicks = venue.halfSpreadTicks ?? 0;
  const engine = new Engine(setup);
  const matching = new Matching({
    fee: rateFee(setup.scale.makerFee, setup.scale.takerFee, setup.feeAsset),
    slippage: venue.slippage === undefined || venue.slippage === 0 ? () => 0 : proportionalSlippage(venue.slippage),
    fillRule: venue.fillRule ?? 'touch',
    halfSpreadTicks,
  });
  const openTicks = bars.openTicks[0] ?? 0;
  const capitalAtoms = setup.limits.budgetAtoms + Math.round((setup.lentGrains / GRAINS_PER_LOT) * openTicks);
  // Lent base is part of the capital from the start; the curve adds it from the holding.
  const curve = new EquityCurve(bars, setup.limits.budgetAtoms, capitalAtoms);
  const log = new RunLog(options.keepTape === true);
  // Before the price is above zero the run cannot begin, and its rule takes no bars in.
  const isStepped = options.isStepped === true || openTicks <= halfSpreadTicks;
  const simulation = new BarSimulation({
    ...openFeed({ setup, bars, history: options.history, isStepped, columns: options.columns ?? null }),
    engine,
    matching,
    bars,
    curve,
    halfSpreadTicks,
    latency: constantLatency(venue.latencyMs ?? 0),
    volumeShare: venue.volumeShare ?? null,
    onStep: (event, commands) => log.add(event, commands),
    onProgress: options.onProgress ?? null,
  });
  simulation.run();
  return resultOf({ options, setup, preview, engine, simulation, curve, log, capitalAtoms });
}

function prepare(options: BacktestOptions): { readonly setup: RunSetup; readonly preview: Readonly<Record<string, unknown>> } {
  const { strategy, instrument, bars } = options;
  const parsed = parseParams(strategy.params, options.config);
  if (!parsed.ok) throw refusal(parsed.issues);
  const scale = new Scale(instrument);
  const feeAsset = options.venue?.feeAsset ?? 'received';
  const half = options.venue?.halfSpreadTicks ?? 0;
  const open = bars.openTicks[0] ?? 0;
  const plan = strategy.plan({ params: parsed.value, scale, feeAsset, bidTicks: open - half, askTicks: open + half });
  if (!plan.ok) throw refusal(plan.issues);
  const maxOrderAtoms = Math.min(MAX_ATOMS, Math.ceil((plan.quoteAtoms + (plan.baseGrains / GRAINS_PER_LOT) * open) * 3));
  const limits: RiskLimits = { ...SIMULATED_LIMITS, maxOrderAtoms, ...options.limits, budgetAtoms: plan.quoteAtoms };
  const setup: RunSetup = {
    strategy,
    params: parsed.value,
    scale,
    feeAsset,
    limits,
    owner: { installation: 0, kind: 'bot', number: 0 },
    lentGrains: plan.baseGrains,
  };
  return { setup, preview: plan.preview };
}

/** As a live run's, but with room for orders that live would spread over time. */
const SIMULATED_LIMITS = { maxOpenOrders: 1_000, priceCollar: 0.1, ordersPerMinute: 6_000 } as const;

function refusal(issues: readonly Issue[]): AppError {
  return new AppError('validation_failed', issues.map((issue) => `${issue.field}: ${issue.message}`).join('; '), issues);
}

/** Counts and keeps what happened. */
class RunLog {
  readonly orders = { placed: 0, denied: 0, cancelled: 0, rejected: 0, expired: 0 };
  readonly trades = { count: 0, buys: 0, sells: 0 };
  readonly notes: { readonly at: number; readonly text: string }[] = [];
  readonly tape: JournalEntry[] = [];
  notesDropped = 0;
  readonly #keepsTape: boolean;

  constructor(keepsTape: boolean) {
    this.#keepsTape = keepsTape;
  }

  add(event: Event, commands: readonly Command[]): void {
    // Events may be objects used again; the commands are the engine's, which gives them away.
    if (this.#keepsTape) this.tape.push({ sequence: this.tape.length + 1, event: { ...event }, commands });
    if (event.type !== 'barClosed' && event.type !== 'quoteChanged') this.#countEvent(event);
    for (const command of commands) {
      if (command.type === 'submitOrder') this.orders.placed += 1;
      else if (command.type === 'denyOrder') this.orders.denied += 1;
      else if (command.type === 'reportFact') this.#note(event.at, command.text);
    }
  }

  #countEvent(event: Event): void {
    if (event.type === 'orderFilled') {
      this.trades.count += 1;
      if (event.fill.side === 'buy') this.trades.buys += 1;
      else this.trades.sells += 1;
    } else if (event.type === 'orderCancelled') this.orders.cancelled += 1;
    else if (event.type === 'orderRejected') this.orders.rejected += 1;
    else if (event.type === 'orderExpired') this.orders.expired += 1;
  }

  #note(at: number, text: string): void {
    if (this.notes.length < MAX_NOTES) this.notes.push({ at, text });
    else this.notesDropped += 1;
  }
}

interface Finished {
  readonly options: BacktestOptions;
  readonly setup: RunSetup;
  readonly preview: Readonly<Record<string, unknown>>;
  readonly engine: Engine;
  readonly simulation: BarSimulation;
  readonly curve: EquityCurve;
  readonly log: RunLog;
  readonly capitalAtoms: number;
}

function resultOf({ options, setup, preview, engine, simulation, curve, log, capitalAtoms }: Finished): BacktestResult {
  const { bars } = options;
  const { scale, strategy } = setup;
  const { position } = engine.state;
  const startedAt = bars.startAt[0] ?? 0;
  const endedAt = (bars.startAt[simulation.barsDone - 1] ?? 0) + bars.intervalMs;
  const profitAtoms = Math.round(curve.equityAtoms) - capitalAtoms;
  const profitShare = profitAtoms / capitalAtoms;
  const returns = returnsOf(curve.daily);
  const yearly = periodsPerYear(Math.max(DAY_MS, bars.intervalMs));
  const openTicks = bars.openTicks[0] ?? 1;
  const lastTicks = bars.closeTicks[simulation.barsDone - 1] ?? openTicks;
  return {
    bars: simulation.barsDone,
    startedAt,
    endedAt,
    endReason: simulation.finishReason,
    orders: log.orders,
    trades: log.trades,
    capital: scale.quote(capitalAtoms),
    profit: scale.quote(profitAtoms),
    profitShare,
    realised: scale.quote(position.realisedAtoms),
    floating: scale.quote(profitAtoms - position.realisedAtoms),
    fees: scale.quote(position.feesAtoms),
    drawdown: { share: curve.drawdown.share, amount: scale.quote(Math.round(curve.drawdown.amount)) },
    sharpe: sharpeRatio(returns, yearly),
    sortino: sortinoRatio(returns, yearly),
    annualReturn: annualReturn(profitShare, endedAt - startedAt),
    holdShare: (lastTicks / openTicks) * (1 - Number(setup.scale.instrument.takerFeeRate)) - 1,
    curve: curve.points.map((point) => ({ at: point.at, equity: scale.quote(Math.round(point.equity)), price: scale.price(point.priceTicks) })),
    preview,
    figures: strategy.figures?.(engine.state.strategy, scale) ?? {},
    notes: log.notes,
    notesDropped: log.notesDropped,
    setup,
    tape: log.tape,
  };
}

/**
 * A backtest: the same engine and strategy as live, driven by history against a simulated venue. What it promises is
 * sameness of decisions, not of fills: the path inside a bar is a rule, and nobody else's orders are known.
 */

import type { RunRules } from '#core/actions/run-actions.ts';
import type { BarColumns } from '#core/bars/bar-columns.ts';
import type { Bars } from '#core/bars/bars.ts';
import { SIMULATED } from '#core/client-order-id.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import { AppError } from '#core/errors.ts';
import { GRAINS_PER_LOT, type Instrument, MAX_ATOMS, Scale } from '#core/instrument.ts';
import { Matching } from '#core/matching/matching.ts';
import { constantLatency, proportionalSlippage, rateFee } from '#core/matching/models.ts';
import { OrderQueue } from '#core/matching/queue.ts';
import type { DecimalString } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import { type Issue, parseParams } from '#core/params.ts';
import { annualReturn, periodsPerYear, returnsOf, sharpeRatio, sortinoRatio } from '#core/performance.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import type { RiskLimits } from '#core/risk.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';
import { BarSimulation, type BarSimulationParts } from './bar-simulation.ts';
import { EquityCurve } from './equity-curve.ts';
import { type FundingModel, fundingModel } from './funding-model.ts';
import type { HeardBars } from './heard-feed.ts';
import { openFeed } from './open-feed.ts';
import { PerpetualDesk } from './perpetual-desk.ts';
import { type RunLedger, RunLog } from './run-log.ts';
import { TradeSimulation, type TradeSimulationParts } from './trade-simulation.ts';
import { DEFAULT_QUEUE_SHARE, type VenueModel } from './venue-model.ts';

const DAY_MS = 86_400_000;

export interface BacktestOptions {
  readonly strategy: Strategy;
  /** Settings as a user gives them. */
  readonly config: unknown;
  readonly instrument: Instrument;
  readonly bars: Bars;
  /** The trades of which `bars` were made, where they are known: then each of them moves the price, and no path is assumed. */
  readonly trades?: Pick<TradeSimulationParts, 'trades' | 'firstTrades'>;
  /** Bars before those, for strategies that warm up; without any they do so in the run, and wait meanwhile. */
  readonly history?: Bars;
  readonly venue?: VenueModel;
  /** What follows from each order of the strategy, as its user has it done. */
  readonly rules?: RunRules;
  /** Replaces single limits; the budget is always what the plan asks for. */
  readonly limits?: Partial<Omit<RiskLimits, 'budgetAtoms'>>;
  /** Tells a strategy with a rule every bar, as a live run does, where otherwise those at which it turns are found beforehand. The same, only slower. */
  readonly isStepped?: boolean;
  /** Columns over `bars` that several runs share, such as those of a sweep. */
  readonly columns?: BarColumns;
  /** Of a strategy that only gives back what was asked before: at which bars, so that all others are passed over. */
  readonly heard?: HeardBars;
  /** Keeps the tape: every event and its commands. */
  readonly keepTape?: boolean;
  /** Keeps every order, execution and payment, which a report is made of. */
  readonly keepLedger?: boolean;
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
  /** Funding received less paid. */
  readonly funding: DecimalString;
  /** How a perpetual was held; `null` for spot. */
  readonly marginMode: MarginMode | null;
  /** Times that the venue took a position over for want of margin. */
  readonly liquidations: number;
  readonly drawdown: { readonly share: number; readonly amount: DecimalString };
  /** From daily equity; `null` where there is too little to tell. */
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly annualReturn: number | null;
  /** From the end of each UTC day to that of the next. */
  readonly dailyReturns: readonly number[];
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
  /** `null` where it was not asked for. */
  readonly ledger: RunLedger | null;
}

/** Runs a strategy over history. Throws AppError `validation_failed` naming the settings at fault, `candles_invalid` for no bars. */
export function runBacktest(options: BacktestOptions): BacktestResult {
  const { bars, venue = {} } = options;
  if (bars.length === 0) throw new AppError('candles_invalid', 'there are no candles to run over');
  const { setup, preview, margin } = prepare(options);
  const halfSpreadTicks = venue.halfSpreadTicks ?? 0;
  const engine = new Engine(setup, undefined, options.keepTape === true || options.keepLedger === true ? 'keeper' : 'reader');
  const perpetual = setup.scale.isPerpetual ? new PerpetualDesk({ engine, ...margin, funding: fundingOf(options) }) : null;
  const matching = new Matching<Order>({
    fee: rateFee(setup.scale.makerFee, setup.scale.takerFee, setup.feeAsset),
    slippage: venue.slippage === undefined || venue.slippage === 0 ? () => 0 : proportionalSlippage(venue.slippage),
    fillRule: venue.fillRule ?? 'touch',
    halfSpreadTicks,
    ...(perpetual === null ? {} : { reducible: perpetual.reducible }),
  });
  const queue = venue.fillRule === 'queue' ? new OrderQueue(venue.queueShare ?? DEFAULT_QUEUE_SHARE, () => volumeAt(bars, simulation.barsDone)) : null;
  const openTicks = bars.openTicks[0] ?? 0;
  const capitalAtoms = setup.limits.budgetAtoms + Math.round((setup.lentGrains / GRAINS_PER_LOT) * openTicks);
  // Lent base is part of the capital from the start; the curve adds it from the holding.
  const curve = new EquityCurve(bars, setup.limits.budgetAtoms, capitalAtoms);
  const startedAt = bars.startAt[0] ?? 0;
  const log = new RunLog({
    keepsTape: options.keepTape === true,
    keepsLedger: options.keepLedger === true,
    lent: setup.lentGrains === 0 ? null : { at: startedAt, grains: setup.lentGrains, priceTicks: openTicks },
    barsDone: () => simulation.barsDone,
  });
  // Before the price is above zero the run cannot begin, and its rule takes no bars in.
  const isStepped = options.isStepped === true || openTicks <= halfSpreadTicks;
  const parts: BarSimulationParts = {
    ...openFeed({ setup, bars, history: options.history, isStepped, columns: options.columns ?? null, heard: options.heard ?? null, engine }),
    engine,
    matching,
    perpetual,
    queue,
    bars,
    curve,
    halfSpreadTicks,
    latency: constantLatency(venue.latencyMs ?? 0),
    volumeShare: venue.volumeShare ?? null,
    log,
    onProgress: options.onProgress ?? null,
  };
  const simulation: Simulation = options.trades === undefined ? new BarSimulation(parts) : new TradeSimulation({ ...parts, ...options.trades });
  simulation.run();
  return resultOf({
    options,
    setup,
    preview,
    marginMode: perpetual === null ? null : margin.marginMode,
    engine,
    perpetual,
    simulation,
    curve,
    log,
    capitalAtoms,
  });
}

interface Prepared {
  readonly setup: RunSetup;
  readonly preview: Readonly<Record<string, unknown>>;
  readonly margin: { readonly marginMode: MarginMode };
}

function prepare(options: BacktestOptions): Prepared {
  const { strategy, instrument, bars } = options;
  const markets = strategy.markets ?? ['spot'];
  if (!markets.includes(instrument.kind))
    throw refusal([{ field: 'symbol', message: `must be one the strategy trades: ${markets.join(' or ')}, not ${instrument.kind}` }]);
  const parsed = parseParams(strategy.params, options.config);
  if (!parsed.ok) throw refusal(parsed.issues);
  const others = strategy.otherLegs?.(parsed.value, instrument.symbol) ?? [];
  if (others.length > 0)
    throw new AppError(
      'validation_failed',
      `the strategy trades ${others.map(({ symbol }) => symbol).join(', ')} beside ${instrument.symbol}; their candles are needed too`,
    );
  const scale = new Scale(instrument);
  const feeAsset = scale.isPerpetual ? 'quote' : (options.venue?.feeAsset ?? 'received');
  const half = options.venue?.halfSpreadTicks ?? 0;
  const open = bars.openTicks[0] ?? 0;
  const plan = strategy.plan({ params: parsed.value, scale, feeAsset, bidTicks: open - half, askTicks: open + half });
  if (!plan.ok) throw refusal(plan.issues);
  const leverage = scale.isPerpetual ? { leverage: plan.leverage ?? 1 } : {};
  const most = plan.quoteAtoms * (leverage.leverage ?? 1) + (plan.baseGrains / GRAINS_PER_LOT) * open;
  const maxOrderAtoms = Math.min(MAX_ATOMS, Math.ceil(most * 3));
  const limits: RiskLimits = { ...SIMULATED_LIMITS, maxOrderAtoms, ...leverage, ...options.limits, budgetAtoms: plan.quoteAtoms };
  const setup: RunSetup = {
    strategy,
    params: parsed.value,
    scale,
    feeAsset,
    limits,
    owner: SIMULATED,
    lentGrains: plan.baseGrains,
    ...(options.rules === undefined ? {} : { rules: options.rules }),
  };
  return { setup, preview: plan.preview, margin: { marginMode: plan.marginMode ?? 'isolated' } };
}

function fundingOf({ venue, instrument }: BacktestOptions): FundingModel {
  return fundingModel(venue?.funding ?? { rate: 0 }, instrument.perpetual?.fundingIntervalMs ?? DEFAULT_FUNDING_MS);
}

/** Of the bar in hand, or the last where all are done. */
function volumeAt(bars: Bars, index: number): number {
  return bars.volumeLots[Math.min(index, bars.length - 1)] ?? 0;
}

/** Where the venue does not tell how often it settles. */
const DEFAULT_FUNDING_MS = 28_800_000;

/** As a live run's, but with room for orders that live would spread over time. */
const SIMULATED_LIMITS = { maxOpenOrders: 1_000, priceCollar: 0.1, ordersPerMinute: 6_000 } as const;

function refusal(issues: readonly Issue[]): AppError {
  return new AppError('validation_failed', issues.map((issue) => `${issue.field}: ${issue.message}`).join('; '), issues);
}

type Simulation = Pick<BarSimulation, 'barsDone' | 'finishReason' | 'run'>;

interface Finished {
  readonly options: BacktestOptions;
  readonly setup: RunSetup;
  readonly preview: Readonly<Record<string, unknown>>;
  readonly marginMode: MarginMode | null;
  readonly engine: Engine;
  readonly perpetual: PerpetualDesk | null;
  readonly simulation: Simulation;
  readonly curve: EquityCurve;
  readonly log: RunLog;
  readonly capitalAtoms: number;
}

function resultOf({ options, setup, preview, marginMode, engine, perpetual, simulation, curve, log, capitalAtoms }: Finished): BacktestResult {
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
    funding: scale.quote(position.fundingAtoms ?? 0),
    marginMode,
    liquidations: perpetual?.liquidations ?? 0,
    drawdown: { share: curve.drawdown.share, amount: scale.quote(Math.round(curve.drawdown.amount)) },
    sharpe: sharpeRatio(returns, yearly),
    sortino: sortinoRatio(returns, yearly),
    annualReturn: annualReturn(profitShare, endedAt - startedAt),
    dailyReturns: returns,
    holdShare: (lastTicks / openTicks) * (1 - Number(setup.scale.instrument.takerFeeRate)) - 1,
    curve: curve.points.map((point) => ({ at: point.at, equity: scale.quote(Math.round(point.equity)), price: scale.price(point.priceTicks) })),
    preview,
    figures: strategy.figures?.(engine.state.strategy, scale) ?? {},
    notes: log.notes,
    notesDropped: log.notesDropped,
    setup,
    tape: log.tape,
    ledger: log.ledger,
  };
}

/**
 * A backtest over several instruments of one account: the same engine and strategy as live, against the simulated exchange with its
 * balances, margin and liquidations. What nobody waits for is passed over (legs-simulation.ts), unless every bar counts (legs-walk.ts).
 */
import type { RunRules } from '#core/actions/run-actions.ts';
import { SIMULATED } from '#core/client-order-id.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import { AppError } from '#core/errors.ts';
import { Scale } from '#core/instrument.ts';
import type { LegTerms } from '#core/legs/leg-state.ts';
import { proportionalSlippage } from '#core/matching/models.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import { floatingAtoms } from '#core/position.ts';
import { SimulatedExchange } from '#core/simulated-exchange.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';
import { legsWanted } from '../../legs/leg-markets.ts';
import { legRecipes, limitsOf, planRun } from '../../run/run-opening.ts';
import { DRIVEN_ACCOUNT, ExchangeDriver } from '../exchange-driver.ts';
import { ExchangeMail } from '../exchange-news.ts';
import type { RunLedger } from '../run-log.ts';
import { LegBars } from './leg-bars.ts';
import type { LegHistory } from './leg-history.ts';
import { LegLogs } from './leg-logs.ts';
import { LegsSimulation } from './legs-simulation.ts';
import { LegsWalk } from './legs-walk.ts';
import { timelineOf } from './timeline.ts';

export interface LegsBacktestOptions {
  readonly strategy: Strategy;
  /** Settings as a user gives them. */
  readonly config: unknown;
  readonly first: LegHistory;
  /** The other instruments that the strategy wants, by symbol. */
  readonly others: ReadonlyMap<string, LegHistory>;
  /** Half the distance between bid and ask, in ticks: 0. */
  readonly halfSpreadTicks?: number;
  /** By which share of the price taking orders are worse than the quote: 0. */
  readonly slippage?: number;
  /** Funding rate of every settlement of a perpetual: 0. */
  readonly fundingRate?: DecimalString;
  /** What follows from each order of the strategy for the first instrument, as its user has it done. */
  readonly rules?: RunRules;
  readonly keepTape?: boolean;
  /** Every price is told, also those that nobody waits for: the result is the same. */
  readonly isStepped?: boolean;
  /** Called now and then with the moments done. */
  readonly onProgress?: (momentsDone: number) => void;
}

export interface LegsBacktestResult {
  /** Moments at which a bar of any instrument began. */
  readonly bars: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why the run ended before the last of them; empty when it did not. */
  readonly endReason: string;
  /** As the books of the run have it: of all instruments, with fees and funding, what is held at its last price. */
  readonly profit: DecimalString;
  readonly fees: DecimalString;
  readonly funding: DecimalString;
  readonly orders: LegLogs['orders'];
  readonly trades: LegLogs['trades'];
  /** In the sequence of the histories, the first one first. */
  readonly legs: readonly LegResult[];
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly notesDropped: number;
  readonly preview: Readonly<Record<string, unknown>>;
  readonly setup: RunSetup;
  readonly tape: readonly JournalEntry[];
}

export interface LegResult {
  readonly history: LegHistory;
  readonly terms: LegTerms;
  readonly ledger: RunLedger;
  readonly held: DecimalString;
  readonly profit: DecimalString;
}

/**
 * Throws AppError `validation_failed` naming the settings at fault, `candles_invalid` where a wanted instrument has no history or bars of
 * a wanted length cannot be made of it.
 */
export function runLegsBacktest(options: LegsBacktestOptions): LegsBacktestResult {
  const histories = historiesOf(options);
  const { setup, preview } = setupOf(options, histories);
  const mail = new ExchangeMail();
  const exchange = exchangeOf(options, histories, setup, mail);
  const terms: readonly LegTerms[] = [setup, ...(setup.otherLegs ?? [])];
  const startedAt = Math.min(...histories.map(({ bars }) => bars.startAt[0] ?? 0));
  const logs = new LegLogs(
    terms.map(({ lentGrains }, index) => ({
      name: index === 0 ? null : (setup.otherLegs?.[index - 1]?.name ?? null),
      lent: lentGrains === 0 ? null : { at: startedAt, grains: lentGrains, priceTicks: histories[index]?.bars.openTicks[0] ?? 0 },
    })),
    () => simulation.momentsDone,
  );
  const tape: JournalEntry[] = [];
  const driver = new ExchangeDriver({
    engine: new Engine(setup, undefined, options.keepTape === true ? 'keeper' : 'reader'),
    exchange,
    mail,
    onStep: (event, commands) => {
      if (options.keepTape === true) tape.push({ sequence: tape.length + 1, event: { ...event }, commands });
      logs.add(event, commands);
    },
  });
  const { wants, bars: wanted } = setup.strategy;
  const legBars = wants.bars ? new LegBars(driver, histories, wanted?.(setup.params) ?? null) : null;
  const timeline = timelineOf(histories.map(({ bars }) => bars));
  const parts = { driver, timeline, halfSpreadTicks: options.halfSpreadTicks ?? 0, onProgress: options.onProgress ?? (() => undefined) };
  const isStepped = options.isStepped === true || legBars !== null || driver.engine.rules !== null || wants.quotes || timeline.intervalMs === null;
  const simulation = isStepped ? new LegsWalk({ ...parts, legBars }) : new LegsSimulation(parts);
  simulation.run();
  const { all } = driver.engine.legs;
  const sum = (amounts: readonly DecimalString[]) => plain(Decimal.sum(0, ...amounts));
  const { ledgers, orders, trades } = logs;
  const legs = all.map((leg, index) => legResult(leg, histories[index], ledgers[index]));
  return {
    bars: simulation.momentsDone,
    startedAt,
    endedAt: simulation.endedAt,
    endReason: driver.finishReason ?? '',
    profit: sum(legs.map(({ profit }) => profit)),
    fees: sum(all.map(({ state, terms: { scale } }) => scale.quote(state.position.feesAtoms))),
    funding: sum(all.map(({ state, terms: { scale } }) => scale.quote(state.position.fundingAtoms ?? 0))),
    orders,
    trades,
    legs,
    figures: setup.strategy.figures?.(driver.engine.state.strategy, setup.scale) ?? {},
    notes: logs.notes.notes,
    notesDropped: logs.notes.notesDropped,
    preview,
    setup,
    tape,
  };
}

function legResult({ state, terms }: Engine['legs']['first'], history: LegHistory | undefined, ledger: RunLedger | undefined): LegResult {
  if (history === undefined || ledger === undefined) throw new Error('every leg has its history and its ledger');
  const { position, bidTicks, askTicks } = state;
  // The price stands in the middle of both.
  const profitAtoms = position.realisedAtoms + floatingAtoms(position, (bidTicks + askTicks) / 2);
  return { history, terms, ledger, held: terms.scale.base(position.baseGrains), profit: terms.scale.quote(profitAtoms) };
}

function historiesOf({ strategy, config, first, others }: LegsBacktestOptions): readonly LegHistory[] {
  const wanted = legsWanted(strategy, config, first.instrument.symbol).map(({ symbol }) => {
    const history = others.get(symbol);
    if (history === undefined)
      throw new AppError('candles_invalid', `the strategy trades ${symbol} beside ${first.instrument.symbol}, of which there are no candles`);
    return history;
  });
  const all = [first, ...wanted];
  const empty = all.find(({ bars }) => bars.length === 0);
  if (empty !== undefined) throw new AppError('candles_invalid', `there are no candles of ${empty.instrument.symbol} to run over`);
  return all;
}

/** As a live run would be set up at the first prices. */
function setupOf(
  { strategy, config, halfSpreadTicks = 0, rules }: LegsBacktestOptions,
  histories: readonly LegHistory[],
): { readonly setup: RunSetup; readonly preview: Readonly<Record<string, unknown>> } {
  const quoteOf = ({ instrument, bars }: LegHistory) => {
    const scale = new Scale(instrument);
    const ticks = bars.openTicks[0] ?? 0;
    return { bid: scale.price(Math.max(1, ticks - halfSpreadTicks)), ask: scale.price(ticks + halfSpreadTicks) };
  };
  const [first, ...others] = histories;
  if (first === undefined) throw new AppError('candles_invalid', 'there are no candles to run over');
  const wishes = legsWanted(strategy, config, first.instrument.symbol);
  const markets = others.map((history, index) => ({ name: wishes[index]?.name ?? '', instrument: history.instrument, quote: quoteOf(history) }));
  const { params, plan } = planRun(strategy, config, first.instrument, quoteOf(first), markets);
  const scale = new Scale(first.instrument);
  const setup: RunSetup = {
    strategy,
    params: params as RunSetup['params'],
    scale,
    feeAsset: scale.isPerpetual ? 'quote' : 'received',
    limits: limitsOf(plan, scale, quoteOf(first)),
    lentGrains: plan.baseGrains,
    owner: SIMULATED,
    ...(rules === undefined ? {} : { rules }),
    ...(strategy.legName === undefined ? {} : { legName: strategy.legName }),
    otherLegs: legRecipes(markets, plan).map(({ instrument, ...leg }) => ({ ...leg, scale: new Scale(instrument) })),
  };
  return { setup, preview: plan.preview };
}

function exchangeOf(
  { halfSpreadTicks = 0, slippage = 0, fundingRate }: LegsBacktestOptions,
  histories: readonly LegHistory[],
  setup: RunSetup,
  listener: ExchangeMail,
): SimulatedExchange {
  const exchange = new SimulatedExchange({
    instruments: histories.map(({ instrument }) => instrument),
    halfSpreadTicks,
    listener,
    ...(slippage > 0 ? { slippage: proportionalSlippage(slippage) } : {}),
  });
  for (const { scale, limits, lentGrains } of [setup, ...(setup.otherLegs ?? [])]) {
    const { symbol, settle, base } = scale.instrument;
    exchange.deposit(DRIVEN_ACCOUNT, settle, scale.quote(limits.budgetAtoms), 0);
    if (lentGrains > 0) exchange.deposit(DRIVEN_ACCOUNT, base, scale.base(lentGrains), 0);
    if (scale.isPerpetual) exchange.perpetuals.setLeverage(DRIVEN_ACCOUNT, symbol, limits.leverage ?? 1, 'isolated', 0);
    if (scale.isPerpetual && fundingRate !== undefined) exchange.perpetuals.setFundingRate(symbol, fundingRate);
  }
  return exchange;
}

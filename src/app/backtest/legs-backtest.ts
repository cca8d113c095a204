/**
 * A backtest over several instruments of one account: the same engine and strategy as live, against the simulated exchange with its
 * balances, margin and liquidations. The histories are merged by time. Within a bar every instrument goes its path in the same three
 * thirds (as in bar-simulation.ts: to the near extreme, to the other, to the close) and all are moved before the strategy looks, so
 * that no distance between them is seen that only the sequence of moving has made. What came first within a third is not known.
 */
import { type Bars, firstBarAt } from '#core/bars.ts';
import { Engine, type RunSetup } from '#core/engine.ts';
import { AppError } from '#core/errors.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { proportionalSlippage } from '#core/matching/models.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import { floatingAtoms } from '#core/position.ts';
import { SimulatedExchange } from '#core/simulated-exchange.ts';
import type { JournalEntry } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { legsWanted } from '../legs/leg-markets.ts';
import { legRecipes, limitsOf, planRun } from '../run-opening.ts';
import { DRIVEN_ACCOUNT, ExchangeDriver } from './exchange-driver.ts';

/** Points of the curve at most. */
const MAX_POINTS = 500;

export interface LegHistory {
  readonly instrument: Instrument;
  readonly bars: Bars;
}

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
  readonly keepTape?: boolean;
}

export interface LegsBacktestResult {
  /** Moments at which a bar of any instrument began. */
  readonly bars: number;
  /** Why the run ended before the last of them; empty when it did not. */
  readonly endReason: string;
  readonly capital: DecimalString;
  /** Of all instruments, with fees and funding, what is held at its last price. */
  readonly profit: DecimalString;
  readonly fees: DecimalString;
  readonly funding: DecimalString;
  readonly drawdown: DecimalString;
  readonly trades: number;
  readonly legs: readonly { readonly symbol: string; readonly held: DecimalString; readonly profit: DecimalString }[];
  readonly curve: readonly { readonly at: number; readonly equity: DecimalString }[];
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly setup: RunSetup;
  readonly tape: readonly JournalEntry[];
}

/** Throws AppError `validation_failed` naming the settings at fault, `candles_invalid` where a wanted instrument has no history. */
export function runLegsBacktest(options: LegsBacktestOptions): LegsBacktestResult {
  const histories = historiesOf(options);
  const setup = setupOf(options, histories);
  const exchange = exchangeOf(options, histories, setup);
  const notes: { readonly at: number; readonly text: string }[] = [];
  const tape: JournalEntry[] = [];
  let trades = 0;
  const driver = new ExchangeDriver({
    engine: new Engine(setup),
    exchange,
    onStep: (event, commands) => {
      if (options.keepTape === true) tape.push({ sequence: tape.length + 1, event, commands });
      if (event.type === 'orderFilled') trades += 1;
      for (const command of commands) if (command.type === 'reportFact') notes.push({ at: event.at, text: command.text });
    },
  });
  const equity = new EquityOfLegs(driver.engine);
  const bars = walk(driver, histories, equity);
  return { ...figuresOf(driver, equity), bars, trades, notes, setup, tape, endReason: driver.finishReason ?? '' };
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
function setupOf({ strategy, config }: LegsBacktestOptions, histories: readonly LegHistory[]): RunSetup {
  const quoteOf = ({ instrument, bars }: LegHistory) => {
    const price = new Scale(instrument).price(bars.openTicks[0] ?? 0);
    return { bid: price, ask: price };
  };
  const [first, ...others] = histories;
  if (first === undefined) throw new AppError('candles_invalid', 'there are no candles to run over');
  const wishes = legsWanted(strategy, config, first.instrument.symbol);
  const markets = others.map((history, index) => ({ name: wishes[index]?.name ?? '', instrument: history.instrument, quote: quoteOf(history) }));
  const { params, plan } = planRun(strategy, config, first.instrument, quoteOf(first), markets);
  const scale = new Scale(first.instrument);
  return {
    strategy,
    params: params as RunSetup['params'],
    scale,
    feeAsset: scale.isPerpetual ? 'quote' : 'received',
    limits: limitsOf(plan, scale, quoteOf(first)),
    lentGrains: plan.baseGrains,
    owner: { installation: 0, kind: 'bot', number: 0 },
    ...(strategy.legName === undefined ? {} : { legName: strategy.legName }),
    otherLegs: legRecipes(markets, plan).map(({ instrument, ...leg }) => ({ ...leg, scale: new Scale(instrument) })),
  };
}

function exchangeOf(
  { halfSpreadTicks = 0, slippage = 0, fundingRate }: LegsBacktestOptions,
  histories: readonly LegHistory[],
  setup: RunSetup,
): SimulatedExchange {
  const exchange = new SimulatedExchange({
    instruments: histories.map(({ instrument }) => instrument),
    halfSpreadTicks,
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

/** Moves all instruments through their bars in the sequence of time; returns the moments at which a bar began. */
function walk(driver: ExchangeDriver, histories: readonly LegHistory[], equity: EquityOfLegs): number {
  const starts = [...new Set(histories.flatMap(({ bars }) => [...bars.startAt.subarray(0, bars.length)]))].sort((one, other) => one - other);
  const stride = Math.max(1, Math.ceil(starts.length / MAX_POINTS));
  driver.now = starts[0] ?? 0;
  for (const [index, startAt] of starts.entries()) {
    const open = histories.flatMap(({ instrument, bars }) => {
      const at = firstBarAt(bars, startAt, 0);
      return bars.startAt[at] === startAt ? [{ symbol: instrument.symbol, bars, at }] : [];
    });
    for (let third = 0; third <= 3; third += 1) {
      const longest = open.reduce((most, { bars }) => Math.max(most, bars.intervalMs), 0);
      // The next bar opens when this one closes.
      driver.passTo(startAt + Math.floor((Math.min(third, 2.999) * longest) / 3));
      for (const { symbol, bars, at } of open) driver.exchange.movePrice(symbol, pathOf(bars, at)[third] ?? 0, driver.now);
      driver.sync();
      if (index === 0 && third === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
      if (driver.finishReason !== null) return index + 1;
    }
    equity.take(driver.now, index % stride === 0 || index === starts.length - 1);
  }
  return starts.length;
}

/** Open, the extreme that comes first, the other, and the close. */
function pathOf(bars: Bars, at: number): readonly [number, number, number, number] {
  const [open, high, low, close] = [bars.openTicks[at] ?? 0, bars.highTicks[at] ?? 0, bars.lowTicks[at] ?? 0, bars.closeTicks[at] ?? 0];
  return close >= open ? [open, low, high, close] : [open, high, low, close];
}

function figuresOf(driver: ExchangeDriver, equity: EquityOfLegs) {
  const { all } = driver.engine.legs;
  const sum = (amounts: readonly DecimalString[]) => plain(Decimal.sum(0, ...amounts));
  const { strategy, scale } = driver.engine.setup;
  return {
    capital: sum(all.map(({ terms }) => terms.scale.quote(terms.limits.budgetAtoms))),
    profit: plain(equity.profit()),
    fees: sum(all.map(({ state, terms }) => terms.scale.quote(state.position.feesAtoms))),
    funding: sum(all.map(({ state, terms }) => terms.scale.quote(state.position.fundingAtoms ?? 0))),
    drawdown: plain(equity.drawdown),
    legs: all.map((leg) => ({ symbol: leg.symbol, held: leg.terms.scale.base(leg.state.position.baseGrains), profit: plain(profitOf(leg)) })),
    curve: equity.points,
    figures: strategy.figures?.(driver.engine.state.strategy, scale) ?? {},
  };
}

function profitOf({ state, terms }: Engine['legs']['first']): Decimal {
  const { position, bidTicks, askTicks } = state;
  return new Decimal(terms.scale.quote(position.realisedAtoms + floatingAtoms(position, position.baseGrains < 0 ? askTicks : bidTicks)));
}

/** Profit of all instruments at the end of every bar: its deepest fall, and points for a chart. */
class EquityOfLegs {
  readonly points: { readonly at: number; readonly equity: DecimalString }[] = [];
  drawdown = new Decimal(0);
  readonly #engine: Engine;
  #peak = new Decimal(0);

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  profit(): Decimal {
    return this.#engine.legs.all.reduce((sum, leg) => sum.plus(profitOf(leg)), new Decimal(0));
  }

  take(at: number, isPoint: boolean): void {
    const profit = this.profit();
    this.#peak = Decimal.max(this.#peak, profit);
    this.drawdown = Decimal.max(this.drawdown, this.#peak.minus(profit));
    if (isPoint) this.points.push({ at, equity: plain(profit) });
  }
}

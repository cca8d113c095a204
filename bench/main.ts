/**
 * Benchmarks of the backtest, one process, warm: `npm run bench`. With `--candles file.csv --symbol WLD/USDT` on real candles too,
 * with `--only crossover,grid,…` some of them, with `--sets 100` a smaller sweep. Every goal is printed as reached or MISSED.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import { backtestReport } from '#app/backtest/backtest-report.ts';
import { assumeInstrument, toBars } from '#app/market/candle-bars.ts';
import { parseCandles } from '#app/market/candles.ts';
import type { Bars } from '#core/bars/bars.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import type { Strategy } from '#core/strategy.ts';
import { TIMEFRAME_FIELD } from '#strategies/_bars.ts';
import { grid } from '#strategies/grid.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { movingAverageCross } from '#strategies/moving-average-cross.ts';
import { type Comparison, compareCrossover, compareGrid } from '#test/reference/comparison.ts';
import { crossover } from './crossover.ts';
import { randomWalk } from './history.ts';
import { type LegsCase, legsCases, runLegsCase } from './legs.ts';
import { reportSignals } from './signals.ts';
import { runSweep } from './sweep.ts';

const RUNS = 5;
const WARM_UPS = 10;
const SEED = 20_261_120;
const MILLION = 1_000_000;

const INSTRUMENT: Instrument = {
  venue: 'bench',
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

interface Case {
  readonly name: string;
  readonly strategy: Strategy;
  readonly config: Readonly<Record<string, unknown>>;
  readonly instrument: Instrument;
  readonly bars: Bars;
  /** Candles per second to reach; `null` where only the figure is wanted. */
  readonly goal: number | null;
  /** Makes the report of every trade as well, which keeps all orders. */
  readonly hasTrades?: boolean;
}

interface Measured<Result = BacktestResult> {
  readonly perSecond: number;
  readonly slowest: number;
  readonly fastest: number;
  /** By processor time, garbage collector included: what a machine that does other things, too, would do if it did not. */
  readonly perProcessorSecond: number;
  readonly result: Result;
}

function measure(bench: Case): Measured {
  const { strategy, config, instrument, bars, hasTrades = false } = bench;
  return timed(bars.length, () => {
    const made = runBacktest({ strategy, config, instrument, bars, keepLedger: hasTrades });
    if (hasTrades) backtestReport(made, bars);
    return made;
  });
}

/** Median of five runs after the warm-up; each goes over so many candles or moments. */
function timed<Result>(length: number, run: () => Result): Measured<Result> {
  // The optimising compiler needs a few runs before it is done with the loop.
  for (let index = 0; index < WARM_UPS; index += 1) run();
  let result = run();
  const walls: number[] = [];
  const processors: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const startedAt = performance.now();
    const usage = process.cpuUsage();
    result = run();
    walls.push(length / ((performance.now() - startedAt) / 1_000));
    const { user, system } = process.cpuUsage(usage);
    processors.push(length / ((user + system) / MILLION));
  }
  walls.sort((a, b) => a - b);
  return { perSecond: median(walls), slowest: walls[0] ?? 0, fastest: walls.at(-1) ?? 0, perProcessorSecond: median(processors), result };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const millions = (perSecond: number) => `${(perSecond / MILLION).toFixed(2)} M`;

/** `reached` or `MISSED`, which fails the benchmark. */
function verdictOn(perSecond: number, goal: number | null): string {
  if (goal === null) return '';
  const isReached = perSecond >= goal;
  if (!isReached) process.exitCode = 1;
  return `  goal ${millions(goal)}: ${isReached ? 'reached' : 'MISSED'}`;
}

function report(bench: Case): Measured {
  const measured = measure(bench);
  print(bench.name, 'candles', measured, bench.goal);
  return measured;
}

function reportLegs(bench: LegsCase): void {
  const length = bench.histories[0]?.bars.length ?? 0;
  print(
    bench.name,
    'moments',
    timed(length, () => runLegsCase(bench)),
    bench.goal,
  );
}

function print(name: string, unit: string, measured: Measured<Pick<BacktestResult, 'orders' | 'trades' | 'profit'>>, goal: number | null): void {
  const { perSecond, slowest, fastest, perProcessorSecond } = measured;
  const { orders, trades, profit } = measured.result;
  console.log(
    `${name.padEnd(46)}${millions(perSecond).padStart(9)} ${unit}/s (${millions(slowest)} to ${millions(fastest)}; by processor time ${millions(perProcessorSecond)})  ${orders.placed} orders, ${trades.count} fills, profit ${profit}${verdictOn(perSecond, goal)}`,
  );
}

function reportSameness(name: string, { engine, naive }: Comparison): void {
  const isSame = engine.trades === naive.trades && engine.equity === naive.equity;
  if (!isSame) process.exitCode = 1;
  const verdict = isSame ? 'the same' : `DIFFERENT: naive ${naive.equity} after ${naive.trades} fills`;
  console.log(`${name.padEnd(46)}equity ${engine.equity} after ${engine.trades} fills; naive reference: ${verdict}`);
}

const WIDE = { lower_price: '50', upper_price: '150', levels: 21, investment: '10000' };
const TWENTY = { lower_price: '80', upper_price: '120', levels: 20, investment: '10000' };
const CROSSOVER = { fast: 10, slow: 50, investment: '10000' };
const CROSSOVER_CONFIG = { ...CROSSOVER, average: 'sma', timeframe: '1m' };

/** A walk that stays inside one cell. */
const quietWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_200, swingTicks: 10, lowestTicks: 10_010, highestTicks: 10_490 });
/** A walk over the whole grid, on which a few bars in a hundred fill an order. */
const busyWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
/** A calm walk over the same range. */
const slowWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_000, swingTicks: 10, lowestTicks: 7_500, highestTicks: 12_500 });
/** A walk whose moves go on for a while, so that a follower of trends still has its money after a million bars: one that has lost it is fast for the wrong reason. */
const trendingWalk = (length: number) =>
  randomWalk({ seed: SEED, length, startTicks: 10_000, swingTicks: 50, momentum: 0.6, lowestTicks: 7_500, highestTicks: 12_500 });

function made(name: string, strategy: Strategy, config: Case['config'], bars: Bars, goal: number | null): Case {
  return { name, strategy, config, instrument: INSTRUMENT, bars, goal };
}

/** The other strategies with a rule over bars, on the same walk. */
function reportRules(bars: Bars): void {
  const shared = { investment: '10000', timeframe: '1m' };
  const conditions = [{ left: 'rsi(14)', is: 'crosses_below', right: '30' }];
  const deal = { base_order_size: '1000', safety_orders: 0, take_profit_percent: '1', start: 'conditions', start_conditions: conditions, timeframe: '1m' };
  for (const strategy of STRATEGIES) {
    if (strategy.rule === undefined || strategy.name === movingAverageCross.name || strategy.name === 'recurring_buy') continue;
    report(made(`${strategy.name}, 1 M`, strategy, strategy.name === 'dca' ? deal : shared, bars, null));
  }
}

function reportReal(path: string, symbol: string): void {
  const candles = parseCandles(readFileSync(path, 'utf8'), { gaps: 'skip' });
  const instrument = assumeInstrument(candles, { symbol });
  const { bars } = toBars(candles, instrument);
  const scale = new Scale(instrument);
  const lowest = bars.lowTicks.reduce((a, b) => Math.min(a, b));
  const highest = bars.highTicks.reduce((a, b) => Math.max(a, b));
  const range = { lower_price: scale.price(lowest), upper_price: scale.price(highest), levels: 20, spacing: 'geometric', investment: '10000' };
  const name = path.split('/').at(-1) ?? path;
  const timeframe = Object.entries(CANDLE_INTERVALS).find(([, intervalMs]) => intervalMs === bars.intervalMs)?.[0];
  report({ name: `grid, 20 levels, ${name}`, strategy: grid, config: range, instrument, bars, goal: null });
  reportSameness(`grid, 20 levels, ${name}`, compareGrid(bars, instrument, range));
  // Timeframes have the lengths that every venue has; others are left out.
  const isTimeframe = TIMEFRAME_FIELD.options.some((option) => option === timeframe);
  if (timeframe !== undefined && isTimeframe) reportSameness(`crossover SMA(10/50), ${name}`, compareCrossover(bars, instrument, CROSSOVER, timeframe));
}

async function reportSweep(bars: Bars, sets: number): Promise<void> {
  const threads = 2;
  const fasts = Array.from({ length: 25 }, (_, index) => 5 + index);
  const slows = Array.from({ length: Math.max(1, Math.round(sets / fasts.length)) }, (_, index) => 35 + 5 * index);
  const { sets: done, columns, ms, processorMs, results } = await runSweep({ bars, instrument: INSTRUMENT, fasts, slows, threads });
  const perSecond = (done * bars.length) / (ms / 1_000);
  const perProcessorSecond = (done * bars.length) / (processorMs / threads / 1_000);
  const trades = results.reduce((sum, result) => sum + result.trades, 0);
  console.log(
    `${`sweep of ${done} crossovers, 1 M, ${threads} threads`.padEnd(46)}${millions(perSecond).padStart(9)} candle evaluations/s (${(ms / 1_000).toFixed(1)} s; by processor time ${millions(perProcessorSecond)})  ${columns} columns, ${trades} fills${verdictOn(perSecond, 100 * MILLION)}`,
  );
}

const { values } = parseArgs({
  options: {
    candles: { type: 'string' },
    symbol: { type: 'string', default: 'ABC/USDT' },
    only: { type: 'string' },
    sets: { type: 'string', default: '1000' },
  },
});
const chosen = values.only?.split(',');
const isChosen = (part: string) => chosen === undefined || chosen.includes(part);
const [cpu] = cpus();
console.log(
  `${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}, seed ${SEED}; one process, warm, report included, median of ${RUNS} (slowest to fastest)\n`,
);

if (isChosen('crossover')) {
  const trending = trendingWalk(MILLION);
  report(made('crossover SMA(10/50), 0.1 % fee, 1 M', movingAverageCross, CROSSOVER_CONFIG, trending, 40 * MILLION));
  report({ ...made('the same with the report of every trade, 1 M', movingAverageCross, CROSSOVER_CONFIG, trending, null), hasTrades: true });
  report(made('the same until fees have eaten its money, 1 M', movingAverageCross, CROSSOVER_CONFIG, busyWalk(MILLION), null));
  reportSameness('crossover SMA(10/50), 0.1 % fee, 1 M', compareCrossover(trending, INSTRUMENT, CROSSOVER, '1m'));
}
if (isChosen('grid')) {
  const busy = report(made('grid, 20 levels, 0.1 % fee, 1 M', grid, TWENTY, busyWalk(MILLION), 60 * MILLION));
  const short = report(made('grid, 20 levels, 0.1 % fee, 100 k', grid, TWENTY, busyWalk(MILLION / 10), null));
  report(made('grid on quiet bars, 1 M', grid, WIDE, quietWalk(MILLION), 60 * MILLION));
  reportSameness('grid, 20 levels, 0.1 % fee, 1 M', compareGrid(busyWalk(MILLION), INSTRUMENT, TWENTY));
  const fills = ({ result }: Measured) => ((result.trades.count / result.bars) * 100).toFixed(2);
  console.log(
    `linear time: 1 M runs at ${(busy.perSecond / short.perSecond).toFixed(2)} of the speed of 100 k (fills a bar: ${fills(busy)} % and ${fills(short)} %)`,
  );
}
if (isChosen('every')) {
  // Without fees and on a calm market, so that it still has something to trade with after a million bars.
  const free = { ...INSTRUMENT, makerFeeRate: '0', takerFeeRate: '0' };
  report({ ...made('every bar reaches the strategy, 1 M', crossover, {}, slowWalk(MILLION), 5 * MILLION), instrument: free });
}
if (isChosen('rules')) reportRules(trendingWalk(MILLION));
if (isChosen('legs')) for (const each of legsCases(INSTRUMENT)) reportLegs(each);
if (isChosen('signals')) reportSignals();
if (isChosen('sweep')) await reportSweep(trendingWalk(MILLION), Number(values.sets));
if (values.candles !== undefined) reportReal(values.candles, values.symbol);

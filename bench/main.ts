/** Benchmarks of the backtest, one process, warm: `npm run bench`, or with `--candles file.csv --symbol WLD/USDT` on real candles too. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import { assumeInstrument, toBars } from '#app/candle-bars.ts';
import { parseCandles } from '#app/candles.ts';
import type { Bars } from '#core/bars.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import type { Strategy } from '#core/strategy.ts';
import { grid } from '#strategies/grid.ts';
import { crossover } from './crossover.ts';
import { randomWalk } from './history.ts';

const RUNS = 5;
const WARM_UPS = 5;
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
}

interface Measured {
  readonly perSecond: number;
  readonly slowest: number;
  readonly fastest: number;
  readonly result: BacktestResult;
}

/** Median of five runs after the warm-up. */
function measure(bench: Case): Measured {
  const run = () => runBacktest({ strategy: bench.strategy, config: bench.config, instrument: bench.instrument, bars: bench.bars });
  // The optimising compiler needs a few runs before it is done with the loop.
  for (let index = 0; index < WARM_UPS; index += 1) run();
  let result = run();
  const speeds: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const startedAt = performance.now();
    result = run();
    speeds.push(bench.bars.length / ((performance.now() - startedAt) / 1_000));
  }
  speeds.sort((a, b) => a - b);
  return { perSecond: speeds[Math.floor(RUNS / 2)] ?? 0, slowest: speeds[0] ?? 0, fastest: speeds.at(-1) ?? 0, result };
}

const millions = (perSecond: number) => `${(perSecond / MILLION).toFixed(2)} M`;

function report(bench: Case): Measured {
  const measured = measure(bench);
  const { result } = measured;
  const verdict = bench.goal === null ? '' : `  goal ${millions(bench.goal)}: ${measured.perSecond >= bench.goal ? 'reached' : 'MISSED'}`;
  console.log(
    `${bench.name.padEnd(44)}${millions(measured.perSecond).padStart(10)} candles/s  (${millions(measured.slowest)} to ${millions(measured.fastest)})  ${result.trades.count} trades, profit ${result.profit}${verdict}`,
  );
  if (bench.goal !== null && measured.perSecond < bench.goal) process.exitCode = 1;
  return measured;
}

const WIDE = { lower_price: '50', upper_price: '150', levels: 21, investment: '10000' };
const TWENTY = { lower_price: '80', upper_price: '120', levels: 20, investment: '10000' };

/** A walk that stays inside one cell. */
const quietWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_200, swingTicks: 10, lowestTicks: 10_010, highestTicks: 10_490 });
/** A walk over the whole grid, on which a few bars in a hundred fill an order. */
const busyWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });

/** A calm walk over the same range. */
const slowWalk = (length: number) => randomWalk({ seed: SEED, length, startTicks: 10_000, swingTicks: 10, lowestTicks: 7_500, highestTicks: 12_500 });

function made(name: string, strategy: Strategy, config: Case['config'], bars: Bars, goal: number | null): Case {
  return { name, strategy, config, instrument: INSTRUMENT, bars, goal };
}

function realCase(path: string, symbol: string): Case {
  const candles = parseCandles(readFileSync(path, 'utf8'), { gaps: 'skip' });
  const instrument = assumeInstrument(candles, { symbol });
  const { bars } = toBars(candles, instrument);
  const scale = new Scale(instrument);
  const lowest = bars.lowTicks.reduce((a, b) => Math.min(a, b));
  const highest = bars.highTicks.reduce((a, b) => Math.max(a, b));
  const config = { lower_price: scale.price(lowest), upper_price: scale.price(highest), levels: 20, spacing: 'geometric', investment: '10000' };
  return { name: `grid, 20 levels, ${path.split('/').at(-1)}`, strategy: grid, config, instrument, bars, goal: null };
}

const { values } = parseArgs({ options: { candles: { type: 'string' }, symbol: { type: 'string', default: 'ABC/USDT' } } });
const [cpu] = cpus();
console.log(
  `${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, seed ${SEED}; one process, warm, median of ${RUNS} (slowest to fastest)\n`,
);

report(made('grid on quiet bars, 1 M', grid, WIDE, quietWalk(MILLION), 20 * MILLION));
const busy = report(made('grid, 20 levels, on busy bars, 1 M', grid, TWENTY, busyWalk(MILLION), null));
const short = report(made('grid, 20 levels, on busy bars, 100 k', grid, TWENTY, busyWalk(MILLION / 10), null));
// Without fees and on a calm market, so that it still has something to trade with after a million bars.
const free = { ...INSTRUMENT, makerFeeRate: '0', takerFeeRate: '0' };
report({ ...made('every bar reaches the strategy, 1 M', crossover, {}, slowWalk(MILLION), 5 * MILLION), instrument: free });
if (values.candles !== undefined) report(realCase(values.candles, values.symbol));
const trades = (measured: Measured) => measured.result.trades.count / measured.result.bars;
console.log(
  `\nlinear time: 1 M runs at ${(busy.perSecond / short.perSecond).toFixed(2)} of the speed of 100 k (fills a bar: ${(trades(busy) * 100).toFixed(2)} % and ${(trades(short) * 100).toFixed(2)} %)`,
);

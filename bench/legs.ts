/** Backtests over several instruments: a pair whose spread seldom pays, and portfolios that are put right every few bars. */
import type { LegHistory } from '#app/backtest/legs/leg-history.ts';
import { type LegsBacktestResult, runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import { legsReport } from '#app/backtest/legs/legs-report.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Strategy } from '#core/strategy.ts';
import { rebalance } from '#strategies/rebalance.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { randomWalk, seededRandom } from './history.ts';

/** Candles of each instrument. */
const LENGTH = 500_000;
const SEED = 20_261_120;

export interface LegsCase {
  readonly name: string;
  readonly strategy: Strategy;
  readonly config: Readonly<Record<string, unknown>>;
  readonly histories: readonly LegHistory[];
  /** Moments per second to reach; `null` where only the figure is wanted. */
  readonly goal: number | null;
}

export function legsCases(coin: Instrument): readonly LegsCase[] {
  const pair = { investment: '10000', entry_percent: '0.3' };
  return [
    {
      name: 'pair of a coin and its perpetual, 500 k',
      strategy: asStrategy(spotFuturesArbitrage),
      config: pair,
      histories: pairHistories(coin),
      goal: 1_000_000,
    },
    { name: 'portfolio of 5 coins, once a day, 500 k', ...portfolio(coin, 5, { when: 'schedule' }), goal: 1_000_000 },
    { name: 'portfolio of 2 coins, by its band, 500 k', ...portfolio(coin, 2), goal: 200_000 },
    { name: 'portfolio of 5 coins, by its band, 500 k', ...portfolio(coin, 5), goal: null },
  ];
}

/** One run with the report of every trade. */
export function runLegsCase({ strategy, config, histories }: LegsCase): LegsBacktestResult {
  const [first, ...others] = histories;
  if (first === undefined) throw new Error('a run has a first instrument');
  const options = { strategy, config, first, others: new Map(others.map((leg) => [leg.instrument.symbol, leg])) };
  const result = runLegsBacktest({ ...options, fundingRate: '0.0001' });
  legsReport(result);
  return result;
}

/** By its band it is looked at twice a bar. */
function portfolio(coin: Instrument, coins: number, change: LegsCase['config'] = {}): Pick<LegsCase, 'strategy' | 'config' | 'histories'> {
  const share = String(90 / coins);
  const instruments = Array.from({ length: coins }, (_, index) => (index === 0 ? coin : { ...coin, symbol: `C${index}/USDT`, base: `C${index}` }));
  return {
    strategy: asStrategy(rebalance),
    config: {
      investment: '1000000',
      target_percent: share,
      band_percent: '0.3',
      ...change,
      coins: instruments.slice(1).map(({ symbol }) => ({ symbol, target_percent: share })),
    },
    histories: instruments.map((instrument, index) => ({
      instrument,
      bars: randomWalk({ seed: SEED + index, length: LENGTH, startTicks: 100_000, swingTicks: 500, lowestTicks: 50_000, highestTicks: 150_000 }),
    })),
  };
}

function pairHistories(coin: Instrument): readonly LegHistory[] {
  const bars = randomWalk({ seed: SEED, length: LENGTH, startTicks: 100_000, swingTicks: 100, lowestTicks: 50_000, highestTicks: 150_000 });
  const perpetual: Instrument = {
    ...coin,
    symbol: `${coin.symbol}:${coin.quote}`,
    kind: 'perpetual',
    perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 50, maintenanceMarginRate: '0.005' },
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
  };
  return [
    { instrument: coin, bars },
    { instrument: perpetual, bars: shadow(bars) },
  ];
}

/** Bars that follow others at a distance which wanders and comes back. */
function shadow(bars: Bars): Bars {
  const random = seededRandom(SEED + 1);
  const own = newBars(bars.length, bars.intervalMs);
  own.startAt.set(bars.startAt);
  let share = 0;
  for (let index = 0; index < bars.length; index += 1) {
    const former = share;
    share = share * 0.995 + (random() - 0.5) * 0.0006;
    const open = Math.round((bars.openTicks[index] as number) * (1 + former));
    const close = Math.round((bars.closeTicks[index] as number) * (1 + share));
    own.openTicks[index] = open;
    own.closeTicks[index] = close;
    own.highTicks[index] = Math.max(open, close, Math.round((bars.highTicks[index] as number) * (1 + share)));
    own.lowTicks[index] = Math.min(open, close, Math.round((bars.lowTicks[index] as number) * (1 + share)));
    own.volumeLots[index] = bars.volumeLots[index] as number;
  }
  return own;
}

function asStrategy(strategy: unknown): Strategy {
  return strategy as Strategy;
}

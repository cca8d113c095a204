import { describe, expect, it } from 'vitest';
import { runBacktest } from '#app/backtest/backtest.ts';
import { backtestReport } from '#app/backtest/backtest-report.ts';
import { newRunState } from '#core/engine/run-state.ts';
import { decimal } from '#core/money.ts';
import type { EquityPoint, RunRecord } from '#core/store/runs.ts';
import { grid } from '#strategies/grid.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { RECIPE } from '#test/support/trading-world.ts';
import { randomWalk } from '../../../bench/history.ts';
import { liveReport } from './live-report.ts';

const bars = randomWalk({ seed: 5, length: 3_000, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
const result = runBacktest({
  strategy: grid,
  config: { lower_price: '90', upper_price: '110', levels: 21, investment: '2000' },
  instrument: TEST_INSTRUMENT,
  bars,
  keepTape: true,
  keepLedger: true,
});
const { setup, startedAt, endedAt } = result;
const closeTicks = bars.closeTicks.at(-1) ?? 0;
const run: RunRecord = {
  ...{ id: 'run', userId: 'user', botId: 'bot', accountId: 'account', sequence: result.tape.length, startedAt, endedAt, endReason: 'stopped' },
  recipe: { ...RECIPE, instrument: TEST_INSTRUMENT, limits: setup.limits, lentGrains: setup.lentGrains },
  state: { ...newRunState(1, 100), bidTicks: closeTicks, askTicks: closeTicks },
};

describe('the report of a live run', () => {
  it('is that of a backtest that did the same', () => {
    const { figures, months, curve } = backtestReport(result, bars);
    // Equity as a live run notes it, at the same moments.
    const points = curve.map(({ at, equity, price }): EquityPoint => ({ at, profit: decimal(equity).minus(figures.capital).toFixed(), price: price ?? '' }));
    const live = liveReport({ run, tape: result.tape, points, now: endedAt });
    const known = [
      'profit',
      'profitShare',
      'closedProfit',
      'floatingProfit',
      'fees',
      'tradeCount',
      'wonCount',
      'winRate',
      'expectancy',
      'holdShare',
      'fillCount',
    ] as const;
    for (const name of known) expect(live?.figures[name], name).toEqual(figures[name]);
    expect(live?.months.map(({ month, profit }) => [month, profit])).toEqual(months.map(({ month, profit }) => [month, profit]));
    expect(live?.trades.map(({ profit }) => profit)).toEqual(backtestReport(result, bars).trades.map(({ profit }) => profit));
  });

  it('is none before the first price', () => {
    expect(liveReport({ run, tape: [], points: [], now: endedAt })).toBeNull();
  });
});

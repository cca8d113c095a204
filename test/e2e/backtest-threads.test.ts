/** Threads for real: what they compute is what this process would, a stop ends them, and the event loop goes on meanwhile. */
import { describe, expect, it } from 'vitest';
import { type BacktestTask, runTask } from '#app/backtest/backtest-task.ts';
import { runCheck } from '#app/honesty/check-task.ts';
import type { Bars } from '#core/bars/bars.ts';
import { threadBench } from '#roles/_backtest-bench.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { randomWalk } from '../../bench/history.ts';

const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
const walk = (length: number) => randomWalk({ seed: 7, length, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });

function csvOfBars({ length, startAt, openTicks, highTicks, lowTicks, closeTicks, volumeLots }: Bars, factor = 1): string {
  const price = (ticks: number | undefined) => (((ticks ?? 0) / 100) * factor).toFixed(2);
  const lines = ['timestamp,open,high,low,close,volume'];
  for (let index = 0; index < length; index += 1)
    lines.push([startAt[index], price(openTicks[index]), price(highTicks[index]), price(lowTicks[index]), price(closeTicks[index]), volumeLots[index]].join());
  return lines.join('\n');
}

function task(length: number, config: object = { lower_price: '90', upper_price: '110', levels: 21, investment: '2000' }): BacktestTask {
  return {
    settings: {
      strategy: 'grid',
      strategyVersion: strategies.get('grid')?.version ?? 0,
      config,
      instrument: TEST_INSTRUMENT,
      source: { kind: 'dataset', exchange: 'paper', datasetId: 'x' },
      gaps: 'fill',
      venue: { slippage: 0.0005 },
      lots: 'lifo',
    },
    candles: { csv: csvOfBars(walk(length)) },
  };
}

describe('a thread', () => {
  it('computes what this process would, and tells how far it is', async () => {
    const shares: number[] = [];
    const outcome = await threadBench('no history').run(task(20_000), (share) => shares.push(share)).done;
    expect(outcome).toEqual(runTask(task(20_000), null, strategies, () => undefined));
    expect(shares.length).toBeGreaterThan(10);
    expect([...shares].sort((one, other) => one - other)).toEqual(shares);
  });

  it('computes the same over several instruments', async () => {
    const strategy = 'spot_futures_arbitrage';
    const { candles, settings } = task(2_000);
    const legs = [{ name: 'perpetual', instrument: TEST_PERPETUAL }];
    const config = { investment: '1550', entry_percent: '0.1', exit_percent: '-0.5' };
    const given: BacktestTask = {
      settings: { ...settings, strategy, strategyVersion: strategies.get(strategy)?.version ?? 0, config, legs },
      candles,
      legCandles: [{ csv: csvOfBars(walk(2_000), 1.004) }],
    };
    const shares: number[] = [];
    const outcome = await threadBench('no history').run(given, (share) => shares.push(share)).done;
    expect(outcome).toEqual(runTask(given, null, strategies, () => undefined));
    expect([outcome.candles, outcome.figures.fillCount > 0, shares.at(-1)]).toEqual([2_000, true, 1]);
  });

  it('hands on why the run was refused, with the settings at fault', async () => {
    const refused = threadBench('no history').run(task(100, { lower_price: '90', upper_price: '110', levels: 21, investment: '1' }), () => undefined).done;
    await expect(refused).rejects.toMatchObject({
      code: 'validation_failed',
      issues: expect.arrayContaining([expect.objectContaining({ field: 'investment' })]),
    });
    const other = task(100);
    await expect(threadBench('no history').run({ ...other, settings: { ...other.settings, strategyVersion: 0 } }, () => undefined).done).rejects.toMatchObject({
      code: 'strategy_changed',
    });
  });

  it('looks into a backtest as this process would', async () => {
    const { settings, candles } = task(3_000);
    const check = { settings, candles, check: { kind: 'look_ahead' } } as const;
    const found = await threadBench('no history').check(check, () => undefined).done;
    expect(found).toEqual(await runCheck(check, null, strategies, () => undefined));
    expect(found).toMatchObject({ strategy: 'grid', findings: [] });
  });

  it('ends when it is stopped', async () => {
    const running = threadBench('no history').run(task(50_000), () => undefined);
    const ended = running.done.catch((error: Error) => error.message);
    running.stop();
    expect(await ended).toBe('the thread of a backtest was stopped');
  });

  it('leaves the event loop of this process alone while it computes', async () => {
    const given = task(50_000);
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    const running = threadBench('no history').run(given, () => undefined);
    setImmediate(turn);
    const { candles } = await running.done.finally(() => {
      isOver = true;
    });
    expect(candles).toBe(50_000);
    // Computed here, the loop would not turn at all.
    expect(turns).toBeGreaterThan(100);
  });
});

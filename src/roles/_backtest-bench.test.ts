/** Threads for real: what they compute is what this process would, a stop ends them, and the event loop goes on meanwhile. */
import { describe, expect, it } from 'vitest';
import { type BacktestTask, runTask } from '#app/backtest/backtest-task.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { randomWalk } from '../../bench/history.ts';
import { threadBench } from './_backtest-bench.ts';

const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
const walk = (length: number) => randomWalk({ seed: 7, length, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });

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
    bars: walk(length),
    history: null,
    warnings: [],
  };
}

describe('a thread', () => {
  it('computes what this process would, and tells how far it is', async () => {
    const shares: number[] = [];
    const document = await threadBench().run(task(20_000), (share) => shares.push(share)).done;
    expect(document).toEqual(JSON.parse(JSON.stringify(runTask(task(20_000), strategies, () => undefined))));
    expect(shares.length).toBeGreaterThan(10);
    expect([...shares].sort((one, other) => one - other)).toEqual(shares);
  });

  it('hands on why the run was refused, with the settings at fault', async () => {
    const refused = threadBench().run(task(100, { lower_price: '90', upper_price: '110', levels: 21, investment: '1' }), () => undefined).done;
    await expect(refused).rejects.toMatchObject({
      code: 'validation_failed',
      issues: expect.arrayContaining([expect.objectContaining({ field: 'investment' })]),
    });
    const other = task(100);
    await expect(threadBench().run({ ...other, settings: { ...other.settings, strategyVersion: 0 } }, () => undefined).done).rejects.toMatchObject({
      code: 'strategy_changed',
    });
  });

  it('ends when it is stopped', async () => {
    const begun = Promise.withResolvers<void>();
    const running = threadBench().run(task(3_000_000), () => begun.resolve());
    const ended = expect(running.done).rejects.toThrow('stopped');
    await begun.promise;
    running.stop();
    await ended;
  });

  it('leaves the event loop of this process alone while it walks a million candles', async () => {
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    const running = threadBench().run(task(1_000_000), () => undefined);
    setImmediate(turn);
    const document = await running.done.finally(() => {
      isOver = true;
    });
    expect(document.candles).toBe(1_000_000);
    // Computed here, the loop would not turn at all.
    expect(turns).toBeGreaterThan(1_000);
  });
});

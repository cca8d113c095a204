/** A crew of threads for real: what it finds is what this process would, over memory that is shared, and a crew sent home answers nobody. */
import { expect, it, onTestFinished } from 'vitest';
import { type Crew, Evaluation } from '#app/optimize/evaluate.ts';
import type { OptimizationSettings } from '#app/optimize/optimization-settings.ts';
import { historyBytes } from '#app/optimize/trial-history.ts';
import { type ThreadCrews, threadCrews } from '#roles/_trial-crew.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { plainCrew } from '#test/support/plain-crew.ts';
import { cut, history } from '#test/support/strategy-histories.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';

const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
const ALL = history(6_000);
const BYTES = historyBytes(cut(ALL, 500, 6_000), cut(ALL, 0, 500));
const STORED = { fingerprint: 'abc', bytes: async () => BYTES };
const settings = (change: Partial<OptimizationSettings> = {}): OptimizationSettings => ({
  backtest: {
    strategy: 'moving_average_cross',
    strategyVersion: strategies.get('moving_average_cross')?.version ?? 0,
    config: { investment: '1000', timeframe: '1m' },
    instrument: TEST_INSTRUMENT,
    source: { kind: 'dataset', exchange: 'paper', datasetId: 'x' },
    gaps: 'fill',
    venue: { slippage: 0.0005 },
    lots: 'fifo',
  },
  axes: [],
  search: { kind: 'grid', trials: 0, seed: 1 },
  goal: { objectives: [{ name: 'expectancy' }], leastTrades: 0 },
  outOfSample: 0.3,
  pruning: true,
  chunkTrials: 100,
  ...change,
});
const CONFIGS = [5, 9, 20].flatMap((fast) => [15, 30, 60].map((slow) => ({ investment: '1000', timeframe: '1m', fast, slow })));

function opened(crew: Crew): Crew {
  onTestFinished(() => crew.close());
  return crew;
}

function threadCrewsOf(processors: number): ThreadCrews {
  const crews = threadCrews(processors);
  onTestFinished(() => crews.close());
  return crews;
}

it('computes what this process would, in and out of the sample', async () => {
  const [threads, here] = [opened(threadCrewsOf(2).open(9)), opened(plainCrew(strategies)(9))];
  expect(threads.size).toBe(2);
  const read = await threads.ask(0, { type: 'read', bytes: BYTES, outOfSample: 0.3 });
  expect(read.type === 'read' && read.history.bars.closeTicks.buffer).toBeInstanceOf(SharedArrayBuffer);
  let told = 0;
  const outcomes = [];
  for (const crew of [threads, here]) {
    const evaluation = await Evaluation.begin(crew, settings(), STORED, () => {
      told += 1;
    });
    outcomes.push([await evaluation.trials(CONFIGS), await evaluation.run(CONFIGS, 'outOfSample')]);
  }
  expect(outcomes[0]).toEqual(outcomes[1]);
  const [inside] = outcomes[0] ?? [];
  // Fast 20 over slow 15 is refused; of the nine the better half over the first quarter goes on.
  expect(inside?.map(({ state }) => state).toSorted()).toEqual(['done', 'done', 'done', 'done', 'done', 'pruned', 'pruned', 'pruned', 'refused']);
  expect(told).toBe(2 * (6 + 9));
});

it('reads a history once for all crews, and what one has begun does not stay with its threads', async () => {
  const crews = threadCrewsOf(2);
  let reads = 0;
  const stored = {
    fingerprint: 'counted',
    bytes: async () => {
      reads += 1;
      return BYTES;
    },
  };
  const outcomes = [];
  for (let piece = 0; piece < 2; piece += 1) {
    const crew = crews.open(9);
    await expect(crew.ask(0, { type: 'run', config: {}, part: 'inSample' })).rejects.toThrow();
    const evaluation = await Evaluation.begin(opened(crews.open(9)), settings(), stored, () => undefined);
    outcomes.push(await evaluation.run(CONFIGS, 'inSample'));
    crew.close();
  }
  expect(reads).toBe(1);
  expect(outcomes[1]).toEqual(outcomes[0]);
}, 60_000);

it('computes sets of several instruments as this process would, over memory that is shared', async () => {
  const far = cut(ALL, 0, 3_000);
  for (const column of ['openTicks', 'highTicks', 'lowTicks', 'closeTicks'] as const)
    far[column].forEach((ticks, index) => {
      far[column][index] = Math.round(ticks * (1.006 + 0.008 * Math.sin(index / 40)));
    });
  const stored = { fingerprint: 'legs', bytes: async () => historyBytes(cut(ALL, 0, 3_000), null, [far]) };
  const { backtest } = settings();
  const version = strategies.get('spot_futures_arbitrage')?.version ?? 0;
  const legs = [{ name: 'perpetual', instrument: TEST_PERPETUAL }];
  const pair = settings({ backtest: { ...backtest, strategy: 'spot_futures_arbitrage', strategyVersion: version, legs }, pruning: false });
  const configs = ['0.2', '0.5', '0.9'].map((percent) => ({ investment: '1550', entry_percent: percent }));
  const outcomes = [];
  for (const crew of [opened(threadCrewsOf(2).open(3)), opened(plainCrew(strategies)(3))]) {
    const evaluation = await Evaluation.begin(crew, pair, stored, () => undefined);
    outcomes.push([await evaluation.trials(configs), await evaluation.run(configs, 'outOfSample')]);
  }
  expect(outcomes[0]).toEqual(outcomes[1]);
  const trades = outcomes[0]?.[0]?.map((outcome) => (outcome.state === 'done' ? outcome.figures.trades : outcome.state));
  expect(trades).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
}, 60_000);

it('is told of another version, and answers nobody once it was sent home', async () => {
  const crew = opened(threadCrewsOf(1).open(1));
  const { backtest } = settings();
  const other = settings({ backtest: { ...backtest, strategyVersion: 0 } });
  await expect(Evaluation.begin(crew, other, STORED, () => undefined)).rejects.toMatchObject({ code: 'strategy_changed' });
  const evaluation = await Evaluation.begin(crew, settings(), STORED, () => undefined);
  crew.close();
  await expect(evaluation.run(CONFIGS, 'inSample')).rejects.toThrow('the crew was sent home');
});

import { expect, it } from 'vitest';
import { barsOf } from '#test/support/bars.ts';
import type { TrialOutcome } from '../optimize/trial-worker.ts';
import { momentsOf } from './return-moments.ts';
import { IN_TO_OUT, LEAST_OUT_BARS, type WalkForwardWish, walkForward } from './walk-forward.ts';

const WINDOWS = 4;
const OUT = 60;
const LENGTH = OUT * (WINDOWS + IN_TO_OUT);
const BARS = barsOf(Array.from({ length: LENGTH }, (_, index) => 1_000 + index));
const wish = (change: Partial<WalkForwardWish> = {}): WalkForwardWish => ({
  axes: [{ name: 'guess', values: [0, 1, 2, 3, 4, 5, 6] }],
  config: { other: 'x' },
  search: { kind: 'grid', trials: 7, seed: 1 },
  goal: { objectives: [{ name: 'profit' }], leastTrades: 0 },
  windows: WINDOWS,
  ...change,
});
const done = (profitShare: number, trades = 5): TrialOutcome => ({
  state: 'done',
  figures: {
    ...{ profitShare, trades, annualReturn: null, drawdown: 0, sharpe: null, sortino: null, calmar: null, profitFactor: null, expectancy: null, holdShare: 0 },
    moments: momentsOf([]),
  },
});
/** Which stretch of the history bars begin in. */
const stretchOf = (startTicks: number | undefined) => Math.floor(((startTicks ?? 0) - 1_000) / OUT);

it('chooses on the first part of each window and counts the second alone, end to end', async () => {
  const seen: { from: number; length: number; before: number }[] = [];
  const report = await walkForward(BARS, wish(), (config, bars, before) => {
    const from = stretchOf(bars.openTicks[0]);
    seen.push({ from, length: bars.length, before: before.length });
    // Best in its first part is whoever guesses where it begins; elsewhere everybody earns a tenth.
    return bars.length === OUT ? done(0.1) : done(config['guess'] === from ? 0.6 : 0.1);
  });
  expect(report?.windows.map(({ config }) => config)).toEqual([0, 1, 2, 3].map((guess) => ({ other: 'x', guess })));
  expect(report?.profit).toBeCloseTo(1.1 ** WINDOWS - 1, 12);
  expect(report?.efficiency).toBeCloseTo(0.1 / (0.6 / IN_TO_OUT), 12);
  expect(report?.profitableWindows).toBe(WINDOWS);
  const [first, second] = report?.windows ?? [];
  // The second parts touch and the choosing never reaches into one.
  expect(second?.outFrom).toBe(first?.outTo);
  const choosing = seen.filter(({ length }) => length === OUT * IN_TO_OUT);
  expect(choosing).toHaveLength(7 * WINDOWS);
  expect(seen.filter(({ length }) => length === OUT).map(({ from, before }) => [from, before])).toEqual(
    [3, 4, 5, 6].map((stretch) => [stretch, stretch * OUT]),
  );
});

it('trades nothing where no set has a score, and says so', async () => {
  const report = await walkForward(BARS, wish({ goal: { objectives: [{ name: 'profit' }], leastTrades: 6 } }), () => done(0.3));
  expect(report?.windows.every(({ config, outOfSample }) => config === null && outOfSample === null)).toBe(true);
  expect(report).toMatchObject({ profit: 0, efficiency: null, profitableWindows: 0 });
});

it('wants a history of some length', async () => {
  const most = Math.floor(LENGTH / LEAST_OUT_BARS) - IN_TO_OUT;
  expect((await walkForward(BARS, wish({ windows: most }), () => done(0)))?.windows).toHaveLength(most);
  expect(await walkForward(BARS, wish({ windows: most + 1 }), () => done(0))).toBeNull();
});

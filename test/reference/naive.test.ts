/** The engine against naive references in decimals that read nothing of it: as many trades, and the same equity to the last unit. */
import { describe, expect, it } from 'vitest';
import type { Bars } from '#core/bars/bars.ts';
import { randomWalk, seededRandom } from '../../bench/history.ts';
import { TEST_INSTRUMENT } from '../support/strategy-run.ts';
import { type Comparison, compareCrossover, compareGrid } from './comparison.ts';

const LENGTH = 20_000;

const trending = (seed: number) =>
  randomWalk({ seed, length: LENGTH, startTicks: 10_000, swingTicks: 50, momentum: 0.6, lowestTicks: 7_500, highestTicks: 12_500 });
const choppy = (seed: number) => randomWalk({ seed, length: LENGTH, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });

/** The same with a jump between one close in twenty and the next open. */
function gapped(bars: Bars, seed: number): Bars {
  const random = seededRandom(seed);
  for (let index = 1; index < bars.length; index += 1) {
    if (random() > 0.05) continue;
    const open = Math.max(5_000, (bars.openTicks[index] ?? 0) + Math.round((random() - 0.5) * 900));
    bars.openTicks[index] = open;
    bars.highTicks[index] = Math.max(bars.highTicks[index] ?? 0, open);
    bars.lowTicks[index] = Math.min(bars.lowTicks[index] ?? 0, open);
  }
  return bars;
}

function expectSame({ engine, naive }: Comparison, leastTrades: number): void {
  expect(engine).toEqual(naive);
  expect(engine.trades).toBeGreaterThan(leastTrades);
}

describe('the crossover', () => {
  it.each([1, 2, 3])('has the equity of its naive reference on a trending walk, seed %i', (seed) => {
    expectSame(compareCrossover(trending(seed), TEST_INSTRUMENT, { fast: 10, slow: 50, investment: '10000' }, '1m'), 300);
  });

  it('has it where fees eat the investment up, where averages tie and where the price jumps', () => {
    expectSame(compareCrossover(choppy(4), TEST_INSTRUMENT, { fast: 3, slow: 12, investment: '1000' }, '1m'), 1_000);
    const coarse = { ...TEST_INSTRUMENT, priceIncrement: '1', minPrice: '1' };
    const flat = randomWalk({ seed: 5, length: LENGTH, startTicks: 100, swingTicks: 2, momentum: 0.5, lowestTicks: 60, highestTicks: 160 });
    expectSame(compareCrossover(flat, coarse, { fast: 2, slow: 6, investment: '100000' }, '1m'), 1_000);
    expectSame(compareCrossover(gapped(trending(6), 6), TEST_INSTRUMENT, { fast: 10, slow: 50, investment: '10000' }, '1m'), 300);
  });
});

describe('the grid', () => {
  const config = { lower_price: '80', upper_price: '120', levels: 20, investment: '10000' };
  it.each([1, 2, 3])('has the equity of its naive reference, seed %i', (seed) => {
    expectSame(compareGrid(choppy(seed), TEST_INSTRUMENT, config), 300);
  });

  it('has it where the price jumps over several lines at once, and with lines in equal ratios', () => {
    expectSame(compareGrid(gapped(choppy(4), 4), TEST_INSTRUMENT, config), 500);
    expectSame(compareGrid(gapped(choppy(5), 5), TEST_INSTRUMENT, { ...config, levels: 41, spacing: 'geometric' }), 500);
  });
});

/** The promise of the tape, on backtests: the same inbox gives the same commands, also after the tape was stored and read back. */
import { describe, expect, it } from 'vitest';
import { type BacktestOptions, runBacktest } from '#app/backtest/backtest.ts';
import { replay } from '#app/run/tape.ts';
import { Engine } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { grid } from '#strategies/grid.ts';
import { crossover } from '../../bench/crossover.ts';
import { randomWalk } from '../../bench/history.ts';
import { TEST_INSTRUMENT } from '../support/grid-run.ts';

const bars = randomWalk({ seed: 7, length: 4_000, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
const RANGE = { lower_price: '90', upper_price: '110', levels: 21, investment: '2000' };

const runs: readonly (readonly [name: string, options: Pick<BacktestOptions, 'strategy' | 'config' | 'venue' | 'limits'>])[] = [
  ['a grid', { strategy: grid, config: RANGE }],
  ['a geometric grid that trails', { strategy: grid, config: { ...RANGE, spacing: 'geometric', trailing_up_limit: '125', trailing_down_limit: '75' } }],
  [
    'a grid with profit in base, slow requests and thin bars',
    { strategy: grid, config: { ...RANGE, profit_currency: 'base' }, venue: { latencyMs: 700, halfSpreadTicks: 1, slippage: 0.0005, volumeShare: 0.05 } },
  ],
  ['a grid that meets its stop', { strategy: grid, config: { ...RANGE, stop_lower_price: '80', stop_upper_price: '120' } }],
  ['a grid that is refused often', { strategy: grid, config: RANGE, limits: { ordersPerMinute: 3, maxOpenOrders: 10 } }],
  ['a strategy that takes every bar', { strategy: crossover, config: {} }],
];

function taped(options: (typeof runs)[number][1]) {
  return runBacktest({ ...options, instrument: TEST_INSTRUMENT, bars, keepTape: true });
}

describe('the tape of a backtest', () => {
  it.each(runs)('replays to identical commands: %s', (_, options) => {
    const { setup, tape } = taped(options);
    expect(tape.length).toBeGreaterThan(100);
    expect(replay(setup, tape)).toBeNull();
    // A database gives plain JSON back, with keys in another order.
    expect(
      replay(
        setup,
        tape.map((entry) => sorted(JSON.parse(JSON.stringify(entry))) as JournalEntry),
      ),
    ).toBeNull();
  });

  it.each(runs)('is the same when the backtest is run again: %s', (_, options) => {
    expect(taped(options).tape).toEqual(taped(options).tape);
  });

  it('goes on from a snapshot in the middle', () => {
    const { setup, tape } = taped({ strategy: grid, config: RANGE });
    const middle = Math.floor(tape.length / 2);
    const engine = new Engine(setup);
    for (const { event } of tape.slice(0, middle)) engine.step(event);
    const stored = JSON.parse(JSON.stringify(engine.snapshot())) as RunState;
    expect(replay(setup, tape.slice(middle), stored)).toBeNull();
    expect(replay(setup, tape.slice(middle))).not.toBeNull();
  });

  it('shows the first difference when a command, a price or an entry is not what it was', () => {
    const { setup, tape } = taped({ strategy: grid, config: RANGE });
    const index = tape.findIndex(({ event, commands }) => event.type === 'orderFilled' && commands.some(({ type }) => type === 'submitOrder'));
    const entry = tape[index];
    if (entry === undefined) throw new Error('no fill that is answered');
    const changed = (other: JournalEntry) => [...tape.slice(0, index), other, ...tape.slice(index + 1)];
    expect(replay(setup, changed({ ...entry, commands: [] }))).toMatchObject({ sequence: index + 1, problem: '' });
    expect(replay(setup, changed({ ...entry, event: { type: 'timerFired', at: entry.event.at, name: 'x' } }))).toMatchObject({
      sequence: index + 1,
      replayed: [],
    });
    expect(replay(setup, [...tape.slice(0, index), ...tape.slice(index + 1)])).toMatchObject({
      sequence: index + 2,
      problem: `entry ${index + 1} is missing from the tape`,
    });
  });
});

/** The same data with the keys of every object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

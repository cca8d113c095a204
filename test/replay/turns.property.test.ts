/**
 * A backtest that passes over the bars at which a strategy's rule says nothing does the same as one that tells every bar, as a
 * live run does: the same orders at the same times, the same equity; whatever the market, its gaps and the settings.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BacktestOptions, runBacktest } from '#app/backtest/backtest.ts';
import { replay } from '#app/run/tape.ts';
import { BarColumns } from '#core/bars/bar-columns.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { defineStrategy, type Strategy } from '#core/strategy.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { BARS_BEGIN_AT } from '../support/bars.ts';
import { TEST_INSTRUMENT, TEST_PERPETUAL } from '../support/strategy-run.ts';

const MINUTE = 60_000;

interface Step {
  readonly move: number;
  readonly reach: number;
  /** Bars that are missing before this one. */
  readonly missing: number;
}

const steps = fc.array(
  fc.record({
    move: fc.integer({ min: -160, max: 160 }),
    reach: fc.constantFrom(0, 3, 40),
    missing: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) }),
  }),
  { minLength: 120, maxLength: 400 },
);

function barsOf(walk: readonly Step[], beginAt: number): Bars {
  const bars = newBars(walk.length, MINUTE);
  let close = 10_000;
  let at = beginAt;
  walk.forEach(({ move, reach, missing }, index) => {
    const open = close;
    at += missing * MINUTE;
    close = Math.max(2_000, open + move);
    bars.startAt[index] = at;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + reach;
    bars.lowTicks[index] = Math.min(open, close) - reach;
    bars.volumeLots[index] = 500_000 + move * 100;
    at += MINUTE;
  });
  return bars;
}

const TIMEFRAME = fc.constantFrom('1m', '1m', '5m');
const PERCENT = fc.constantFrom(undefined, '0.5', '2');
const shared = {
  investment: fc.constant('1000'),
  timeframe: TIMEFRAME,
  sizing: fc.constantFrom('fixed', 'compound'),
  stop_loss_percent: PERCENT,
  trailing_stop_percent: PERCENT,
  take_profit_percent: PERCENT,
};
const short = (min: number, max: number) => fc.integer({ min, max });
const condition = fc.record({
  left: fc.constantFrom('rsi(3)', 'close', 'ema(4)', 'bollinger(5, 2).lower', 'atr(3)', 'vwap'),
  is: fc.constantFrom('above', 'below', 'crosses_above', 'crosses_below'),
  right: fc.constantFrom('50', '100', 'sma(6)', 'close', '0.5'),
});
const conditions = fc.array(condition, { minLength: 1, maxLength: 3 });

/** Settings under which each strategy with a rule trades within a few hundred bars. */
const CONFIGS: Readonly<Record<string, fc.Arbitrary<Readonly<Record<string, unknown>>>>> = {
  bollinger_reversion: fc.record({ ...shared, period: short(2, 8), width: fc.constantFrom('0.5', '1', '2'), sell_at: fc.constantFrom('middle', 'upper') }),
  donchian_breakout: fc.record({ ...shared, entry_period: short(1, 8), exit_period: short(1, 8) }),
  macd_cross: fc.record({ ...shared, fast: short(1, 3), slow: short(4, 8), signal: short(1, 4), below_zero_only: fc.boolean() }),
  moving_average_cross: fc.record({ ...shared, average: fc.constantFrom('sma', 'ema', 'wma'), fast: short(1, 3), slow: short(4, 9) }),
  rsi: fc.record({ ...shared, period: short(2, 5), oversold: short(20, 49), overbought: short(51, 80) }),
  supertrend: fc.record({ ...shared, period: short(2, 5), width: fc.constantFrom('0.5', '1') }),
  dca: fc.record({
    timeframe: TIMEFRAME,
    start: fc.constant('conditions'),
    start_conditions: conditions,
    close_conditions: conditions,
    base_order_size: fc.constant('100'),
    safety_orders: fc.constant(2),
    safety_order_size: fc.constant('100'),
    price_step_percent: fc.constant('1'),
    take_profit_percent: fc.constant('1.5'),
    stop_loss_percent: fc.constantFrom(undefined, '4'),
    cooldown_seconds: fc.constantFrom(0, 600),
  }),
  recurring_buy: fc.record({
    timeframe: TIMEFRAME,
    conditions: fc.array(condition, { minLength: 1, maxLength: 1 }),
    amount: fc.constant('20'),
    purchases: fc.constant(50),
    schedule_every: fc.constant('hour'),
    catch_up: fc.boolean(),
  }),
};

const without = (config: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));

const world = fc.record({
  walk: steps,
  before: fc.array(fc.record({ move: short(-60, 60), reach: fc.constant(5), missing: fc.constant(0) }), { maxLength: 90 }),
  offset: fc.integer({ min: 0, max: 9 }),
  /** Bars of most venues begin on the minute; those of a careless file do not. */
  shiftMs: fc.constantFrom(0, 0, 0, 7_000),
  halfSpreadTicks: fc.constantFrom(0, 2),
  latencyMs: fc.constantFrom(0, 0, 900, 70_000),
});

/** All that a run did, and when. */
function doings(options: BacktestOptions) {
  const { tape, setup, ...result } = runBacktest(options);
  const commands = tape.flatMap(({ event, commands: given }) => given.map((command) => ({ at: event.at, command })));
  return { result, commands, mismatch: replay(setup, tape), events: tape.length };
}

/** Those of indicators trade perpetuals both ways. */
const directions = (name: string) => (name === 'dca' || name === 'recurring_buy' ? [TEST_INSTRUMENT] : [TEST_INSTRUMENT, TEST_PERPETUAL]);

const ruled = STRATEGIES.filter((strategy) => strategy.rule !== undefined);

describe.each(ruled.map((strategy) => [strategy.name, strategy as Strategy] as const))('%s', (name, strategy) => {
  it('does the same whether it is told every bar or only those at which its rule turns', () => {
    const config = CONFIGS[name];
    if (config === undefined) throw new Error(`give ${name} settings here`);
    let trades = 0;
    let spared = 0;
    fc.assert(
      fc.property(
        config,
        world,
        fc.constantFrom(...directions(name)),
        fc.constantFrom('long', 'short', 'both'),
        (settings, { walk, before, offset, shiftMs, halfSpreadTicks, latencyMs }, instrument, direction) => {
          const beginAt = BARS_BEGIN_AT + offset * MINUTE + shiftMs;
          const options: BacktestOptions = {
            strategy,
            config: { ...without(settings), ...(instrument === TEST_PERPETUAL ? { direction, leverage: 2, margin_mode: 'cross' } : {}) },
            instrument,
            bars: barsOf(walk, beginAt),
            history: barsOf(before, beginAt - before.length * MINUTE),
            venue: { halfSpreadTicks, latencyMs },
            keepTape: true,
          };
          const stepped = doings({ ...options, isStepped: true });
          const skipped = doings(options);
          // Columns that several runs share change nothing either; a run that warms up has its own.
          const { history: _, ...cold } = options;
          expect(doings({ ...cold, columns: new BarColumns(cold.bars) })).toEqual(doings(cold));
          expect(skipped.commands).toEqual(stepped.commands);
          expect(skipped.result).toEqual(stepped.result);
          expect([skipped.mismatch, stepped.mismatch]).toEqual([null, null]);
          trades += stepped.result.trades.count;
          spared += stepped.events - skipped.events;
        },
      ),
      { numRuns: 20 },
    );
    expect(trades).toBeGreaterThan(5);
    expect(spared).toBeGreaterThan(500);
  });
});

/** Says of every price it waits for that it was reached; what it waits for stays where it is, so that the price comes to it and goes again and again. */
const waiter = (below: number, above: number, timeframeMs: number | null) =>
  defineStrategy({
    name: 'waiter',
    version: 1,
    title: { en: 'Waiter', ru: 'Ожидание' },
    summary: { en: 'For tests.', ru: 'Для тестов.' },
    params: {},
    wants: { bars: true, quotes: false },
    ...(timeframeMs === null ? {} : { bars: () => [{ intervalMs: timeframeMs, warmUp: 0 }] }),
    rule: {
      prices: 'ticks',
      figures: () => [{ kind: 'field', field: 'close' }],
      start: () => ({ closes: 0 }),
      turn: (memory: unknown) => {
        const counted = memory as { closes: number };
        counted.closes += 1;
        return counted.closes % 9 === 0 ? 1 : 0;
      },
    },
    plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: {} }),
    start: (context) => {
      context.watchPrice(below, above);
      return {};
    },
    on(context, _state, event): void {
      if (event.type === 'priceReached' || event.type === 'barTurned') context.report('strategy_note', `${event.type} at ${context.bidTicks}`);
    },
  });

it('tells a strategy that waits at a price of it at the same bars, wherever the last price stood', () => {
  const near = fc.integer({ min: -3, max: 3 });
  const flat = fc.array(fc.record({ move: near, reach: fc.constantFrom(0, 0, 1), missing: fc.constantFrom(0, 0, 0, 0, 7) }), { minLength: 40, maxLength: 150 });
  let reached = 0;
  fc.assert(
    fc.property(
      flat,
      near,
      near,
      fc.constantFrom(null, MINUTE, 5 * MINUTE),
      fc.constantFrom(0, 1),
      fc.constantFrom(0, 0, 7_000),
      (walk, below, above, timeframeMs, halfSpreadTicks, shiftMs) => {
        const options: BacktestOptions = {
          strategy: waiter(10_000 + below, 10_004 + above, timeframeMs) as unknown as Strategy,
          config: {},
          instrument: TEST_INSTRUMENT,
          bars: barsOf(walk, BARS_BEGIN_AT + shiftMs),
          venue: { halfSpreadTicks },
          keepTape: true,
        };
        const [stepped, skipped] = [doings({ ...options, isStepped: true }), doings(options)];
        expect(skipped.commands).toEqual(stepped.commands);
        reached += stepped.commands.length;
      },
    ),
    { numRuns: 150 },
  );
  expect(reached).toBeGreaterThan(500);
});

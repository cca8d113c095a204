/**
 * Every strategy over one synthetic history of a month: it trades, its books agree with the fills, its tape replays, what
 * is cut off from the end of the history changes nothing before, and warm-up bars change when it begins and not what it sees.
 */
import { describe, expect, it } from 'vitest';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import { replay } from '#app/tape.ts';
import { type Bars, newBars } from '#core/bars.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { BARS_BEGIN_AT } from '../support/bars.ts';
import { TEST_INSTRUMENT } from '../support/strategy-run.ts';

const MINUTES = 20_160;

/** A seeded walk around 100 with waves of hours and of days, so that every rule has something to follow. */
function history(length: number): Bars {
  const bars = newBars(length, 60_000);
  let seed = 42;
  const chance = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  let close = 10_000;
  for (let index = 0; index < length; index += 1) {
    const open = close;
    const target = 10_000 + 900 * Math.sin(index / 700) + 300 * Math.sin(index / 90);
    close = Math.max(1_000, Math.round(open + (target - open) * 0.05 + (chance() - 0.5) * 24));
    bars.startAt[index] = BARS_BEGIN_AT + index * 60_000;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + Math.floor(chance() * 9);
    bars.lowTicks[index] = Math.min(open, close) - Math.floor(chance() * 9);
    bars.volumeLots[index] = 100_000 + Math.floor(chance() * 900_000);
  }
  return bars;
}

function cut(bars: Bars, from: number, to: number): Bars {
  const part = newBars(to - from, bars.intervalMs);
  for (const column of ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const)
    part[column].set(bars[column].subarray(from, to));
  return part;
}

const ALL = history(MINUTES);
const SIGNAL = { investment: '1000', timeframe: '15m', stop_loss_percent: '8' };
const CONFIGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bollinger_reversion: SIGNAL,
  dca: {
    base_order_size: '100',
    safety_orders: 4,
    safety_order_size: '100',
    price_step_percent: '1',
    volume_scale: '1.3',
    take_profits: [
      { percent: '0.5', share_percent: '50' },
      { percent: '1', share_percent: '50' },
    ],
    stop_loss_percent: '12',
    start: 'conditions',
    start_conditions: [{ left: 'rsi(14)', is: 'below', right: '45' }],
    timeframe: '15m',
  },
  donchian_breakout: SIGNAL,
  grid: { lower_price: '88', upper_price: '112', levels: 13, investment: '1000' },
  macd_cross: SIGNAL,
  moving_average_cross: { ...SIGNAL, fast: 10, slow: 30 },
  rebalance: { investment: '1000', band_percent: '2' },
  recurring_buy: { amount: '20', purchases: 100, schedule_every: 'hour' },
  rsi: { ...SIGNAL, oversold: 40, overbought: 60 },
  supertrend: SIGNAL,
};

const fills = (result: BacktestResult, before = Number.POSITIVE_INFINITY) =>
  result.tape.flatMap(({ event }) =>
    event.type === 'orderFilled' && event.at < before ? [`${event.at} ${event.fill.side} ${event.fill.sizeLots} @ ${event.fill.priceTicks}`] : [],
  );

/** Those that always trade several instruments have a loop of their own: see legs-backtest.test.ts. */
const OVER_LEGS = new Set(['spot_futures_arbitrage']);

describe.each(STRATEGIES.filter(({ name }) => !OVER_LEGS.has(name)).map((strategy) => [strategy.name, strategy] as const))('%s', (name, strategy) => {
  const run = (bars: Bars, more: { readonly history?: Bars } = {}) =>
    runBacktest({ strategy, config: CONFIGS[name], instrument: TEST_INSTRUMENT, bars, keepTape: true, venue: { halfSpreadTicks: 1, latencyMs: 50 }, ...more });

  it('trades, its books agree with its fills, and its tape replays', () => {
    const result = run(ALL);
    expect(result.trades.count).toBeGreaterThan(4);
    expect([result.orders.rejected, result.orders.denied]).toEqual([0, 0]);
    let flow = 0;
    for (const { event } of result.tape)
      if (event.type === 'orderFilled') flow += (event.fill.side === 'sell' ? 1 : -1) * event.fill.priceTicks * event.fill.sizeLots - event.fill.feeAtoms;
    const held = result.tape.reduce(
      (grains, { event }) =>
        event.type === 'orderFilled' ? grains + (event.fill.side === 'buy' ? 1 : -1) * event.fill.sizeLots * 10_000 - event.fill.feeGrains : grains,
      0,
    );
    const worth = Math.round(flow + (held / 10_000) * (ALL.closeTicks[result.bars - 1] ?? 0));
    expect(Number(result.profit) * 100_000).toBeCloseTo(worth, 0);
    expect(replay(result.setup, result.tape)).toBeNull();
  });

  it('does the same whatever comes later', () => {
    const half = MINUTES / 2;
    const cutAt = ALL.startAt[half] ?? 0;
    expect(fills(run(cut(ALL, 0, half)), cutAt)).toEqual(fills(run(ALL), cutAt));
  });

  it('does the same in the end wherever its warm-up begins', () => {
    if (strategy.bars === undefined) return;
    const start = 4_320;
    const tail = cut(ALL, start, MINUTES);
    const [short, long] = [run(tail, { history: cut(ALL, 1_440, start) }), run(tail, { history: cut(ALL, 0, start) })];
    expect(fills(short)).toEqual(fills(long));
  });
});

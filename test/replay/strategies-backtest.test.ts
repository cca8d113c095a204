/**
 * Every strategy over one synthetic history of a month: it trades, its books agree with the fills, its tape replays, what
 * is cut off from the end of the history changes nothing before, and warm-up bars change when it begins and not what it sees.
 */
import { describe, expect, it } from 'vitest';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import { replay } from '#app/run/tape.ts';
import type { Bars } from '#core/bars/bars.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { CONFIGS, cut, fed, history, MINUTES } from '../support/strategy-histories.ts';
import { TEST_INSTRUMENT } from '../support/strategy-run.ts';

const ALL = history(MINUTES);

const fills = (result: BacktestResult, before = Number.POSITIVE_INFINITY) =>
  result.tape.flatMap(({ event }) =>
    event.type === 'orderFilled' && event.at < before ? [`${event.at} ${event.fill.side} ${event.fill.sizeLots} @ ${event.fill.priceTicks}`] : [],
  );

/** Those that always trade several instruments have a loop of their own: see legs-backtest.test.ts. */
const OVER_LEGS = new Set(['spot_futures_arbitrage']);

describe.each(STRATEGIES.filter(({ name }) => !OVER_LEGS.has(name)).map((each) => [each.name, fed(each)] as const))('%s', (name, strategy) => {
  const run = (bars: Bars, more: { readonly history?: Bars; readonly keepTape?: boolean } = {}) =>
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

  // Without a tape the engine gives its own records away instead of copies, and the words of most reports are never written.
  it('does the same whether its tape is kept or not', () => {
    const [kept, read] = [run(ALL), run(ALL, { keepTape: false })];
    expect({ ...read, tape: kept.tape, setup: kept.setup }).toEqual(kept);
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

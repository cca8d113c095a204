/** Rules of a user in a backtest: the engine's own, as live, so that the tape replays with them. */
import { describe, expect, it } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import { newBars } from '#core/bars/bars.ts';
import { defineStrategy } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { replay } from '../run/tape.ts';
import { runBacktest } from './backtest.ts';
import { backtestRules } from './backtest-rules.ts';

const NONE: RunRules = { opposite: null, placeAgainTimes: 0, cancelRestAfterMs: null, takeProfit: null, stopLoss: null, stopType: 'stopMarket' };
const MINUTE = 60_000;

/** Buys once at the beginning and does nothing more. */
const buyer = defineStrategy({
  name: 'buyer',
  version: 1,
  title: { en: 'Buyer', ru: 'Покупатель' },
  summary: { en: 'Buys once.', ru: 'Покупает один раз.' },
  params: {},
  wants: { quotes: false, bars: false },
  rules: ['opposite', 'takeProfit', 'stopLoss', 'cancelRest'],
  plan: () => ({ ok: true, quoteAtoms: 1e12, baseGrains: 0, preview: {} }),
  start: (context) => {
    context.submit({
      side: 'buy',
      type: 'market',
      priceTicks: 0,
      triggerTicks: 0,
      sizeLots: 1_000,
      timeInForce: 'gtc',
      postOnly: false,
      reduceOnly: false,
      tag: 'entry',
    });
    return {};
  },
  on: () => undefined,
});

/** Closes by minute, in ticks; each bar goes from the close before to its own. */
function walk(closes: readonly number[]) {
  const bars = newBars(closes.length, MINUTE);
  closes.forEach((close, index) => {
    const open = closes[index - 1] ?? close;
    bars.startAt[index] = index * MINUTE + MINUTE;
    bars.openTicks[index] = open;
    bars.highTicks[index] = Math.max(open, close);
    bars.lowTicks[index] = Math.min(open, close);
    bars.closeTicks[index] = close;
    bars.volumeLots[index] = 1e9;
  });
  return bars;
}

function run(rules: Partial<RunRules>, closes: readonly number[]) {
  return runBacktest({
    strategy: buyer,
    config: {},
    instrument: TEST_INSTRUMENT,
    bars: walk(closes),
    rules: { ...NONE, ...rules },
    keepTape: true,
    keepLedger: true,
  });
}

describe('a backtest with the rules of a user', () => {
  it.each([
    ['takes its profit where the rule says', { takeProfit: { kind: 'share', millionths: 50_000 } }, [100_000, 101_000, 106_000, 90_000], 105_000],
    ['is stopped where the rule says', { stopLoss: { kind: 'share', millionths: 50_000 } }, [100_000, 99_000, 94_000, 110_000], 95_000],
    ['sells a step away where the rule says', { opposite: { kind: 'ticks', ticks: 2_000 } }, [100_000, 101_000, 103_000, 90_000], 102_000],
  ] as const)('%s, and its tape replays with it', (_name, rules, closes, price) => {
    const { ledger, tape, setup } = run(rules, closes);
    expect(ledger?.fills.map(({ fill: { side, priceTicks } }) => [side, priceTicks])).toEqual([
      ['buy', 100_000],
      ['sell', price],
    ]);
    expect(replay(setup, tape)).toBeNull();
    const { rules: _without, ...bare } = setup;
    expect(replay(bare, tape)).not.toBeNull();
  });

  it('is refused where a price would be watched that no order stands for', () => {
    const share = { kind: 'percent', percent: '5' } as const;
    const rules = { opposite: null, placeAgainTimes: null, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null };
    const planned = (change: object, orderTypes: readonly string[] = ['stopMarket']) =>
      backtestRules({ ...rules, ...change }, buyer as never, TEST_INSTRUMENT, { orderTypes } as never);
    expect(planned({ stopLoss: share }).stopLoss).toEqual({ kind: 'share', millionths: 50_000 });
    expect(() => planned({ stopLoss: share, takeProfit: share })).toThrow('actions.stop_loss watches a price between candles');
    expect(() => planned({ stopLoss: share }, ['limit'])).toThrow('actions.stop_loss watches a price between candles');
    expect(() => planned({ placeAgainTimes: 2 })).toThrow('actions.on_cancelled_by_exchange is not possible');
  });

  it('is the same as without where no rule has anything to do', () => {
    const closes = [100_000, 101_000, 99_000];
    const { rules: _rules, ...ruled } = run({ placeAgainTimes: 3 }, closes).setup;
    const plain = runBacktest({ strategy: buyer, config: {}, instrument: TEST_INSTRUMENT, bars: walk(closes), keepTape: true });
    expect(ruled).toEqual(plain.setup);
    expect(run({ placeAgainTimes: 3 }, closes).profit).toBe(plain.profit);
  });
});

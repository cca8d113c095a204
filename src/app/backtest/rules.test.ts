/** Rules of a user in a backtest: the engine's own, as live, so that the tape replays with them. */
import { describe, expect, it } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import { newBars } from '#core/bars/bars.ts';
import { defineStrategy } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { replay } from '../run/tape.ts';
import { runBacktest } from './backtest.ts';

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
  return candles(
    closes.map((close, index): Candle => {
      const open = closes[index - 1] ?? close;
      return [open, Math.max(open, close), Math.min(open, close), close];
    }),
  );
}

/** Open, high, low and close in ticks. */
type Candle = readonly [number, number, number, number];

function candles(given: readonly Candle[]) {
  const bars = newBars(given.length, MINUTE);
  given.forEach(([open, high, low, close], index) => {
    bars.startAt[index] = index * MINUTE + MINUTE;
    bars.openTicks[index] = open;
    bars.highTicks[index] = high;
    bars.lowTicks[index] = low;
    bars.closeTicks[index] = close;
    bars.volumeLots[index] = 1e9;
  });
  return bars;
}

const run = (rules: Partial<RunRules>, closes: readonly number[]) => runBars(rules, walk(closes));
const runOver = (rules: Partial<RunRules>, given: readonly Candle[]) => runBars(rules, candles(given));

function runBars(rules: Partial<RunRules>, bars: ReturnType<typeof walk>) {
  return runBacktest({
    strategy: buyer,
    config: {},
    instrument: TEST_INSTRUMENT,
    bars,
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

  const SHARE = { kind: 'share', millionths: 50_000 } as const;
  const sold = (rules: Partial<RunRules>, bars: readonly Candle[]) =>
    runOver(rules, bars)
      .ledger?.fills.filter(({ fill }) => fill.side === 'sell')
      .map(({ fill }) => fill.priceTicks);
  const CALM: Candle = [100_000, 100_000, 100_000, 100_000];

  it.each([
    ['its stop, where the bar closes above its open', [100_000, 106_000, 94_000, 101_000], 95_000],
    ['its stop, where the bar closes below its open and would go to the high first', [100_000, 106_000, 94_000, 99_000], 95_000],
    ['its take profit, where the stop is not reached', [100_000, 106_000, 96_000, 99_000], 105_000],
    ['its take profit at a better open, unless it rests there', [107_000, 108_000, 107_000, 108_000], 107_000, 105_000],
    ['its stop at a worse open', [93_000, 106_000, 93_000, 100_000], 93_000],
  ] as [string, Candle, number, number?][])('with both exits in force meets %s', (_name, bar, price, resting = price) => {
    const both = { takeProfit: SHARE, stopLoss: SHARE };
    for (const stopType of ['stopMarket', 'stopLimit'] as const) expect(sold({ ...both, stopType }, [CALM, bar, CALM]), stopType).toEqual([price]);
    expect(sold({ ...both, stopType: null }, [CALM, bar, CALM]), 'the stop is watched, and the take profit rests').toEqual([resting]);
  });

  it('watches a stop that no order of the venue stands for, and sells where it is reached', () => {
    expect(sold({ stopLoss: SHARE, stopType: null }, [CALM, [100_000, 101_000, 90_000, 92_000]])).toEqual([95_000]);
  });

  it('is the same as without where no rule has anything to do', () => {
    const closes = [100_000, 101_000, 99_000];
    const { rules: _rules, ...ruled } = run({ placeAgainTimes: 3 }, closes).setup;
    const plain = runBacktest({ strategy: buyer, config: {}, instrument: TEST_INSTRUMENT, bars: walk(closes), keepTape: true });
    expect(ruled).toEqual(plain.setup);
    expect(run({ placeAgainTimes: 3 }, closes).profit).toBe(plain.profit);
  });
});

/** Indicators against trading-signals, a well-kept library of streaming indicators, on random walks, wherever its conventions are the same. */
import fc from 'fast-check';
import * as oracle from 'trading-signals';
import { describe, expect, it } from 'vitest';
import type { IndicatorBar, Reading } from '#core/indicator.ts';
import { INDICATORS } from '#core/indicators/index.gen.ts';

type Step = (bar: IndicatorBar) => Reading | null;

/** An indicator of theirs as a step of ours. Where theirs is shown, ours must be the same. */
const CASES: readonly (readonly [string, Readonly<Record<string, number>>, () => Step])[] = [
  ['sma', { period: 7 }, () => ofValue(new oracle.SMA(7))],
  ['wma', { period: 7 }, () => ofValue(new oracle.WMA(7))],
  ['rma', { period: 7 }, () => ofValue(new oracle.WSMA(7))],
  ['rsi', { period: 7 }, () => ofValue(new oracle.RSI(7))],
  ['roc', { period: 7 }, () => ofValue(new oracle.ROC(7), (value) => value * 100)],
  ['atr', { period: 7 }, () => ofBar(new oracle.ATR(7))],
  ['cci', { period: 7 }, () => ofBar(new oracle.CCI(7))],
  ['williams_r', { period: 7 }, () => ofBar(new oracle.WilliamsR(7))],
  [
    'bollinger',
    { period: 7, width: 2 },
    () => {
      const bands = new oracle.BollingerBands(7, 2);
      return (bar) => bands.add(bar.close);
    },
  ],
  [
    'stochastic',
    { period: 7, smooth: 3, signal: 2 },
    () => {
      const stochastic = new oracle.StochasticOscillator({ dPeriod: 2, kPeriod: 7, kSlowingPeriod: 3 });
      return (bar) => {
        const result = stochastic.add(bar);
        return result === null ? null : { k: result.stochK, d: result.stochD };
      };
    },
  ],
  ['mfi', { period: 7 }, () => ofBar(new oracle.MFI(7))],
  [
    'donchian',
    { period: 7 },
    () => {
      const channel = new oracle.DonchianChannels(7);
      return (bar) => channel.add(bar);
    },
  ],
];

interface Stream<Input> {
  add(input: Input): number | null;
}

function ofValue(indicator: Stream<number>, convert: (value: number) => number = (value) => value): Step {
  return (bar) => {
    const value = indicator.add(bar.close);
    return value === null ? null : convert(value);
  };
}

function ofBar(indicator: Stream<IndicatorBar>): Step {
  return (bar) => indicator.add(bar);
}

/** Walks that always move, where nothing is divided by nothing: what is said then is a convention. */
const walk = fc
  .array(
    fc.record({ move: fc.integer({ min: 1, max: 300 }), isUp: fc.boolean(), up: fc.integer({ min: 1, max: 50 }), down: fc.integer({ min: 1, max: 50 }) }),
    {
      minLength: 20,
      maxLength: 80,
    },
  )
  .map((steps) => {
    let close = 100_000;
    return steps.map(({ move, isUp, up, down }, index): IndicatorBar => {
      const open = close;
      close += isUp ? move : -move;
      return { at: index + 1, open, high: Math.max(open, close) + up, low: Math.min(open, close) - down, close, volume: move };
    });
  });

describe('trading-signals', () => {
  it.each(CASES)('agrees on %s %o', (name, settings, begin) => {
    const indicator = INDICATORS.find((each) => each.name === name);
    if (indicator === undefined) throw new Error(`there is no ${name}`);
    fc.assert(
      fc.property(walk, (bars) => {
        const state = indicator.start(settings);
        const step = begin();
        let compared = 0;
        for (const bar of bars) {
          const ours = indicator.input === 'value' ? indicator.update(state, bar.close) : indicator.update(state, bar);
          const theirs = step(bar);
          if (ours === null || theirs === null) continue;
          compared += 1;
          if (typeof ours === 'number') expect(ours).toBeCloseTo(theirs as number, 6);
          else for (const [output, value] of Object.entries(theirs)) expect(ours[output], output).toBeCloseTo(value, 6);
        }
        expect(compared).toBeGreaterThan(5);
      }),
      { numRuns: 40 },
    );
  });
});

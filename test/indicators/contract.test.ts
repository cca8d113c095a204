/** What every indicator must keep: warm-up as stated, state that survives JSON at any bar, no look ahead, finite figures on hostile markets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Indicator, type IndicatorBar, type IndicatorSpec, outputOf, type Reading } from '#core/indicator.ts';
import { runIndicator } from '#core/indicator-batch.ts';
import { INDICATORS } from '#core/indicators/index.gen.ts';
import { seriesOf } from '#test/support/series.ts';

function step(indicator: Indicator, state: unknown, bar: IndicatorBar): Reading | null {
  return indicator.input === 'value' ? indicator.update(state, bar.close) : indicator.update(state, bar);
}

function defaults(spec: IndicatorSpec): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(spec).map(([name, setting]) => [name, setting.default]));
}

const settingsOf = (spec: IndicatorSpec): fc.Arbitrary<Readonly<Record<string, number>>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(spec).map(([name, { min, max, isWhole }]) => [
        name,
        isWhole ? fc.integer({ min, max: Math.min(max, 12) }) : fc.double({ min, max, noNaN: true }),
      ]),
    ),
  );

const HOUR_MS = 3_600_000;

/** Flat stretches, leaps, bars of one price, no volume. */
const market = fc
  .array(
    fc.record({
      close: fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 10_000_000 })),
      reach: fc.constantFrom(0, 0, 1, 50),
      volume: fc.constantFrom(0, 1, 12_345.678),
    }),
    { minLength: 60, maxLength: 90 },
  )
  .map((rows) =>
    rows.map(
      ({ close, reach, volume }, index): IndicatorBar => ({
        at: 1_700_000_000_000 + index * HOUR_MS,
        open: close,
        high: close + reach,
        low: Math.max(0.5, close - reach),
        close,
        volume,
      }),
    ),
  );

describe.each(INDICATORS.map((indicator) => [indicator.name, indicator] as const))('%s', (_, indicator) => {
  it('gives its first figures at the update it states, and figures from there on', () => {
    fc.assert(
      fc.property(settingsOf(indicator.settings), market, (settings, bars) => {
        const warmUp = indicator.warmUp(settings);
        const columns = runIndicator(indicator, settings, seriesOf(bars));
        for (const output of indicator.outputs) {
          const first = columns[output]?.findIndex((value) => !Number.isNaN(value)) ?? -1;
          // Levels of a session need the one before, however many bars it has.
          if (indicator.name === 'pivot_points') expect(first + 1).toBeGreaterThanOrEqual(warmUp);
          else expect(first + 1, `${output} of ${JSON.stringify(settings)}`).toBe(warmUp);
          if (first >= 0) expect(columns[output]?.slice(first).every((value) => Number.isFinite(value))).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('goes on from JSON as if nothing had happened, and says live what it says over the whole history', () => {
    fc.assert(
      fc.property(settingsOf(indicator.settings), market, fc.nat({ max: 59 }), (settings, bars, restartAt) => {
        const columns = runIndicator(indicator, settings, seriesOf(bars));
        let state = indicator.start(settings);
        bars.forEach((bar, index) => {
          if (index === restartAt) state = JSON.parse(JSON.stringify(state));
          const reading = step(indicator, state, bar);
          for (const output of indicator.outputs) expect(outputOf(indicator, reading, output) ?? Number.NaN).toBe(columns[output]?.[index]);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('has texts in both languages and settings whose defaults are within their bounds', () => {
    for (const text of [indicator.title, indicator.summary]) expect(text.en.length * text.ru.length).toBeGreaterThan(0);
    for (const { default: value, min, max } of Object.values(indicator.settings)) expect(value >= min && value <= max).toBe(true);
    expect(indicator.warmUp(defaults(indicator.settings))).toBeLessThan(100);
  });
});

describe('names', () => {
  it('are those of the files, and told apart', () => {
    expect(new Set(INDICATORS.map(({ name }) => name)).size).toBe(INDICATORS.length);
    for (const { name } of INDICATORS) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});

describe('conventions', () => {
  const flat = Array.from({ length: 80 }, (_, index): IndicatorBar => ({ at: index + 1, open: 5, high: 5, low: 5, close: 5, volume: 0 }));
  it.each([
    ['rsi', 'value', 50],
    ['mfi', 'value', 50],
    ['stochastic', 'k', 50],
    ['stochastic_rsi', 'k', 50],
    ['williams_r', 'value', -50],
    ['cci', 'value', 0],
    ['adx', 'value', 0],
    ['roc', 'value', 0],
    ['vwap', 'value', 5],
  ])('let %s say nothing where nothing moves', (name, output, expected) => {
    const indicator = INDICATORS.find((each) => each.name === name);
    if (indicator === undefined) throw new Error(`there is no ${name}`);
    expect(runIndicator(indicator, defaults(indicator.settings), seriesOf(flat))[output]?.at(-1)).toBe(expected);
  });

  it('begin sessions anew at midnight UTC, and count a bar that closes then to the day before', () => {
    const vwap = INDICATORS.find(({ name }) => name === 'vwap');
    if (vwap === undefined) throw new Error('there is no vwap');
    const day = 24 * HOUR_MS;
    const bars = [1, 2, 3].map(
      (close, index): IndicatorBar => ({ at: day - HOUR_MS + index * HOUR_MS, open: close, high: close, low: close, close, volume: 1 }),
    );
    expect([...(runIndicator(vwap, { session_hours: 24 }, seriesOf(bars))['value'] ?? [])]).toEqual([1, 1.5, 3]);
  });
});

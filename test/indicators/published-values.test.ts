/**
 * Indicators against values that others have published: 502 daily bars and the results of "Stock Indicators for .NET"
 * (checked there against spreadsheets), and the examples of Tulip Indicators, both of which follow the formulas of TA-Lib.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IndicatorBar } from '#core/indicator.ts';
import { runIndicator } from '#core/indicator-batch.ts';
import { INDICATORS } from '#core/indicators/index.gen.ts';
import { seriesOf } from '#test/support/series.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Published {
  readonly series: readonly {
    readonly indicator: string;
    readonly settings: Readonly<Record<string, number>>;
    readonly readings: readonly Readonly<Record<string, number>>[];
  }[];
}

const published = JSON.parse(readFileSync(join(import.meta.dirname, 'published.json'), 'utf8')) as Published;
const rows = readFileSync(join(import.meta.dirname, 'daily-quotes.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

/** Bars at the times a case needs: the figures of sessions are published for months, or for one session in all. */
function history(timeOf: (date: string, row: number) => number): readonly IndicatorBar[] {
  return rows.map(([date = '', open, high, low, close, volume], row) => ({
    at: timeOf(date, row),
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  }));
}

const DAILY = history((date) => Date.parse(date) + DAY_MS);
const ONE_SESSION = history((_, row) => row + 1);
const MONTHS = history((date) => (12 * Number(date.slice(0, 4)) + Number(date.slice(5, 7))) * DAY_MS + Number(date.slice(8)) * 60_000);

/**
 * Rows from which an indicator must agree, where it begins differently: the first bar's range counts in ours, and Wilder's
 * averages forget their first values slowly; the first trend of a parabolic SAR is a guess, ours that of TA-Lib.
 */
const AGREES_FROM: Readonly<Record<string, number>> = { atr: 333, supertrend: 333, keltner: 250, parabolic_sar: 40 };

describe('Stock Indicators', () => {
  it.each(published.series)('agrees on $indicator $settings', ({ indicator: name, settings, readings }) => {
    const indicator = INDICATORS.find((each) => each.name === name);
    if (indicator === undefined) throw new Error(`there is no ${name}`);
    const bars = name === 'vwap' ? ONE_SESSION : name === 'pivot_points' ? MONTHS : DAILY;
    const columns = runIndicator(indicator, settings, seriesOf(bars));
    const from = AGREES_FROM[name] ?? 0;
    // Theirs is the channel of the bars before; ours includes the bar in hand.
    const shift = name === 'donchian' ? 1 : 0;
    for (const { row = 0, ...values } of readings)
      if (row >= from)
        for (const [output, value] of Object.entries(values)) expect(columns[output]?.[row - shift], `${output} of row ${row}`).toBeCloseTo(value, 6);
    expect(readings.filter(({ row = 0 }) => row >= from).length).toBeGreaterThan(1);
  });

  it('has values for every indicator there is', () => {
    expect(published.series.map(({ indicator }) => indicator).toSorted()).toEqual(INDICATORS.map(({ name }) => name).toSorted());
  });
});

/** The bars of all examples of Tulip Indicators. */
const HIGH = [82.15, 81.89, 83.03, 83.3, 83.85, 83.9, 83.33, 84.3, 84.84, 85, 85.9, 86.58, 86.98, 88, 87.87];
const LOW = [81.29, 80.64, 81.31, 82.65, 83.07, 83.11, 82.49, 82.3, 84.15, 84.11, 84.03, 85.39, 85.76, 87.17, 87.01];
const CLOSE = [81.59, 81.06, 82.87, 83, 83.61, 83.15, 82.84, 83.99, 84.55, 84.36, 85.53, 86.54, 86.89, 87.77, 87.29];
const VOLUME = [
  5_653_100, 6_447_400, 7_690_900, 3_831_400, 4_455_100, 3_798_000, 3_936_200, 4_732_000, 4_841_300, 3_915_300, 6_830_800, 6_694_100, 5_293_600, 7_985_800,
  4_807_900,
];
const EXAMPLE: readonly IndicatorBar[] = CLOSE.map((close, index) => ({
  at: index + 1,
  open: close,
  high: HIGH[index] ?? 0,
  low: LOW[index] ?? 0,
  close,
  volume: VOLUME[index] ?? 0,
}));

describe('Tulip Indicators', () => {
  it.each([
    ['sma', 'value', { period: 5 }, [82.426, 82.738, 83.094, 83.318, 83.628, 83.778, 84.254, 84.994, 85.574, 86.218, 86.804]],
    ['wma', 'value', { period: 5 }, [82.825, 83.066, 83.1, 83.399, 83.809, 84.053, 84.637, 85.399, 86.031, 86.763, 87.121]],
    ['rma', 'value', { period: 5 }, [82.426, 82.571, 82.625, 82.898, 83.228, 83.455, 83.87, 84.404, 84.901, 85.475, 85.838]],
    ['rsi', 'value', { period: 5 }, [72.034, 64.927, 75.936, 79.796, 74.713, 83.033, 87.478, 88.755, 91.483, 78.498]],
    ['bollinger', 'upper', { period: 5, width: 2 }, [84.322, 84.489, 83.655, 84.164, 84.838, 85.121, 85.997, 86.845, 87.612, 88.566, 88.319]],
    ['bollinger', 'lower', { period: 5, width: 2 }, [80.53, 80.987, 82.533, 82.472, 82.418, 82.435, 82.511, 83.143, 83.536, 83.87, 85.289]],
    ['standard_deviation', 'value', { period: 5 }, [0.948, 0.875, 0.28, 0.423, 0.605, 0.671, 0.871, 0.926, 1.019, 1.174, 0.758]],
    ['atr', 'value', { period: 5 }, [1.116, 1.051, 1.009, 1.207, 1.136, 1.086, 1.243, 1.233, 1.23, 1.206, 1.137]],
    ['cci', 'value', { period: 5 }, [166.667, 82.02, 95.501, 130.912, 99.163, 116.342, 71.928]],
    ['mfi', 'value', { period: 5 }, [61.172, 67.308, 62.796, 64.661, 45.238, 67.841, 85.578, 85.963, 87.504, 84.647]],
    ['stochastic', 'k', { period: 5, smooth: 3, signal: 3 }, [77.385, 83.126, 84.867, 88.361, 95.246, 96.74, 91.091]],
    ['stochastic', 'd', { period: 5, smooth: 3, signal: 3 }, [75.702, 78.011, 81.793, 85.452, 89.491, 93.449, 94.359]],
    ['stochastic_rsi', 'k', { rsi_period: 5, period: 5, smooth: 1, signal: 1 }, [65.8, 100, 100, 100, 100, 0]],
    ['slope', 'value', { period: 5 }, [0.598, 0.492, 0.009, 0.121, 0.272, 0.413, 0.575, 0.608, 0.686, 0.818, 0.475]],
    ['williams_r', 'value', { period: 5 }, [-7.477, -23.006, -40.927, -15.5, -11.417, -23.704, -10.278, -0.935, -3.051, -5.793, -17.884]],
    ['roc', 'value', { period: 5 }, [1.9, 2.2, 1.4, 1.9, 0.9, 2.9, 4.5, 3.5, 3.8, 3.5]],
    ['parabolic_sar', 'value', { step: 0.2, max: 2 }, [82.15, 80.64, 80.64, 81.31, 82.65, 83.9, 82.3, 82.3, 82.3, 83.92, 84.03, 84.03, 85.39, 85.76]],
  ])('agrees on %s %s', (name, output, settings, expected) => {
    const indicator = INDICATORS.find((each) => each.name === name);
    if (indicator === undefined) throw new Error(`there is no ${name}`);
    const column = runIndicator(indicator, settings, seriesOf(EXAMPLE))[output] ?? new Float64Array();
    // They print three places, of shares instead of per cent where those are small.
    const digits = name === 'roc' || name === 'stochastic_rsi' ? 0 : 2;
    const tail = [...column.slice(column.length - expected.length)];
    // Some of theirs warm up longer: the common end is compared.
    tail.forEach((value, index) => {
      expect(value, `value ${index}`).toBeCloseTo(expected[index] ?? Number.NaN, digits);
    });
  });
});

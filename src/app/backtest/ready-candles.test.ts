/** What becomes of bad candles: a refusal that names the line and the remedy, or a stated rule and a warning. The guide on backtesting has the same table. */
import { describe, expect, it } from 'vitest';
import type { Instrument } from '#core/instrument.ts';
import { grid } from '#strategies/grid.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { runTask } from './backtest-task.ts';
import { readyCandles } from './ready-candles.ts';

const START = Date.UTC(2026, 0, 1);
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
/** Ten minutes at 100, with rows replaced, left out (`null`) or added. */
function csv(change: Readonly<Record<number, string | null>> = {}, length = 10): string {
  const rows = Array.from({ length }, (_, minute) => (change[minute] === undefined ? `${at(minute)},100,101,99,100,5` : change[minute]));
  return ['timestamp,open,high,low,close,volume', ...rows.filter((row) => row !== null)].join('\n');
}

function settings(change: Partial<BacktestSettings> = {}): BacktestSettings {
  return {
    strategy: 'grid',
    strategyVersion: grid.version,
    config: { lower_price: '90', upper_price: '110', levels: 5, investment: '1000' },
    instrument: TEST_INSTRUMENT,
    source: { kind: 'venue', exchange: 'binance', interval: '1m', from: START, to: START + 600_000 },
    gaps: 'refuse',
    venue: {},
    lots: 'fifo',
    ...change,
  };
}

const ready = (text: string, change: Partial<BacktestSettings> = {}) => readyCandles(settings(change), text);
const warned = (text: string, change: Partial<BacktestSettings> = {}) => ready(text, change).warnings.map(({ en }) => en);

describe('bad candles', () => {
  it.each([
    ['a gap', { 3: null }, 'line 5: 1 candle is missing between 2026-01-01T00:02:00.000Z and 2026-01-01T00:04:00.000Z'],
    ['a duplicate', { 3: `${at(2)},100,101,99,100,5` }, 'line 5: the candle of 2026-01-01T00:02:00.000Z is there twice; remove one of them'],
    [
      'disorder',
      { 3: `${at(1)},100,101,99,100,5` },
      'line 5: the candle of 2026-01-01T00:01:00.000Z comes after that of 2026-01-01T00:02:00.000Z; sort the lines',
    ],
    ['NaN', { 3: `${at(3)},100,101,99,NaN,5` }, 'line 5: close "NaN" is not a number; repair or remove the candle'],
    ['an infinite price', { 3: `${at(3)},100,1e999,99,100,5` }, 'line 5: a number is too large'],
    ['a price of zero', { 3: `${at(3)},0,101,0,100,5` }, 'line 5: open is zero; a price must be above zero'],
    ['a negative volume', { 3: `${at(3)},100,101,99,100,-5` }, 'line 5: volume "-5" is negative'],
    ['a high below the low', { 3: `${at(3)},100,90,99,100,5` }, 'line 5: high 90 is below low 99'],
    ['a close outside the candle', { 3: `${at(3)},100,101,99,150,5` }, 'line 5: close 150 lies outside low 99 to high 101'],
    ['another length', { 3: `${new Date(START + 165_000).toISOString()},100,101,99,100,5` }, 'all candles must be of one length'],
    ['a price below half an increment', { 3: `${at(3)},100,101,0.0001,100,5` }, 'use an instrument with a finer price increment'],
    ['nothing but a header', Object.fromEntries(Array.from({ length: 10 }, (_, minute) => [minute, null])), 'the file holds no candle'],
  ])('are refused with the place and the remedy: %s', (_, change, message) => {
    expect(() => ready(csv(change))).toThrow(message);
  });

  it('fill a gap flat and say so, or pass over it, as is wished', () => {
    const filled = ready(csv({ 3: null, 4: null }), { gaps: 'fill' });
    expect([filled.bars.length, filled.bars.volumeLots[3], filled.bars.closeTicks[3]]).toEqual([10, 0, 10_000]);
    expect(filled.warnings[0]?.en).toBe('2 candles were missing and are flat at the close before them, without volume.');
    const skipped = ready(csv({ 3: null, 4: null }), { gaps: 'skip' });
    expect(skipped.bars.length).toBe(8);
    expect(skipped.warnings[0]?.en).toBe('2 candles are missing; time passes over them at once.');
  });

  it('warn of a candle of a million per cent, and count it', () => {
    expect(warned(csv({ 5: `${at(5)},100,1000000,99,100,5` }))).toEqual([
      'A candle of 2026-01-01 00:05 moves by a factor of 10 or more: look whether it is true before you trust the result.',
    ]);
    expect(warned(csv({ 5: `${at(5)},2000,2000,2000,2000,5`, 6: `${at(6)},100,100,100,100,5` }))[0]).toMatch(
      /^2 candles move by a factor of 10 or more, the first at 2026-01-01 00:05/,
    );
  });

  it('warn where a fifth or more of them have no volume', () => {
    const quiet = Object.fromEntries([1, 2, 3].map((minute) => [minute, `${at(minute)},100,100,100,100,0`]));
    expect(warned(csv(quiet))).toEqual(['30 % of the candles have no volume: at their prices nobody traded.']);
  });

  it('warn where they end before the end: a pair that was delisted is valued at its last price', () => {
    expect(warned(csv({}, 6))).toEqual([
      'The candles end at 2026-01-01 00:06, before the end that was asked for: the pair may have been delisted. What was held then is valued at the last price.',
    ]);
  });

  it('warn of prices between increments', () => {
    expect(warned(csv({ 5: `${at(5)},100.001,101,99,100,5` }))).toEqual(['1 prices were rounded to the price increment.']);
  });

  it('are refused where none lies in the span', () => {
    const source = { kind: 'venue', exchange: 'binance', interval: '1m', from: START + 3_600_000, to: START + 7_200_000 } as const;
    expect(() => ready(csv(), { source })).toThrow('there are no candles of ABC/USDT in the span');
  });

  it('part into warm-up and run at the beginning of the span', () => {
    const source = { kind: 'venue', exchange: 'binance', interval: '1m', from: START + 240_000, to: START + 600_000 } as const;
    const { bars, history } = ready(csv(), { source });
    expect([history?.length, bars.length, bars.startAt[0]]).toEqual([4, 6, START + 240_000]);
  });

  it('do not fill by volume where there is none, if fills are bound to volume', () => {
    // The price falls through the whole grid in a candle without volume.
    const falling = csv({
      5: `${at(5)},100,100,90,90,0`,
      6: `${at(6)},90,90,90,90,0`,
      7: `${at(7)},90,90,90,90,0`,
      8: `${at(8)},90,90,90,90,0`,
      9: `${at(9)},90,90,90,90,0`,
    });
    const bound: Instrument = { ...TEST_INSTRUMENT };
    const fills = (venue: BacktestSettings['venue']) =>
      runTask({ settings: settings({ venue, instrument: bound }), candles: { csv: falling } }, null, new Map([['grid', grid as never]]), () => undefined)
        .figures.fillCount;
    expect(fills({ volumeShare: 0.5 })).toBeLessThan(fills({}));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { assumeInstrument, toBars } from './candle-bars.ts';
import { parseCandles } from './candles.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const T0 = 1_700_000_040_000;
const row = (index: number, rest = '1.5,1.7,1.4,1.6,10') => `${T0 + index * 60_000},${rest}`;
const file = (...lines: readonly string[]) => [HEADER, ...lines].join('\n');

function refusalOf(text: string, gaps?: 'refuse' | 'fill' | 'skip'): string {
  try {
    parseCandles(text, gaps === undefined ? {} : { gaps });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('candles_invalid');
    return error.message;
  }
  return 'accepted';
}

describe('reading', () => {
  it('finds columns by name, whatever their order, case, quotes and company', () => {
    const text = '\uFEFF"Close";Volume;LOW;extra;High;Open;Open Time\r\n1.6;10;1.4;x;1.7;1.5;1700000040000\r\n1.7;11;1.5;;1.8;1.6;1700000100000\r\n';
    const candles = parseCandles(text);
    expect(candles).toMatchObject({
      length: 2,
      intervalMs: 60_000,
      open: ['1.5', '1.6'],
      high: ['1.7', '1.8'],
      low: ['1.4', '1.5'],
      close: ['1.6', '1.7'],
      volume: ['10', '11'],
      missing: 0,
    });
    expect([...candles.startAt]).toEqual([T0, T0 + 60_000]);
  });

  it.each([
    ['milliseconds', '1700000040000', '1700000100000'],
    ['milliseconds with a fraction', '1700000040000.0', '1700000100000.0'],
    ['microseconds', '1700000040000000', '1700000100000000'],
    ['seconds', '1700000040', '1700000100'],
    ['ISO in UTC', '2023-11-14T22:14:00Z', '2023-11-14T22:15:00.000Z'],
    ['ISO with an offset', '2023-11-15T00:14:00+02:00', '2023-11-15T00:15:00+02:00'],
    ['ISO without a zone, which is UTC', '2023-11-14 22:14:00', '2023-11-14 22:15'],
  ])('takes times in %s', (_, first, second) => {
    const candles = parseCandles(file(`${first},1,1,1,1,0`, `${second},1,1,1,1,0`));
    expect([...candles.startAt]).toEqual([T0, T0 + 60_000]);
  });

  it('takes days, and numbers as spreadsheets and data frames write them', () => {
    const candles = parseCandles(file('2026-01-01,8.5e-06,1E-5,8e-6,0.000009,1e3', '2026-01-02,9e-6,9e-6,9e-6,9e-6,0'));
    expect(candles.intervalMs).toBe(86_400_000);
    const instrument = assumeInstrument(candles, { symbol: 'A/B' });
    expect(instrument).toMatchObject({ priceIncrement: '0.0000001', sizeIncrement: '1' });
    expect([...toBars(candles, instrument).bars.openTicks]).toEqual([85, 90]);
  });
});

describe('what is no candle is refused with line, reason and remedy', () => {
  it.each([
    ['', 'the file is empty'],
    [
      'a,b',
      'line 1: the header has no column timestamp, open, high, low, close, volume; it reads "a,b"; let the first line name the columns: timestamp,open,high,low,close,volume',
    ],
    [`${row(0)}\n${row(1)}`, /^line 1: the header has no column/],
    ['timestamp,open,high,low,volume\n1,2,3,4,5', /^line 1: the header has no column close;/],
    [HEADER, 'the file holds no candle; at least two are needed to know their length'],
    [file(row(0)), 'the file holds one candle only; at least two are needed to know their length'],
    [file(row(0), `${T0 + 60_000},NaN,1,1,1,1`), 'line 3: open "NaN" is not a number; repair or remove the candle'],
    [file(row(0), row(1, '1,1,1,1,')), 'line 3: volume is empty; repair or remove the candle'],
    [file(row(0), row(1, '1,1e400,1,1,1')), 'line 3: a number is too large; repair or remove the candle'],
    [file(row(0), row(1, '1,Infinity,1,1,1')), 'line 3: high "Infinity" is not a number; repair or remove the candle'],
    [file(row(0), row(1, '-1,1,1,1,1')), 'line 3: open "-1" is negative; repair or remove the candle'],
    [file(row(0), row(1, '1,1,0.0,1,1')), 'line 3: low is zero; a price must be above zero; repair or remove the candle'],
    [file(row(0), row(1, '1,1,1,1,-2')), 'line 3: volume "-2" is negative; repair or remove the candle'],
    [file(row(0), row(1, '1,1,2,1,1')), 'line 3: high 1 is below low 2; repair or remove the candle'],
    [file(row(0), row(1, '3,2,1,1,1')), 'line 3: open 3 lies outside low 1 to high 2; repair or remove the candle'],
    [file(row(0), row(1, '1,2,1,0.5,1')), 'line 3: close 0.5 lies outside low 1 to high 2; repair or remove the candle'],
    [file(row(0), row(1, '1,2,1')), 'line 3: 4 columns, the header has 6; repair the line'],
    [file(row(0), '', row(1)), 'line 3: the line is empty; remove it'],
    [file(row(0), 'garbage'), 'line 3: 1 columns, the header has 6; repair the line'],
    [file('yesterday,1,1,1,1,1', row(1)), /^line 2: timestamp "yesterday" is not a time; give milliseconds/],
    [file('2026-13-45,1,1,1,1,1', row(1)), /^line 2: timestamp "2026-13-45" is not a time/],
    [file('0,1,1,1,1,1', row(1)), /^line 2: timestamp "0" is not a time/],
    [file(row(0), row(0)), 'line 3: the candle of 2023-11-14T22:14:00.000Z is there twice; remove one of them'],
    [file(row(1), row(0)), 'line 3: the candle of 2023-11-14T22:14:00.000Z comes after that of 2023-11-14T22:15:00.000Z; sort the lines by time, oldest first'],
    [
      file(row(0), row(1), row(3)),
      'line 4: 1 candle is missing between 2023-11-14T22:15:00.000Z and 2023-11-14T22:17:00.000Z; repair the file, or allow gaps by the option gaps: fill (flat candles without volume) or skip',
    ],
    [file(row(0), row(1), row(1.5), row(2.5)), /^line 3: 1 candle is missing/],
  ])('%j', (text, message) => {
    if (typeof message === 'string') expect(refusalOf(text)).toBe(message);
    else expect(refusalOf(text)).toMatch(message);
  });

  it('refuses candles of different lengths, gaps allowed or not', () => {
    const text = file(row(0), row(1), row(2.5));
    expect(refusalOf(text, 'skip')).toBe('line 4: 90000 ms after the candle before it, while others are 60000 ms apart; all candles must be of one length');
  });
});

describe('gaps', () => {
  const text = file(row(0), row(1, '1.6,1.6,1.6,1.6,5'), row(4));

  it('are filled with flat candles at the last close, where asked', () => {
    const candles = parseCandles(text, { gaps: 'fill' });
    expect(candles).toMatchObject({
      length: 5,
      missing: 2,
      open: ['1.5', '1.6', '1.6', '1.6', '1.5'],
      low: ['1.4', '1.6', '1.6', '1.6', '1.4'],
      volume: ['10', '5', '0', '0', '10'],
    });
    expect([...candles.startAt].map((at) => (at - T0) / 60_000)).toEqual([0, 1, 2, 3, 4]);
  });

  it('are left open, where asked', () => {
    const candles = parseCandles(text, { gaps: 'skip' });
    expect(candles).toMatchObject({ length: 3, missing: 2 });
  });
});

describe('in ticks', () => {
  it('rounds to the nearest increment and says how many prices that changed', () => {
    const candles = parseCandles(file(row(0, '1.512,1.738,1.4,1.6,10.5'), row(1, '1.5,1.7,1.4,1.6,10')));
    const instrument = assumeInstrument(candles, { symbol: 'A/B', priceIncrement: '0.05', sizeIncrement: '1' });
    const { bars, roundedPrices } = toBars(candles, instrument);
    expect([...bars.openTicks]).toEqual([30, 30]);
    expect([...bars.highTicks]).toEqual([35, 34]);
    expect([...bars.volumeLots]).toEqual([10, 10]);
    expect(roundedPrices).toBe(2);
  });

  it('refuses a price below half an increment', () => {
    const candles = parseCandles(file(row(0), row(1, '0.4,1.7,0.4,1.6,10')));
    expect(() => toBars(candles, assumeInstrument(candles, { symbol: 'A/B', priceIncrement: '1' }))).toThrow(
      /open 0\.4 cannot be told in increments of 1; use an instrument with a finer price increment/,
    );
  });

  it('counts every decimal exactly as big decimals do', () => {
    const decimalText = fc.tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 8 })).map(([digits, places]) => {
      const text = String(digits).padStart(places + 1, '0');
      return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
    });
    fc.assert(
      fc.property(decimalText, fc.constantFrom('0.00000001', '0.0001', '0.05', '0.25'), (text, priceIncrement) => {
        const candles = parseCandles(file(row(0, `${text},${text},${text},${text},1`), row(1)));
        const instrument = assumeInstrument(candles, { symbol: 'A/B', priceIncrement });
        const expected = Number(text) / Number(priceIncrement);
        if (expected < 0.6) return;
        expect(Math.abs((toBars(candles, instrument).bars.openTicks[0] ?? 0) - expected)).toBeLessThanOrEqual(0.5 + expected * 1e-12);
      }),
    );
  });
});

describe('an instrument without a venue', () => {
  it('has increments as fine as the file, and stated fees', () => {
    const candles = parseCandles(file(row(0, '1.50,1.7,1.4,1.6123,10.0'), row(1)));
    expect(assumeInstrument(candles, { symbol: 'WLD/USDT' })).toMatchObject({
      base: 'WLD',
      quote: 'USDT',
      priceIncrement: '0.0001',
      sizeIncrement: '1',
      minNotional: '5',
      makerFeeRate: '0.001',
      takerFeeRate: '0.001',
    });
    expect(() => assumeInstrument(candles, { symbol: 'WLDUSDT' })).toThrow('"WLDUSDT" is not a symbol such as BTC/USDT');
  });
});

/** Candles out of files that others have written, and into files that they can read; the files of `test/history` were written by pyarrow 25. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featherCodec } from '#adapters/history/feather.ts';
import { parquetCodec } from '#adapters/history/parquet.ts';
import { candleAt, columnsOf } from '#core/bars/candle-columns.ts';
import type { CandleColumns } from '#core/history.ts';
import { closedBefore, readCandleFile, writeCandleFile } from './candle-files.ts';
import { type CandleFormat, FORMATS, fileNameOf, namedCandles } from './file-names.ts';

const FILES = join(import.meta.dirname, '..', '..', '..', 'test', 'history');
const CODECS = { feather: featherCodec, parquet: parquetCodec };
const FIVE_MINUTES = 300_000;
const BEGIN = Date.UTC(2026, 0, 1);

function read(bytes: Uint8Array | string, format: CandleFormat, intervalMs = FIVE_MINUTES): Promise<CandleColumns> {
  return readCandleFile(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, format, intervalMs, CODECS);
}

function candles(count: number): CandleColumns {
  return columnsOf(
    Array.from({ length: count }, (_, index) => ({
      startAt: BEGIN + index * FIVE_MINUTES,
      open: 100.1,
      high: 103.25,
      low: 1e-8,
      close: 101.7,
      volume: 1e21 * index,
    })),
    FIVE_MINUTES,
  );
}

describe('a Feather file for freqtrade', () => {
  it.each([0, 3])('of %i candles has its columns by their places', async (count) => {
    const names = ['date', 'open', 'high', 'low', 'close', 'volume'];
    const { rows, columns } = await featherCodec.decode(await writeCandleFile(candles(count), 'feather', CODECS), names);
    expect([rows, [...columns.keys()]]).toEqual([count, names]);
    expect([...(columns.get('date') ?? [])]).toEqual(Array.from({ length: count }, (_, index) => BEGIN + index * FIVE_MINUTES));
  });

  it('without a candle in it is refused as such', async () => {
    const empty = await writeCandleFile(candles(0), 'feather', CODECS);
    await expect(read(empty, 'feather')).rejects.toMatchObject({ code: 'candles_invalid', message: expect.stringMatching(/hold|no candles|nothing/) });
  });
});

describe('a file of another program', () => {
  it.each([
    ['BTC_USDT-5m.feather', 'packed with lz4, as freqtrade does'],
    ['zstd.feather', 'packed with zstd'],
    ['plain.feather', 'not packed'],
    ['BTC_USDT_USDT-5m-futures.feather', 'with times in nanoseconds'],
    ['snappy.parquet', 'packed with snappy'],
    ['zstd.parquet', 'packed with zstd, with times in nanoseconds'],
    ['gzip.parquet', 'packed with gzip'],
  ])('%s, %s, gives its candles', async (name) => {
    const table = await read(readFileSync(join(FILES, name)), name.endsWith('feather') ? 'feather' : 'parquet');
    expect(table.length).toBe(40);
    expect(candleAt(table, 0)).toEqual({ startAt: BEGIN, open: 100.1, high: 103.25, low: 99.05, close: 101.7, volume: 0 });
    expect(candleAt(table, 39)).toEqual({ startAt: BEGIN + 39 * FIVE_MINUTES, open: 139.1, high: 142.25, low: 138.05, close: 140.7, volume: 19.5 });
  });

  it.each([
    ['nulls.feather', 'column close lacks 1 values'],
    ['nulls.parquet', 'column close holds nothing where a number should be'],
  ])('%s that lacks values is refused', async (name, problem) => {
    await expect(read(readFileSync(join(FILES, name)), name.endsWith('feather') ? 'feather' : 'parquet')).rejects.toMatchObject({
      name: 'AppError',
      code: 'candles_invalid',
      message: expect.stringContaining(problem),
    });
  });

  it.each(['feather', 'parquet'] as const)('that is cut off or is no %s at all is refused, wherever it ends', async (format) => {
    const whole = readFileSync(join(FILES, format === 'feather' ? 'BTC_USDT-5m.feather' : 'snappy.parquet'));
    for (let length = 0; length < whole.length - 8; length += 97)
      await expect(read(whole.subarray(0, length), format)).rejects.toMatchObject({ name: 'AppError', code: 'candles_invalid' });
    await expect(read('timestamp,open', format)).rejects.toMatchObject({ code: 'candles_invalid' });
  });
});

describe('what is written', () => {
  it.each(FORMATS)('as %s is read again to the last digit', async (format) => {
    const given = candles(30);
    expect(await read(await writeCandleFile(given, format, CODECS), format)).toEqual(given);
  });

  it('is the shortest decimal that means the number, without exponents, in text', async () => {
    const number = fc.double({ noNaN: true, min: 1e-12, max: 1e24 });
    await fc.assert(
      fc.asyncProperty(number, fc.constantFrom('csv', 'json'), async (price, format) => {
        const given = columnsOf(
          [0, 1].map((index) => ({ startAt: BEGIN + index * FIVE_MINUTES, open: price, high: price, low: price, close: price, volume: price })),
          FIVE_MINUTES,
        );
        const bytes = await writeCandleFile(given, format, CODECS);
        expect(new TextDecoder().decode(bytes)).not.toMatch(/\de/);
        expect(await read(bytes, format)).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a file with faults', () => {
  const row = (minutes: number, figures = '100,101,99,100.5,3') => `[${BEGIN + minutes * 60_000},${figures}]`;
  it.each([
    ['json', `[${row(0)},${row(5, '100,101,99,0,3')}]`, 'row 2: close 0 is not above zero; repair or remove it'],
    ['json', `[${row(0)},${row(5, '100,101,"NaN",100,3')}]`, 'row 2 has "NaN" for low; give a number'],
    ['json', `[${row(0)},${row(5, '100,101,99,100')}]`, 'row 2 is neither a list of six values nor an object; repair or remove it'],
    ['json', `[${row(5)},${row(0)}]`, 'row 2: the candle of 2026-01-01T00:00:00.000Z comes after that of 2026-01-01T00:05:00.000Z; repair or remove it'],
    ['json', `[${row(5)},${row(5)}]`, 'row 2: the candle of 2026-01-01T00:05:00.000Z is there twice; repair or remove it'],
    ['json', `[${row(5)},${row(11)}]`, 'row 2: the candle of 2026-01-01T00:11:00.000Z does not open where one of 300000 ms does; repair or remove it'],
    ['json', '[{"open":1}]', 'row 1 has none of date, timestamp, time, start_at, open_time; name its time so'],
    ['json', '{"candles":1}', /^the file must hold a list of candles/],
    ['json', '[', /^the file is not JSON: /],
    ['json', '[]', 'the file holds no candle'],
    ['csv', 'timestamp,open,high,low,close,volume\n2026-01-01,1,2,1,1,1\n2026-01-01T00:05:00Z,1,0.5,1,1,1\n', /^line 3: high 0.5 is below low 1/],
    ['csv', 'a,b\n1,2\n', /^line 1: the header has no column timestamp/],
    ['csv', new Uint8Array([0xff, 0xfe, 0x41]), 'the file is not text in UTF-8; is it of another format, or compressed?'],
  ] as const)('%s %j is refused with where it is and what to do', async (format, text, message) => {
    await expect(read(text as string, format)).rejects.toMatchObject({
      name: 'AppError',
      code: 'candles_invalid',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('of another interval is refused', async () => {
    const hours = Array.from({ length: 12 }, (_, hour) => row(hour * 60)).join();
    await expect(read(`[${hours}]`, 'json')).rejects.toThrow(
      'no two candles of the file are 300000 ms apart, the nearest are 3600000 ms; give the interval that they have',
    );
  });
});

it('a candle that is not over is left out', () => {
  expect(closedBefore(candles(10), BEGIN + 10 * FIVE_MINUTES).length).toBe(10);
  expect(closedBefore(candles(10), BEGIN + 10 * FIVE_MINUTES - 1).length).toBe(9);
});

describe('names of files', () => {
  it.each([
    ['BTC_USDT-5m.feather', { symbol: 'BTC/USDT', interval: '5m', format: 'feather', isGzip: false }],
    ['BTC_USDT_USDT-1h-futures.feather', { symbol: 'BTC/USDT:USDT', interval: '1h', format: 'feather', isGzip: false }],
    ['1000SATS_USDT-1d.json.gz', { symbol: '1000SATS/USDT', interval: '1d', format: 'json', isGzip: true }],
    ['candles.csv', { format: 'csv', isGzip: false }],
    ['BTC_USDT-7m.parquet', { symbol: 'BTC/USDT', format: 'parquet', isGzip: false }],
    ['notes', { isGzip: false }],
  ])('%s says what is in it', (name, expected) => {
    expect(namedCandles(name)).toEqual(expected);
  });

  it('of mark prices are told apart from candles of trades', () => {
    expect(() => namedCandles('BTC_USDT_USDT-1h-mark.feather')).toThrow('holds mark prices');
  });

  it('are those that freqtrade looks for', () => {
    expect(fileNameOf('BTC/USDT', '5m', 'feather')).toBe('BTC_USDT-5m.feather');
    expect(fileNameOf('BTC/USDT:USDT', '1h', 'feather')).toBe('futures/BTC_USDT_USDT-1h-futures.feather');
  });
});
